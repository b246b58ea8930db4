#include <algorithm>
#include <utility>

#include "broker/cluster/homes/home_codec.hpp"
#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/links/hello.hpp"
#include "broker/cluster/router/shard_router.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster {

// ---------------------------------------------------------------- peers and links

void ShardRouter::take(PeerKnown&& letter) {
  peers_.add(letter.slot, letter.incarnation);
  proto::Hello hello = make_hello(proto::DATA, self_, letter.incarnation, shard_count_, cluster_);
  hello.set_shard(shard_);
  transport_.open(letter.slot, std::move(letter.cluster_address), std::move(hello));
}

void ShardRouter::take(PeerGone&& letter) {
  if (!peers_.find(letter.slot)) return;
  const Incarnation peer = peers_.find(letter.slot)->incarnation;
  transport_.close(letter.slot);
  peers_.remove(letter.slot);
  frontends_.home_lost(peer);
  interest_.forget({InterestOwner::Kind::peer, letter.slot});
  shares_.forget({InterestOwner::Kind::peer, letter.slot});
  // Without a member nothing can be matched for all of them: not before the next ActInView.
  if (acting_ && members_of_view_.has(letter.slot)) acting_ = may_match_ = false;
  forget_gone_streams();
}

void ShardRouter::link_up(LinkId link, const proto::HelloAnswer&) {
  const auto slot = static_cast<PeerSlot>(link);
  Peer* const peer = peers_.find(slot);
  if (!peer) return;
  peers_.set_up(slot);
  peer->batch.discard();
  window_.rewind(slot);
  logs_.link_up(slot);
  port_.send_to_control(DataLinkState{slot, true});
  frontends_.home_reached(peer->incarnation);
  home_.frontend_reached(peer->incarnation);
}

void ShardRouter::link_accepted(LinkId link, const proto::Hello& hello) {
  const StreamId stream{from_proto(hello.from()), static_cast<core::ShardIndex>(hello.shard())};
  if (const AcceptedLink* const before = accepted_.find(stream)) transport_.close(before->id());
  lose_frontend(stream);  // also what was opened while there was no link
  accepted_.add(link, stream, marks_.of(stream));
}

void ShardRouter::link_down(LinkId link) {
  if (link >= accepted_links) {
    if (const AcceptedLink* const accepted = accepted_.find(link)) lose_frontend(accepted->stream());
    accepted_.remove(link);
    return forget_gone_streams();
  }
  const auto slot = static_cast<PeerSlot>(link);
  Peer* const peer = peers_.find(slot);
  if (!peer) return;
  peers_.set_down(slot);
  peer->batch.discard();
  port_.send_to_control(DataLinkState{slot, false});
  frontends_.home_lost(peer->incarnation);
}

/// A stream is known as long as any of it may come again: by a link that stands, or by a new one of a peer or a member.
void ShardRouter::forget_gone_streams() {
  marks_.forget_if([&](const StreamId& stream) {
    return !accepted_.has_origin(stream.origin) && !peers_.slot_of(stream.origin) &&
           !(view_ && view_->find(stream.origin));
  });
}

// ---------------------------------------------------------------- sending

void ShardRouter::forward_at_most_once(IndexSet peers, const core::RoutedMessage& message) {
  peers.for_each([&](PeerSlot slot) { forward_at_most_once(slot, message, nullptr); });
}

/// `turn` null: for all who match.
void ShardRouter::forward_at_most_once(PeerSlot slot, const core::RoutedMessage& message, const SharedTurn* turn) {
  Peer* const peer = peers_.find(slot);
  if (!peer || !peers_.up().has(slot)) return counters_.dropped_link_down.add();
  if (unsent_bytes(slot, *peer) >= limits_.link_bytes_qos0_max) return counters_.dropped_link_full.add();
  ForwardBatch::Item item;
  item.retained_version = message.retained_version();
  if (turn) {
    item.share = turn->share->name();
    item.attempt = std::max<std::uint8_t>(turn->attempt.number, 1);  // nobody answers: the place has to take it
  }
  add_to_batch(slot, *peer, message.view(), item);
}

void ShardRouter::add_to_batch(PeerSlot slot, Peer& peer, const core::MessageView& message,
                               const ForwardBatch::Item& item) {
  const ViewNumber view = view_ ? view_->number : 0;
  const bool finished = peer.batch.bytes() >= limits_.forward_frame_bytes || peer.batch.view() != view;
  if (!peer.batch.empty() && finished) {
    peer.batch.close(transport_.output(slot), window_.finished_below());
    counters_.frames_sent.add();
  }
  peer.batch.add(view, message, item);
  counters_.messages_sent.add();
}

/// Each member's link gets what its cursor in the window has not passed, as far as there is room.
void ShardRouter::send_unfinished() {
  if (!acting_) return;
  (members_ & peers_.up()).for_each([&](PeerSlot slot) {
    Peer& peer = *peers_.find(slot);
    while (window_.has_unsent_for(slot)) {
      if (unsent_bytes(slot, peer) >= limits_.link_bytes_max) {
        wait_for_room_ = true;
        return;
      }
      const UnfinishedWindow::Message* const next = window_.next_for(slot);
      if (!next) return;
      if (next->sent_before) counters_.messages_resent.add();
      ForwardBatch::Item item;
      item.number = next->number;
      item.retained_version = next->message->retained_version();
      if (next->shared) {
        item.share = next->shared->share->name();
        item.attempt = next->shared->attempt.number;
      }
      add_to_batch(slot, peer, next->message->view(), item);
    }
  });
}

void ShardRouter::close_batches() {
  peers_.up().for_each([&](PeerSlot slot) {
    Peer& peer = *peers_.find(slot);
    if (peer.batch.empty()) return;
    peer.batch.close(transport_.output(slot), window_.finished_below());
    counters_.frames_sent.add();
  });
}

void ShardRouter::write_answers() {
  accepted_.for_each([&](AcceptedLink& link) {
    if (link.has_answers()) link.write_answers(transport_.output(link.id()));
  });
}

// ---------------------------------------------------------------- receiving

bool ShardRouter::link_frame(LinkId link, std::string_view frame) {
  if (link >= accepted_links) {
    AcceptedLink* const accepted = accepted_.find(link);
    return accepted && take_data_frame(*accepted, frame);
  }
  const auto slot = static_cast<PeerSlot>(link);
  Peer* const peer = peers_.find(slot);
  return peer && take_data_answer(slot, *peer, frame);
}

bool ShardRouter::fail_link() {
  counters_.protocol_errors.add();
  return false;
}

bool ShardRouter::take_data_frame(AcceptedLink& link, std::string_view frame) {
  if (is_forward(frame)) {
    if (!read_forward(frame, incoming_)) return fail_link();
    take_forward(link);
    return true;
  }
  proto::DataFrame parsed;
  if (!parsed.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) return fail_link();
  if (parsed.has_session_packets()) {
    return take_from_frontend(link, *parsed.mutable_session_packets()) || fail_link();
  }
  if (parsed.has_replicate()) return take_records(link.stream(), *parsed.mutable_replicate()) || fail_link();
  if (!parsed.has_home_request()) return fail_link();
  std::optional<HomeRequest> request = from_proto(parsed.home_request(), link.stream().origin);
  if (!request) return fail_link();
  const auto* const asks = std::get_if<RegisterRequest>(&*request);
  const auto* const leaves = std::get_if<UnregisterRequest>(&*request);
  const ConnectionEpoch* const epoch = asks ? &asks->epoch : leaves ? &leaves->epoch : nullptr;
  if (epoch && StreamId{epoch->frontend, epoch->shard} != link.stream()) return fail_link();
  pass_on(std::move(*request));
  take_own_letters();
  return true;
}

/// QoS 0 is delivered whatever the view. Numbered messages count only in the view in which both are members; what is
/// not above the mark was delivered before, but to partitions that have come here meanwhile, and is answered again.
void ShardRouter::take_forward(AcceptedLink& link) {
  counters_.frames_received.add();
  counters_.messages_received.add(incoming_.messages.size());
  const bool same_view = view_ && incoming_.view == view_->number && view_->find(link.stream().origin);
  bool refused = false;
  link.mark().finished_below(incoming_.finished_below);
  for (const ForwardFrame::Message& message : incoming_.messages) {
    if (message.number == 0) {
      std::size_t open = 0;
      deliver_from_peer(message, {}, open);
      continue;
    }
    if (!same_view) {
      refused = true;
      continue;
    }
    logs_.begin();  // who sends this acts in this view
    switch (take_numbered(link, message)) {
      case Numbered::kept:
        link.accept(view_->number, message.number);
        break;
      case Numbered::open:
        break;
      case Numbered::declined:
        link.decline(view_->number, message.number);
        break;
    }
  }
  if (!refused) return;
  counters_.frames_refused.add();
  proto::DataAnswer frame;
  frame.mutable_forward_answer()->set_view_number(view_ ? view_->number : 0);
  frame.mutable_forward_answer()->set_refused(true);
  append_frame(transport_.output(link.id()), frame);
}

/// Declined: it is for a Shared Subscription that has nobody here.
ShardRouter::Numbered ShardRouter::take_numbered(AcceptedLink& link, const ForwardFrame::Message& message) {
  StreamMark& mark = link.mark();
  const bool repeated = !mark.take(message.number);
  if (repeated) {
    counters_.duplicates_received.add();
    if (mark.is_open(message.number)) return Numbered::open;
    if (mark.is_declined(message.number)) return Numbered::declined;
  }
  const HandedOn from = handed_on(link.stream(), message.number, repeated);
  std::size_t open = 0;
  if (repeated && !message.share.empty()) {
    // Its member was chosen before: with the next primary, if not here.
    if (from.answered && !logs_.is_settled()) {
      waits_.add_repeated({from.stream, from.number, shard_});
      open = 1;
    }
  } else if (!deliver_from_peer(message, from, open)) {
    counters_.shared_declined.add();
    mark.decline(message.number);
    return Numbered::declined;
  }
  if (open == 0) return Numbered::kept;
  mark.open(message.number, open);
  return Numbered::open;
}

bool ShardRouter::take_data_answer(PeerSlot slot, Peer& peer, std::string_view frame) {
  proto::DataAnswer parsed;
  if (!parsed.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) return fail_link();
  if (parsed.has_home_answer()) {
    std::optional<HomeAnswer> answer = from_proto(parsed.home_answer(), peer.incarnation);
    if (!answer) return fail_link();
    std::visit([this](const auto& one) { frontends_.receive(one); }, *answer);
    return true;
  }
  if (parsed.has_session_packets()) {
    proto::SessionPackets& packets = *parsed.mutable_session_packets();
    const ChannelId channel{{self_, shard_}, packets.serial()};
    const bool good = channels_.receive_at_frontend(
        peer.incarnation, {channel, 0, packets.taken_bytes(), std::move(*packets.mutable_packets())});
    client_->settle_connections();
    return good || fail_link();
  }
  if (parsed.has_replicated()) return take_records_answer(slot, parsed.replicated());
  if (!parsed.has_forward_answer()) return fail_link();
  const proto::ForwardAnswer& answer = parsed.forward_answer();
  if (answer.refused()) counters_.frames_refused_by_peer.add();
  logs_.note_view(slot, answer.view_number());
  if (!acting_ || answer.view_number() != view_->number) return true;
  for (const proto::NumberRange& range : answer.accepted()) window_.answered(slot, range.first(), range.last());
  for (const std::uint64_t number : answer.declined()) {
    const UnfinishedWindow::Message* const declined = window_.declined(slot, number);
    if (!declined) continue;
    const InterestOwner peer_as_owner{InterestOwner::Kind::peer, slot};
    // Not for ever: word of its able members may have come before this, by another link.
    shares_.set_unable(peer_as_owner, declined->shared->share->name(), now_.steady + 2 * limits_.share_notice_ms);
    choose_again(number, peer_as_owner);
  }
  return true;
}

}  // namespace mqttzoo::cluster
