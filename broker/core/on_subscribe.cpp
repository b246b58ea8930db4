#include <utility>

#include "broker/core/connection_send.hpp"
#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/topic.hpp"

// SUBSCRIBE and UNSUBSCRIBE: v5 3.8 to 3.11; v3.1.1 3.8 to 3.11.
namespace mqttzoo::core {

void Connection::on_subscribe(const mqtt::Frame& frame) {
  const auto subscribe = mqtt::decode_subscribe(frame, version_);
  if (!subscribe) return fail(subscribe.error());
  SubscribeAnswers::Answer answer;
  answer.packet_id = subscribe->packet_id;
  std::vector<std::string> retained_filters;
  bool any_granted = false;
  SubscriptionOptions options;
  options.identifier = subscribe->properties.number_or(mqtt::PropertyId::subscription_identifier, 0);
  for (const mqtt::Subscription& asked : subscribe->subscriptions) {
    const bool too_many = answer.reasons.size() >= shard_.limits.filters_per_subscribe_max;
    const mqtt::ReasonCode refusal = too_many ? mqtt::ReasonCode::quota_exceeded : check_filter(asked.topic_filter);
    answer.reasons.push_back(mqtt::is_error(refusal) ? refusal : mqtt::granted(asked.qos));
    if (mqtt::is_error(refusal)) continue;
    any_granted = true;
    options.qos = asked.qos;
    options.no_local = asked.no_local;
    options.retain_as_published = asked.retain_as_published;
    const bool is_new = !session_->is_subscribed(asked.topic_filter);
    session_->subscribe(asked.topic_filter, options);
    using mqtt::RetainHandling;
    if (asked.retain_handling == RetainHandling::send ||
        (asked.retain_handling == RetainHandling::send_if_new && is_new)) {
      answer.retained.push_back({std::string(asked.topic_filter), options});
      retained_filters.emplace_back(asked.topic_filter);
    }
  }
  if (!any_granted) return send_suback(answer);
  const std::uint64_t sequence = subscribes_.expect(std::move(answer));
  if (subscribes_.unsettled() >= shard_.limits.unsettled_subscribes_max) pause(Pause::subscribing);
  shard_.router.settle_subscription({id_, sequence}, std::move(retained_filters));
}

/// success, or why the filter is refused; the others of the packet are not affected (v5 [MQTT-3.9.3-1]).
mqtt::ReasonCode Connection::check_filter(std::string_view filter) const {
  const Limits& limits = shard_.limits;
  if (mqtt::is_shared_filter(filter)) return mqtt::ReasonCode::shared_subscriptions_not_supported;
  if (!mqtt::valid_topic_filter(filter, {limits.topic_bytes_max, limits.topic_levels_max})) {
    return mqtt::ReasonCode::topic_filter_invalid;
  }
  return session_->may_subscribe(filter) ? mqtt::ReasonCode::success : mqtt::ReasonCode::quota_exceeded;
}

void Connection::send_suback(const SubscribeAnswers::Answer& answer) {
  send(mqtt::Suback{.packet_id = answer.packet_id,
                    .properties = {},
                    .reasons = mqtt::ReasonCodeList(std::span<const mqtt::ReasonCode>(answer.reasons))});
}

void Connection::on_retained_read_begins(std::uint64_t sequence) {
  SubscribeAnswers::Answer& answer = subscribes_.at(sequence);
  ensure(!answer.holding, "the retained messages of a SUBSCRIBE are read twice");
  answer.holding = true;
  session_->hold();
}

void Connection::on_subscription_settled(std::uint64_t sequence, std::vector<RetainedMatch> retained) {
  const SubscribeAnswers::Answer answer = subscribes_.settle(sequence);
  send_suback(answer);
  std::vector<Session::Retained> wanted;
  wanted.reserve(retained.size());
  for (RetainedMatch& match : retained) {
    const SubscribeAnswers::RetainedRequest& request = answer.retained.at(match.filter_index);
    // An UNSUBSCRIBE may have come meanwhile.
    if (session_->is_subscribed(request.filter)) wanted.push_back({std::move(match.message), request.options});
  }
  session_->deliver_retained(std::move(wanted));
  if (answer.holding) session_->release();
  if (subscribes_.unsettled() <= shard_.limits.unsettled_subscribes_max / 2) unpause(Pause::subscribing);
}

void Connection::on_unsubscribe(const mqtt::Frame& frame) {
  const auto unsubscribe = mqtt::decode_unsubscribe(frame, version_);
  if (!unsubscribe) return fail(unsubscribe.error());
  std::vector<mqtt::ReasonCode> reasons;
  reasons.reserve(unsubscribe->topic_filters.size());
  for (const std::string_view filter : unsubscribe->topic_filters) {
    const bool existed = session_->unsubscribe(filter);
    reasons.push_back(existed ? mqtt::ReasonCode::success : mqtt::ReasonCode::no_subscription_existed);
  }
  send(mqtt::Unsuback{.packet_id = unsubscribe->packet_id,
                      .properties = {},
                      .reasons = mqtt::ReasonCodeList(std::span<const mqtt::ReasonCode>(reasons))});
}

}  // namespace mqttzoo::core
