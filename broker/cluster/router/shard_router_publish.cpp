#include <algorithm>
#include <utility>

#include "broker/cluster/router/shard_router.hpp"

namespace mqttzoo::cluster {

using mqtt::QoS;
using mqtt::ReasonCode;

namespace {

/// Wills have no publisher who waits for an answer.
bool has_publisher(const core::PublishTicket& ticket) { return ticket.waiter != core::PublishTicket::Waiter::nobody; }

}  // namespace

void ShardRouter::publish(core::RoutedMessage& message, core::PublishTicket ticket) {
  if (!message.view().retain && !lanes_.has(message.view().topic)) [[likely]]
    return route(message, ticket, false);
  publish_in_lane(message, ticket);
}

bool ShardRouter::must_pause() const { return pausing_; }

/// `counted`: it has been waiting already, so there is room for it.
void ShardRouter::route(core::RoutedMessage& message, core::PublishTicket ticket, bool counted) {
  if (message.view().qos == QoS::at_most_once) return route_at_most_once(message);
  // What comes while a message is delivered, as connections end and read on, waits until that is done, and what comes
  // after it as well.
  if (may_match_ && held_.empty() && !records_.in_message()) return route_acknowledged(message, ticket, counted);
  if (counted || take_room(ticket)) hold(message.share(), ticket, nullptr);
}

void ShardRouter::hold(core::MessageRef message, core::PublishTicket ticket, SharedInterestRef share) {
  held_bytes_ += message->footprint_bytes();
  held_.push_back({std::move(message), ticket, std::move(share)});
  note_growth();
}

void ShardRouter::route_at_most_once(core::RoutedMessage& message) {
  client_->deliver(message);
  if (!shares_.empty()) share_at_most_once(message, peers_.up());
  const Targets targets = interest_.match(message.view().topic);
  if (targets.empty()) return;
  hand_to_shards(targets.shards, message, {});
  forward_at_most_once(targets.peers, message);
}

void ShardRouter::route_acknowledged(core::RoutedMessage& message, core::PublishTicket ticket, bool counted) {
  const Targets targets = interest_.match(message.view().topic);
  const IndexSet remote = targets.peers & members_;
  if (members_ != members_of_view_) [[unlikely]] {
    if (!(targets.peers & (members_of_view_ - members_)).empty()) counters_.dropped_unreachable.add();
  }
  if (!shares_.empty()) [[unlikely]] {
    std::vector<SharedTurn> turns = std::exchange(turns_, {});
    choose_members(message.view().topic, members_, turns);
    const bool any = !turns.empty();
    if (any) route_with_shares(message, ticket, counted, targets, turns);
    turns.clear();
    turns_ = std::move(turns);
    if (any) return;
  }
  if ((!remote.empty() || has_to_keep()) && !counted && !take_room(ticket)) return;
  const std::uint64_t number = take_number();
  const HandedOn from = handed_on(own_stream(), number, false);
  std::size_t open = 0;
  const std::size_t delivered = deliver(message, from, open);
  hand_to_shards(targets.shards, message, from);
  if (from.answered) open += static_cast<std::size_t>(targets.shards.count());
  if (!remote.empty() || open != 0) {
    append_numbered(number, message.share(), ticket, remote, open);
  } else {
    finish_locally(ticket, delivered != 0 || !targets.shards.empty());
  }
}

/// What other brokers may get of a shard has a number before anybody has it: in the order in which it is delivered.
std::uint64_t ShardRouter::take_number() {
  if (members_.empty()) return 0;
  return window_.take_number();
}

void ShardRouter::append_numbered(std::uint64_t number, core::MessageRef message, core::PublishTicket ticket,
                                  IndexSet remote, std::size_t open) {
  window_.append(number, std::move(message), ticket, remote, static_cast<std::uint32_t>(open));
  note_growth();
}

void ShardRouter::route_with_shares(core::RoutedMessage& message, core::PublishTicket ticket, bool counted,
                                    const Targets& targets, const std::vector<SharedTurn>& turns) {
  const IndexSet remote = targets.peers & members_;
  const bool any_remote = !remote.empty() || std::any_of(turns.begin(), turns.end(), [](const SharedTurn& turn) {
    return turn.owner.kind == InterestOwner::Kind::peer;
  });
  if ((any_remote || has_to_keep()) && !counted && !take_room(ticket)) return;
  const std::uint64_t number = take_number();
  const HandedOn from = handed_on(own_stream(), number, false);
  std::size_t open = 0;
  deliver(message, from, open);
  hand_to_shards(targets.shards, message, from);
  if (from.answered) open += static_cast<std::size_t>(targets.shards.count());
  OnePublish publish(window_, ticket, 0, number);
  if (!remote.empty() || open != 0) {
    append_numbered(number, message.share(), ticket, remote, open);
    publish.whole = number;
  }
  for (const SharedTurn& turn : turns) share_acknowledged(message, turn, publish);
  if (publish.whole == 0) return finish_locally(ticket, true);
  note_growth();
}

void ShardRouter::finish_locally(core::PublishTicket ticket, bool matched) {
  if (!has_publisher(ticket)) return;
  acknowledgements_.push_back({ticket, matched ? ReasonCode::success : ReasonCode::no_matching_subscribers});
}

void ShardRouter::hand_to_shards(IndexSet shards, core::RoutedMessage& message, const HandedOn& handed_on) {
  shards.for_each([&](core::ShardIndex shard) {
    counters_.messages_handed_to_shards.add();
    port_.send_to_shard(shard, ShardLetter{DeliverLetter{message.share(), handed_on}});
  });
}

void ShardRouter::release_held() {
  if (may_match_ && !to_choose_again_.empty()) choose_those_left();
  while (may_match_ && !held_.empty()) {
    Held held = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= held.message->footprint_bytes();
    core::RoutedMessage message(std::move(held.message));
    if (held.share) {
      OnePublish nobodys(window_);
      share_again(message, held.share, {}, std::nullopt, nobodys);
    } else {
      route_acknowledged(message, held.ticket, true);
    }
  }
}

// ---------------------------------------------------------------- retained publishes

/// A retained publish, or one on the topic of a retained publish that is not committed yet.
void ShardRouter::publish_in_lane(core::RoutedMessage& message, core::PublishTicket ticket) {
  const core::MessageView& view = message.view();
  if (view.qos == QoS::at_most_once && window_full()) return counters_.dropped_lane_full.add();
  if (!take_room(ticket)) return;
  if (view.retain) {
    const std::uint64_t store_ticket = lanes_.add_retained(message.share(), ticket);
    port_.send_to_control(StoreRetained{store_ticket, message.share(), ticket.refusable});
  } else {
    lanes_.add_behind(message.share(), ticket);
  }
  note_growth();
}

void ShardRouter::take(RetainedStored&& letter) {
  lanes_.answered(letter, released_);
  std::vector<RetainedLanes::Released> released = std::exchange(released_, {});
  for (RetainedLanes::Released& one : released) {
    if (one.outcome == RetainedStored::Outcome::refused) {
      counters_.retained_refused.add();
      if (has_publisher(one.ticket) && one.message->view().qos != QoS::at_most_once)
        client_->published(one.ticket, {one.reason});
      continue;
    }
    if (one.outcome == RetainedStored::Outcome::live_only) counters_.retained_live_only.add();
    core::RoutedMessage message(std::move(one.message));
    route(message, one.ticket, true);
  }
  released.clear();
  released_ = std::move(released);
}

void ShardRouter::take(DeliverHere&& letter) {
  core::RoutedMessage message(std::move(letter.message));
  client_->deliver(message);
  // Each shard has the message from control: one of them chooses.
  if (shard_ == 0 && !shares_.empty()) share_at_most_once(message, IndexSet());
}

// ---------------------------------------------------------------- from other brokers

/// For this broker's sessions: those of this shard, and of the others by their interest. Nobody sends it on. `open`:
/// so many parts of it are not kept yet. False: it is for one member of a Shared Subscription, and nobody here takes
/// it.
bool ShardRouter::deliver_from_peer(const ForwardFrame::Message& from, const HandedOn& handed_on, std::size_t& open) {
  core::RoutedMessage message(from.view);
  if (from.retained_version != 0) {
    core::MessageRef stored = core::MessageRef::copy_of(from.view);
    stored->set_retained_version(from.retained_version);
    message = core::RoutedMessage(std::move(stored));
  }
  if (!from.share.empty()) return share_from_peer(message, from, handed_on, open);
  if (handed_on.repeated) message.set_repeated();
  deliver(message, handed_on, open);
  const IndexSet shards = interest_.match(from.view.topic).shards;
  hand_to_shards(shards, message, handed_on);
  if (handed_on.answered) open += static_cast<std::size_t>(shards.count());
  return true;
}

// ---------------------------------------------------------------- bounds

bool ShardRouter::window_full() const {
  return waiting_messages() >= limits_.unfinished_messages_max || waiting_bytes() >= limits_.unfinished_bytes_max;
}

/// Whether one more publish may wait. Who cannot be told no is let in: the pause bounds how many those can be.
bool ShardRouter::take_room(core::PublishTicket ticket) {
  if (!window_full()) return true;
  if (ticket.refusable) {
    counters_.refused_window_full.add();
    client_->published(ticket, {ReasonCode::quota_exceeded});
    return false;
  }
  counters_.accepted_over_limit.add();
  return true;
}

void ShardRouter::note_growth() {
  if (window_full()) pausing_ = true;
}

}  // namespace mqttzoo::cluster
