#include <algorithm>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/core/retained_sources.hpp"
#include "broker/core/session.hpp"
#include "broker/core/shard_context.hpp"
#include "proto/mqtt/topic.hpp"

// SUBSCRIBE and UNSUBSCRIBE: v5 3.8 to 3.11; v3.1.1 3.8 to 3.11. And the retained messages of new subscriptions.
namespace mqttzoo::core {

void Session::subscribe(const mqtt::Subscribe& subscribe) {
  SubscribeAnswers::Answer answer;
  answer.packet_id = subscribe.packet_id;
  answer.attachment = attachment_;
  const std::uint32_t identifier = subscribe.properties.number_or(mqtt::PropertyId::subscription_identifier, 0);
  bool any_granted = false;
  // Those of earlier connections may wait still.
  const bool too_many_wait = subscribes_.unsettled() >= shard_.limits.unsettled_subscribes_max;
  for (const mqtt::Subscription& asked : subscribe.subscriptions) {
    const bool too_many = too_many_wait || answer.reasons.size() >= shard_.limits.filters_per_subscribe_max;
    const mqtt::ReasonCode reason =
        too_many ? mqtt::ReasonCode::quota_exceeded : enter(asked, identifier, answer.retained);
    answer.reasons.push_back(reason);
    any_granted |= !mqtt::is_error(reason);
  }
  if (!any_granted) return outlet_->send_suback(answer.packet_id, answer.reasons);
  std::vector<std::string> retained_filters;
  retained_filters.reserve(answer.retained.size());
  for (const auto& request : answer.retained) retained_filters.push_back(request.filter);
  const std::uint64_t sequence = subscribes_.expect(std::move(answer));
  shard_.router.settle_subscription({id_, sequence, log_, written_}, std::move(retained_filters));
}

/// The QoS that is granted, or why the filter is refused; the others of the packet are not affected
/// (v5 [MQTT-3.9.3-1]).
mqtt::ReasonCode Session::enter(const mqtt::Subscription& asked, std::uint32_t identifier,
                                std::vector<SubscribeAnswers::RetainedRequest>& retained) {
  const std::string_view filter = asked.topic_filter;
  const mqtt::ReasonCode refusal = check_filter(filter);
  if (mqtt::is_error(refusal)) return refusal;
  SubscriptionOptions options;
  options.identifier = identifier;
  options.qos = asked.qos;
  options.no_local = asked.no_local;
  options.retain_as_published = asked.retain_as_published;
  const bool is_new = subscriptions_.insert_or_assign(std::string(filter), options).second;
  record(session_change::Subscribed{std::string(filter), options});
  if (is_new) subscription_bytes_ += shard_.limits.bytes_of_filter(filter);
  if (mqtt::is_shared_filter(filter)) {  // no retained messages: v5 4.8.2
    join(filter, options);
    return mqtt::granted(asked.qos);
  }
  shard_.subscriptions.add(filter, *this, options);
  using mqtt::RetainHandling;
  if (asked.retain_handling == RetainHandling::send ||
      (asked.retain_handling == RetainHandling::send_if_new && is_new)) {
    retained.push_back({std::string(filter), options});
  }
  return mqtt::granted(asked.qos);
}

/// `filter` may be a shared one; what it matches and whether that is allowed is decided by the filter within.
mqtt::ReasonCode Session::check_filter(std::string_view filter) const {
  const Limits& limits = shard_.limits;
  std::string_view matched = filter;
  if (mqtt::is_shared_filter(filter)) {
    const auto shared = mqtt::parse_shared_filter(filter);
    if (!shared || filter.size() > limits.shared_filter_bytes_max) return mqtt::ReasonCode::topic_filter_invalid;
    matched = shared->filter;
  }
  if (!mqtt::valid_topic_filter(matched, {limits.topic_bytes_max, limits.topic_levels_max})) {
    return mqtt::ReasonCode::topic_filter_invalid;
  }
  if (rights_ && !rights_->may_subscribe(matched)) return mqtt::ReasonCode::not_authorized;
  return check_room(filter);
}

mqtt::ReasonCode Session::check_room(std::string_view filter) const {
  if (is_subscribed(filter)) return mqtt::ReasonCode::success;
  const Limits& limits = shard_.limits;
  const bool room = subscriptions_.size() < limits.subscriptions_max &&
                    subscription_bytes_ + limits.bytes_of_filter(filter) <= limits.subscription_bytes_max &&
                    (!mqtt::is_shared_filter(filter) || shares_.size() < limits.shared_subscriptions_max) &&
                    shard_.has_room_for(filter);
  return room ? mqtt::ReasonCode::success : mqtt::ReasonCode::quota_exceeded;
}

void Session::unsubscribe(const mqtt::Unsubscribe& unsubscribe) {
  std::vector<mqtt::ReasonCode> reasons;
  reasons.reserve(unsubscribe.topic_filters.size());
  for (const std::string_view filter : unsubscribe.topic_filters) {
    reasons.push_back(remove(filter) ? mqtt::ReasonCode::success : mqtt::ReasonCode::no_subscription_existed);
  }
  answer({Answer::Kind::unsuback, unsubscribe.packet_id, written_, std::move(reasons)});
}

/// False if there was no such subscription.
bool Session::remove(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  if (found == subscriptions_.end()) return false;
  forget_subscription(filter);
  subscription_bytes_ -= shard_.limits.bytes_of_filter(filter);
  record(session_change::Unsubscribed{std::string(filter)});
  subscriptions_.erase(found);
  return true;
}

void Session::forget_subscription(std::string_view filter) {
  if (mqtt::is_shared_filter(filter)) {
    leave(filter);
  } else {
    shard_.subscriptions.remove(filter, *this);
  }
}

// ---------------------------------------------------------------- the cluster's answers

void Session::on_retained_read_begins(std::uint64_t sequence) {
  SubscribeAnswers::Answer& answer = subscribes_.at(sequence);
  ensure(!answer.holding, "the retained messages of a SUBSCRIBE are read twice");
  answer.holding = true;
  begin_read();
}

/// A client that has another connection by now did not get SUBACK: it subscribes again, and gets them then.
void Session::on_subscription_settled(std::uint64_t sequence, std::vector<RetainedMatch> retained) {
  const SubscribeAnswers::Answer answer = subscribes_.settle(sequence);
  if (outlet_ && answer.attachment == attachment_) {
    outlet_->send_suback(answer.packet_id, answer.reasons);
    std::vector<Retained> wanted;
    wanted.reserve(retained.size());
    RetainedSources sources(shard_.authorizer);
    for (RetainedMatch& match : retained) {
      const SubscribeAnswers::RetainedRequest& request = answer.retained.at(match.filter_index);
      // An UNSUBSCRIBE may have come meanwhile.
      if (!is_subscribed(request.filter)) continue;
      if (request.options.no_local && match.message->view().publisher == client_) continue;  // v5 [MQTT-3.8.3-3]
      if (!may_receive(match.message->view().topic)) {
        shard_.counters.dropped(DropReason::may_not_receive).add();
        continue;
      }
      if (shard_.limits.check_retain_source && !sources.may_publish(match.message->view())) {
        shard_.counters.dropped(DropReason::not_authorized).add();
        continue;
      }
      wanted.push_back({std::move(match.message), request.options});
    }
    deliver_retained(std::move(wanted));
  }
  if (answer.holding) end_read();
  send_waiting();
}

/// They are sent next, before what is held back; what is held back and is no newer than one of them is dropped. They
/// wait in the queue without counting against its limits, since the retained store holds them anyway; their own is
/// Limits::retained_waiting_max.
void Session::deliver_retained(std::vector<Retained> retained) {
  const Limits& limits = shard_.limits;
  if (waiting_.size() + retained.size() > limits.retained_waiting_max + limits.queue_messages_max) {
    shard_.counters.dropped(DropReason::queue_full).add(retained.size());
    outlet_->give_up(mqtt::ReasonCode::quota_exceeded, "more retained messages than may wait for it");
    return;
  }
  if (!held_.empty()) drop_overtaken(retained);
  for (Retained& one : retained) {
    const mqtt::QoS qos = outgoing_qos(one.options.qos, one.message->view().qos);
    Waiting waiting{std::move(one.message), {}, nullptr, qos, true, false};
    if (one.options.identifier != 0) waiting.identifiers = SubscriptionIdentifiers({&one.options.identifier, 1});
    if (qos != mqtt::QoS::at_most_once && persistent()) {
      waiting.number = next_number_++;
      if (is_kept()) record_accepted(waiting);
    }
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
                                       outgoing_qos(one.options.qos, one.message->view().qos)};
  }
  session_change::Overtaken gone;
  std::uint32_t place = 0;  // among those of QoS 1 and 2
  for (std::size_t left = held_.size(); left != 0; --left) {
    Waiting waiting = std::move(held_.front());
    held_.pop_front();
    const auto found = sent.find(waiting.message->view().topic);
    const std::int64_t version = waiting.message->retained_version();
    const bool overtaken = !waiting.share && found != sent.end() && version != 0 && version <= found->second.version &&
                           waiting.qos <= found->second.qos;
    const bool kept = waiting.qos != mqtt::QoS::at_most_once;
    if (overtaken) {
      forget(waiting);
      if (kept) gone.places.push_back(place);
    } else {
      held_.push_back(std::move(waiting));
    }
    place += kept;
  }
  if (!gone.places.empty()) record(std::move(gone));
}

}  // namespace mqttzoo::core
