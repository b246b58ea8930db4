#include <algorithm>

#include "broker/core/connection_send.hpp"
#include "proto/mqtt/decode.hpp"

// SUBSCRIBE and UNSUBSCRIBE: v5 3.8 to 3.11; v3.1.1 3.8 to 3.11. What they mean is the session's.
namespace mqttzoo::core {

void Connection::on_subscribe(const mqtt::Frame& frame) {
  auto subscribe = mqtt::decode_subscribe(frame, version_);
  if (!subscribe) return fail(subscribe.error());
  if (++unsettled_subscribes_ >= shard_.limits.unsettled_subscribes_max) pause(Pause::subscribing);
  mqtt::SubscriptionListWriter granted;
  if (rules_.qos_max != mqtt::QoS::exactly_once) {  // the listener grants no more (v5 3.9.3, v3.1.1 3.9.3)
    for (mqtt::Subscription subscription : subscribe->subscriptions) {
      subscription.qos = std::min(subscription.qos, rules_.qos_max);
      granted.add(subscription);
    }
    subscribe->subscriptions = granted.list();
  }
  session_->subscribe(*subscribe);
  pause_if_session_must();
}

void Connection::send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  const auto failed = std::find_if(reasons.begin(), reasons.end(), mqtt::is_error);
  send_reasoned(mqtt::Suback{.packet_id = packet_id, .properties = {}, .reasons = mqtt::ReasonCodeList(reasons)},
                failed == reasons.end() ? mqtt::ReasonCode::success : *failed);
  if (--unsettled_subscribes_ <= shard_.limits.unsettled_subscribes_max / 2) unpause(Pause::subscribing);
}

void Connection::on_unsubscribe(const mqtt::Frame& frame) {
  const auto unsubscribe = mqtt::decode_unsubscribe(frame, version_);
  if (!unsubscribe) return fail(unsubscribe.error());
  session_->unsubscribe(*unsubscribe);
  pause_if_session_must();
}

void Connection::send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  send(mqtt::Unsuback{.packet_id = packet_id, .properties = {}, .reasons = mqtt::ReasonCodeList(reasons)});
}

}  // namespace mqttzoo::core
