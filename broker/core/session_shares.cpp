#include <algorithm>
#include <utility>

#include "broker/core/session.hpp"
#include "broker/core/shard_context.hpp"

// A session as a member of Shared Subscriptions: v5 4.8.2, and the same for clients of v3.
namespace mqttzoo::core {

// ---------------------------------------------------------------- membership

void Session::join(std::string_view name, const SubscriptionOptions& options) {
  keep_unacknowledged_from_now();
  note_ability();
  told_state_ = member_state();
  Share& share = shard_.shared_subscriptions.add(name, *this, options, told_state_);
  const auto known = std::find(shares_.begin(), shares_.end(), &share);
  if (known == shares_.end()) shares_.emplace_back(&share);
}

void Session::leave(std::string_view name) {
  const auto found =
      std::find_if(shares_.begin(), shares_.end(), [&](const ShareRef& share) { return share->name() == name; });
  if (found == shares_.end()) return;  // as in leave_shares
  const ShareRef share = std::exchange(*found, std::move(shares_.back()));
  shares_.pop_back();
  shard_.shared_subscriptions.remove(*share, *this);
}

void Session::leave_shares() {
  for (const ShareRef& share : std::exchange(shares_, {})) shard_.shared_subscriptions.remove(*share, *this);
}

/// What is in flight already was not shared.
void Session::keep_unacknowledged_from_now() {
  if (keeps_unacknowledged_) return;
  keeps_unacknowledged_ = true;
  while (unacknowledged_.size() < in_flight_.span()) unacknowledged_.push_back({});
}

MemberState Session::member_state() const {
  if (!outlet_) return MemberState::away;
  const bool able = !outlet_full_ && holds_ == 0 && committed_ == 0 && in_flight_.has_room_beside(waiting_.size()) &&
                    unacknowledged_bytes_ < shard_.limits.queue_bytes_max;
  return able ? MemberState::able : MemberState::connected;
}

void Session::tell_ability() {
  const MemberState state = member_state();
  if (state == told_state_) return;
  told_state_ = state;
  for (const ShareRef& share : shares_) shard_.shared_subscriptions.set_state(*share, *this, state);
}

// ---------------------------------------------------------------- messages

bool Session::deliver_shared(RoutedMessage& message, PublishEncoder& encoder, SubscriptionOptions options, Share& share,
                             bool may_wait) {
  if (stopped_) return false;
  PublishForm form;
  form.qos = outgoing_qos(options.qos, message.view().qos);
  form.retain = options.retain_as_published && message.view().retain;
  if (options.identifier != 0) form.identifiers = {&options.identifier, 1};
  if (outlet_ && holds_ == 0) {
    const SendResult result = send_shared(message, encoder, form, share);
    if (result != SendResult::no_room) return result == SendResult::sent;
  }
  if (!may_wait || message.view().expires_at == expires_at_once) return false;
  const bool at_most_once = form.qos == mqtt::QoS::at_most_once;
  if (at_most_once && (outlet_full_ || (!outlet_ && !shard_.limits.queue_qos0_messages))) return false;
  const std::size_t bytes = message.share()->footprint_bytes();
  if (!has_room(bytes)) return false;
  put_in_queue(message, form, bytes, at_most_once ? nullptr : &share);
  return true;
}

SendResult Session::send_shared(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form, Share& share) {
  if (form.qos == mqtt::QoS::at_most_once) {
    if (ahead_of_qos0_ != 0) return SendResult::no_room;
    const SendResult result = outlet_->send_publish(encoder, form);
    if (result == SendResult::no_room) note_outlet_full();
    return result;
  }
  if (is_kept()) {
    const std::size_t bytes = message.view().footprint_bytes();
    if (member_state() != MemberState::able || !has_room(bytes)) return SendResult::no_room;
    put_in_queue(message, form, bytes, &share);  // until it is committed
    return SendResult::sent;
  }
  if (!waiting_.empty()) return SendResult::no_room;
  const SendResult result = send_in_window(persistent() ? next_number_ : 0, encoder, form);
  if (result == SendResult::sent) {
    keep_unacknowledged(message.share(), form, &share);
    if (persistent()) ++next_number_;
  }
  return result;
}

// ---------------------------------------------------------------- the end

/// What another member can take: what was not sent, and what was sent at QoS 1. A QoS 2 delivery that has begun goes to
/// nobody else (v5 [MQTT-4.8.2-5]).
std::vector<Session::Waiting> Session::take_shared_messages() {
  std::vector<Waiting> taken;
  if (!keeps_unacknowledged_) return taken;
  for (std::size_t place = 0; place < unacknowledged_.size(); ++place) {
    Waiting& sent = unacknowledged_[place];
    if (sent.share && in_flight_[place] == InFlightState::awaiting_puback) taken.push_back(std::move(sent));
  }
  for (Ring<Waiting>* const queue : {&waiting_, &held_}) {
    for (std::size_t i = 0; i < queue->size(); ++i) {
      if ((*queue)[i].share) taken.push_back(std::move((*queue)[i]));
    }
  }
  return taken;
}

/// A message that its client may not receive any more. Another member may.
void Session::leave_to_others(const Waiting& message) {
  const bool begun = message.qos == mqtt::QoS::exactly_once && !message.counted;  // as in take_shared_messages
  if (!message.share || begun) return shard_.counters.dropped(DropReason::may_not_receive).add();
  const ShareRef share = message.share;
  shard_.router.publish_to_share(share->name(), message.message);
}

void Session::give_to_others(std::vector<Waiting> messages) {
  for (Waiting& one : messages) {
    if (one.message->view().expires_at == expires_at_once) {  // its one chance was this client (v5 [MQTT-3.3.2-5])
      shard_.counters.dropped(DropReason::expired).add();
    } else {
      shard_.router.publish_to_share(one.share->name(), std::move(one.message));
    }
  }
}

}  // namespace mqttzoo::core
