#include "broker/cluster/control/control_links.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/links/hello.hpp"
#include "broker/cluster/view/view_codec.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

ControlLinks::ControlLinks(std::uint16_t shard_count, const ControlLimits& limits, LinkTransport& transport,
                           ControlPort& shards, InterestBoard& board, PeerWords& words, ControlReporter& reporter)
    : shard_count_(shard_count),
      limits_(limits),
      transport_(transport),
      shards_(shards),
      board_(board),
      words_(words),
      reporter_(reporter) {}

// ---------------------------------------------------------------- peers

void ControlLinks::identify(Incarnation self, std::string cluster) {
  ensure(peers_.empty(), "links say who opened them");
  self_ = std::move(self);
  cluster_ = std::move(cluster);
}

void ControlLinks::know(const std::vector<Member>& peers) {
  for (const Member& member : peers)
    if (member.incarnation != self_ && !peers_.contains(member.incarnation)) add(member);
}

void ControlLinks::add(const Member& member) {
  const auto slot = slots_.take();
  if (!slot) {
    if (!std::exchange(said_too_many_, true))
      reporter_.report(ReportLevel::error, member.incarnation.text() +
                                               " and perhaps others are left out: this broker has " +
                                               std::to_string(peers_max) + " peers, which is the most there can be");
    return;
  }
  said_too_many_ = false;
  Peer& peer = peers_
                   .emplace(member.incarnation, Peer{.member = member,
                                                     .slot = *slot,
                                                     .out = ++last_link_,
                                                     .out_up = false,
                                                     .in = {},
                                                     .sender = ControlSender(limits_),
                                                     .receiver = InterestReceiver(limits_.peer_interest_bytes_max),
                                                     .applied = {},
                                                     .data_links = {}})
                   .first->second;
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard)
    shards_.send_to_shard(shard, PeerKnown{*slot, member.incarnation, member.cluster_address, member.shard_count});

  transport_.open(peer.out, member.cluster_address,
                  make_hello(proto::CONTROL, self_, member.incarnation, shard_count_, cluster_));
}

std::vector<Incarnation> ControlLinks::peers_except(const std::set<Incarnation>& peers) const {
  std::vector<Incarnation> others;
  for (const auto& [incarnation, peer] : peers_)
    if (!peers.contains(incarnation)) others.push_back(incarnation);
  return others;
}

void ControlLinks::keep_only(const std::set<Incarnation>& peers) {
  for (auto at = peers_.begin(); at != peers_.end();) {
    if (peers.contains(at->first)) {
      ++at;
      continue;
    }
    forget(at->second);
    at = peers_.erase(at);
  }
  std::erase_if(linked_, [&](const Incarnation& incarnation) { return !peers_.contains(incarnation); });
}

void ControlLinks::forget(Peer& peer) {
  transport_.close(peer.out);
  if (peer.in) transport_.close(*peer.in);
  board_.forget(peer.member.incarnation);
  // The slot is free when no shard holds anything of this peer any more.
  InterestOf nothing;
  nothing.owner = {InterestOwner::Kind::peer, peer.slot};
  nothing.replace = true;
  board_.hand_on(std::move(nothing), [this, slot = peer.slot] { slots_.give_back(slot); });
  for (core::ShardIndex shard = 0; shard < shard_count_; ++shard) shards_.send_to_shard(shard, PeerGone{peer.slot});
}

ControlLinks::Peer* ControlLinks::by_link(LinkId link) {
  for (auto& [incarnation, peer] : peers_)
    if (peer.out == link || peer.in == link) return &peer;
  return nullptr;
}

ControlLinks::Peer* ControlLinks::by_slot(PeerSlot slot) {
  for (auto& [incarnation, peer] : peers_)
    if (peer.slot == slot) return &peer;
  return nullptr;
}

// ---------------------------------------------------------------- links

void ControlLinks::data_link(core::ShardIndex shard, DataLinkState state) {
  Peer* const peer = by_slot(state.slot);
  if (!peer) return;
  if (state.up)
    peer->data_links.insert(shard);
  else
    peer->data_links.erase(shard);
}

void ControlLinks::link_up(LinkId link, const proto::HelloAnswer& answer) {
  Peer* const peer = by_link(link);
  if (!peer || !answer.refused().empty()) return;
  peer->out_up = true;
  peer->sender.restart(board_.log());
  board_.forget(peer->member.incarnation);
}

void ControlLinks::link_accepted(LinkId link, const proto::Hello& hello) {
  const auto found = peers_.find(from_proto(hello.from()));
  if (found == peers_.end()) return transport_.close(link);
  Peer& peer = found->second;
  if (peer.in) transport_.close(*peer.in);
  peer.in = link;
  peer.heard = true;
  peer.receiver.restart();
  peer.applied.reset();
  peer.sender.repeat_applied();
}

void ControlLinks::link_down(LinkId link) {
  Peer* const peer = by_link(link);
  if (!peer) return;
  if (peer->in == link)
    peer->in.reset();
  else
    peer->out_up = false;
}

// ---------------------------------------------------------------- frames

bool ControlLinks::link_frame(LinkId link, std::string_view bytes) {
  Peer* const peer = by_link(link);
  if (!peer || peer->in != link) return false;
  proto::ControlFrame frame;
  const char* const refused = frame.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
                                  ? receive(*peer, std::move(frame))
                                  : "a frame that cannot be read";
  if (!refused) return true;
  reporter_.report(ReportLevel::error,
                   "the control link from " + peer->member.incarnation.text() + " ends: " + refused);
  return false;
}

const char* ControlLinks::receive(Peer& peer, proto::ControlFrame&& frame) {
  peer.heard = true;
  switch (frame.frame_case()) {
    case proto::ControlFrame::kInterestSnapshot:
      return take_interest(peer, peer.receiver.snapshot(std::move(*frame.mutable_interest_snapshot())));
    case proto::ControlFrame::kInterestDelta:
      return take_interest(peer, peer.receiver.delta(std::move(*frame.mutable_interest_delta())));
    case proto::ControlFrame::kInterestApplied:
      return take_applied(peer, frame.interest_applied().sequence());
    case proto::ControlFrame::kEnter: {
      const SharedView view = parse_view(frame.enter().view());
      if (!view) return "a view that cannot be";
      words_.peer_enters(view);
      return nullptr;
    }
    case proto::ControlFrame::kReady:
      words_.peer_is_ready(peer.member.incarnation, frame.ready().view_number());
      return nullptr;
    case proto::ControlFrame::kLeft:
      words_.peer_left(peer.member.incarnation);
      return nullptr;
    case proto::ControlFrame::kAlive:
      return nullptr;
    case proto::ControlFrame::FRAME_NOT_SET:
      break;
  }
  return "a frame of a kind that is unknown";
}

const char* ControlLinks::take_interest(Peer& peer, InterestReceiver::Outcome outcome) {
  if (outcome.refused || !outcome.change) return outcome.refused;
  InterestReceiver::Change& change = *outcome.change;
  const auto taken_by_all = [this, incarnation = peer.member.incarnation, link = *peer.in, sequence = change.sequence] {
    const auto found = peers_.find(incarnation);
    if (found != peers_.end() && found->second.in == link) found->second.applied = sequence;
  };
  InterestOf interest;
  interest.owner = {InterestOwner::Kind::peer, peer.slot};
  interest.replace = change.replace;
  interest.added = std::move(change.added);
  interest.removed = std::move(change.removed);
  interest.shares = std::move(change.shares);
  board_.hand_on(std::move(interest), taken_by_all);
  return nullptr;
}

const char* ControlLinks::take_applied(const Peer& peer, std::uint64_t sequence) {
  if (sequence > board_.log().sequence()) return "it confirms interest that it was never told";
  board_.confirmed(peer.member.incarnation, sequence);
  return nullptr;
}

// ---------------------------------------------------------------- in each tick

void ControlLinks::step(core::Milliseconds now) {
  linked_.clear();
  for (auto& [incarnation, peer] : peers_) {
    if (std::exchange(peer.heard, false)) peer.last_heard = now;
    std::string why_not = why_not_linked(peer, now);
    if (why_not.empty()) linked_.push_back(incarnation);
    const bool was_linked = peer.why_not_linked.empty();
    if (was_linked && !why_not.empty())
      reporter_.report(ReportLevel::warning, "not linked with " + incarnation.text() + " any more: " + why_not);
    else if (!was_linked && why_not.empty())
      reporter_.report(ReportLevel::info, "linked with " + incarnation.text() + " at " + peer.member.cluster_address);
    peer.why_not_linked = std::move(why_not);
  }
}

std::string ControlLinks::why_not_linked(const Peer& peer, core::Milliseconds now) const {
  if (!peer.out_up) return "no connection to " + peer.member.cluster_address;
  if (!peer.in) return "no connection from it";
  if (now - peer.last_heard >= limits_.link_silence_max_ms)
    return "nothing heard for more than " + std::to_string(limits_.link_silence_max_ms) + " ms";
  if (!peer.applied) return "its interest is not known yet";
  if (peer.data_links.size() < shard_count_)
    return std::to_string(peer.data_links.size()) + " of " + std::to_string(shard_count_) + " data links are up";
  return {};
}

void ControlLinks::send(const SharedView& view, bool ready, bool alive, core::Milliseconds now) {
  backlog_ = false;
  for (auto& [incarnation, peer] : peers_) {
    if (!peer.out_up) continue;
    PeerNews news{.view = view && view->find(incarnation) ? view : nullptr,
                  .ready = ready,
                  .applied = peer.applied,
                  .alive = alive};
    if (peer.sender.send(transport_.output(peer.out), board_.log(), news, now)) backlog_ = true;
  }
  release_log();
}

void ControlLinks::release_log() {
  std::uint64_t needed_after = board_.log().sequence();
  for (const auto& [incarnation, peer] : peers_)
    if (peer.out_up) needed_after = std::min(needed_after, peer.sender.needs_deltas_after());
  board_.log().release(needed_after);
}

void ControlLinks::send_left() {
  proto::ControlFrame frame;
  frame.mutable_left();
  for (auto& [incarnation, peer] : peers_)
    if (peer.out_up) append_frame(transport_.output(peer.out), frame);
}

std::vector<PeerStatus> ControlLinks::status() const {
  std::vector<PeerStatus> all;
  for (const auto& [incarnation, peer] : peers_)
    all.push_back({.incarnation = incarnation,
                   .cluster_address = peer.member.cluster_address,
                   .member = false,
                   .linked = std::binary_search(linked_.begin(), linked_.end(), incarnation),
                   .why_not_linked = peer.why_not_linked});
  return all;
}

void ControlLinks::forgive(core::Milliseconds gap) {
  for (auto& [incarnation, peer] : peers_) peer.last_heard += gap;
}

}  // namespace mqttzoo::cluster
