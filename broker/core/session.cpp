#include "broker/core/session.hpp"

#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/core/shard_context.hpp"

namespace mqttzoo::core {

Session::Session(ShardContext& shard, SessionOutlet& outlet, ConnectionId connection, std::uint16_t receive_maximum)
    : shard_(shard),
      outlet_(outlet),
      connection_(connection),
      in_flight_(std::min(receive_maximum, shard.limits.in_flight_max)) {}

bool Session::may_subscribe(std::string_view filter) const {
  if (is_subscribed(filter)) return true;
  return subscriptions_.size() < shard_.limits.subscriptions_max &&
         subscription_bytes_ + filter.size() <= shard_.limits.subscription_bytes_max &&
         shard_.subscriptions.has_room(filter);
}

void Session::subscribe(std::string_view filter, const SubscriptionOptions& options) {
  if (subscriptions_.insert_or_assign(std::string(filter), options).second) subscription_bytes_ += filter.size();
  shard_.subscriptions.add(filter, *this, options);
}

bool Session::unsubscribe(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  if (found == subscriptions_.end()) return false;
  shard_.subscriptions.remove(filter, *this);
  subscription_bytes_ -= filter.size();
  subscriptions_.erase(found);
  return true;
}

void Session::count_unsent(SendResult result) {
  const bool no_room = result == SendResult::no_room;
  shard_.counters.dropped(no_room ? DropReason::output_full : DropReason::larger_than_client_takes).add();
}

void Session::deliver_in_order(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form) {
  const bool in_turn = form.qos != mqtt::QoS::at_most_once && holds_ == 0 && waiting_.empty();
  if (!in_turn || !send_in_window(encoder, form)) wait(message, form);
}

/// False if the message has to wait: for the window or for room in the outlet.
bool Session::send_in_window(PublishEncoder& encoder, PublishForm& form) {
  if (!in_flight_.has_room()) return false;
  form.packet_id = in_flight_.next_id();
  const SendResult result = outlet_.send_publish(encoder, form);
  if (result == SendResult::no_room) return false;
  if (result == SendResult::sent) {
    const bool exactly_once = form.qos == mqtt::QoS::exactly_once;
    in_flight_.push(exactly_once ? InFlightState::awaiting_pubrec : InFlightState::awaiting_puback);
  } else {
    count_unsent(result);
  }
  return true;
}

void Session::wait(RoutedMessage& message, const PublishForm& form) {
  const std::size_t bytes =
      sizeof(Message) + message.view().topic.size() + message.view().properties.size() + message.view().payload.size();
  const bool full =
      counted_messages_ >= shard_.limits.queue_messages_max || counted_bytes_ + bytes > shard_.limits.queue_bytes_max;
  if (full) {
    shard_.counters.dropped(DropReason::queue_full).add();
    if (form.qos != mqtt::QoS::at_most_once) {
      outlet_.give_up(mqtt::ReasonCode::quota_exceeded, "the queue of its session is full");
    }
    return;
  }
  Waiting waiting{message.share(), SubscriptionIdentifiers(form.identifiers), form.qos, form.retain, true};
  ++counted_messages_;
  counted_bytes_ += bytes;
  shard_.counters.queued_messages.add();
  if (holds_ != 0) {
    held_.push_back(std::move(waiting));
  } else {
    enqueue(std::move(waiting));
  }
}

void Session::enqueue(Waiting waiting) {
  if (waiting.keeps_qos0_behind()) ++ahead_of_qos0_;
  waiting_.push_back(std::move(waiting));
}

void Session::forget(const Waiting& waiting) {
  if (!waiting.counted) return;
  --counted_messages_;
  counted_bytes_ -= waiting.message->footprint_bytes();
  shard_.counters.queued_messages.subtract();
}

void Session::release() {
  ensure(holds_ > 0, "a session was released more often than held");
  if (--holds_ != 0) return;
  while (!held_.empty()) {
    enqueue(std::move(held_.front()));
    held_.pop_front();
  }
  send_waiting();
}

void Session::deliver_retained(std::vector<Retained> retained) {
  const Limits& limits = shard_.limits;
  if (waiting_.size() + retained.size() > limits.retained_waiting_max + limits.queue_messages_max) {
    shard_.counters.dropped(DropReason::queue_full).add(retained.size());
    outlet_.give_up(mqtt::ReasonCode::quota_exceeded, "more retained messages than may wait for it");
    return;
  }
  if (!held_.empty()) drop_overtaken(retained);
  for (Retained& one : retained) {
    const mqtt::QoS qos = std::min(one.options.qos, one.message->view().qos);
    Waiting waiting{std::move(one.message), {}, qos, true, false};
    if (one.options.identifier != 0) waiting.identifiers = SubscriptionIdentifiers({&one.options.identifier, 1});
    enqueue(std::move(waiting));
  }
  send_waiting();
}

void Session::drop_overtaken(const std::vector<Retained>& retained) {
  struct Sent {
    std::int64_t version = 0;
    mqtt::QoS qos = mqtt::QoS::at_most_once;
  };
  boost::unordered_flat_map<std::string_view, Sent> sent;
  for (const Retained& one : retained) {
    sent[one.message->view().topic] = {one.message->retained_version(),
                                       std::min(one.options.qos, one.message->view().qos)};
  }
  for (std::size_t left = held_.size(); left != 0; --left) {
    Waiting waiting = std::move(held_.front());
    held_.pop_front();
    const auto found = sent.find(waiting.message->view().topic);
    const std::int64_t version = waiting.message->retained_version();
    const bool overtaken =
        found != sent.end() && version != 0 && version <= found->second.version && waiting.qos <= found->second.qos;
    if (overtaken) {
      forget(waiting);
    } else {
      held_.push_back(std::move(waiting));
    }
  }
}

void Session::send_waiting() {
  while (!stopped_ && !waiting_.empty() && send_first()) {
  }
}

/// False if the first one has to wait on.
bool Session::send_first() {
  Waiting& first = waiting_.front();
  const MessageView& view = first.message->view();
  if (view.expires_at != 0 && view.expires_at <= shard_.now.cluster) {
    shard_.counters.dropped(DropReason::expired).add();  // v5 [MQTT-3.3.2-5]
  } else {
    shard_.encoder.start(view, shard_.now.cluster, false);
    PublishForm form;
    form.qos = first.qos;
    form.retain = first.retain;
    form.identifiers = first.identifiers.view();
    if (first.qos != mqtt::QoS::at_most_once) {
      if (!send_in_window(shard_.encoder, form)) return false;
    } else {
      const SendResult result = outlet_.send_publish(shard_.encoder, form);
      if (result == SendResult::no_room) return false;
      if (result == SendResult::too_large) count_unsent(result);
    }
  }
  if (first.keeps_qos0_behind()) --ahead_of_qos0_;
  forget(first);
  waiting_.pop_front();
  return true;
}

void Session::on_puback(std::uint16_t packet_id) {
  InFlightState* const state = in_flight_.find(packet_id);
  if (!state) return;
  if (*state != InFlightState::awaiting_puback) {
    outlet_.give_up(mqtt::ReasonCode::protocol_error, "PUBACK for a QoS 2 PUBLISH");
    return;
  }
  in_flight_.acknowledge(state);
  send_waiting();
}

void Session::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  InFlightState* const state = in_flight_.find(packet_id);
  if (!state) {
    if (!mqtt::is_error(reason)) outlet_.send_pubrel(packet_id, mqtt::ReasonCode::packet_identifier_not_found);
    return;
  }
  if (*state == InFlightState::awaiting_puback) {
    outlet_.give_up(mqtt::ReasonCode::protocol_error, "PUBREC for a QoS 1 PUBLISH");
  } else if (mqtt::is_error(reason)) {  // v5 4.3.3: the identifier is free again, the message is not sent anew
    in_flight_.acknowledge(state);
    send_waiting();
  } else {
    *state = InFlightState::awaiting_pubcomp;
    outlet_.send_pubrel(packet_id, mqtt::ReasonCode::success);
  }
}

void Session::on_pubcomp(std::uint16_t packet_id) {
  InFlightState* const state = in_flight_.find(packet_id);
  if (!state) return;
  if (*state != InFlightState::awaiting_pubcomp) {
    outlet_.give_up(mqtt::ReasonCode::protocol_error, "PUBCOMP before PUBREC");
    return;
  }
  in_flight_.acknowledge(state);
  send_waiting();
}

void Session::end() {
  stopped_ = true;
  for (const auto& [filter, options] : subscriptions_) shard_.subscriptions.remove(filter, *this);
  subscriptions_.clear();
  shard_.counters.dropped(DropReason::connection_ended).add(waiting_.size() + held_.size() + in_flight_.size());
  shard_.counters.queued_messages.subtract(counted_messages_);
  waiting_.clear();
  held_.clear();
  counted_messages_ = counted_bytes_ = 0;
}

}  // namespace mqttzoo::core
