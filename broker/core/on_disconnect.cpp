#include <algorithm>

#include "broker/core/connection_send.hpp"
#include "proto/mqtt/decode.hpp"

// PINGREQ and DISCONNECT: v5 and v3.1.1 3.12 to 3.14.
namespace mqttzoo::core {

void Connection::on_pingreq(const mqtt::Frame& frame) {
  const auto pingreq = mqtt::decode_pingreq(frame, version_);
  if (!pingreq) return fail(pingreq.error());
  send(mqtt::Pingresp{});
}

void Connection::on_disconnect(const mqtt::Frame& frame) {
  const auto disconnect = mqtt::decode_disconnect(frame, version_, mqtt::Side::client);
  if (!disconnect) return fail(disconnect.error());
  const auto expiry = disconnect->properties.find_number(mqtt::PropertyId::session_expiry_interval);
  if (expiry.value_or(0) != 0 && asked_session_expiry_seconds_ == 0) {  // v5 3.14.2.2.2
    return fail(mqtt::ReasonCode::protocol_error, "DISCONNECT prolongs a session that was to end");
  }
  if (expiry) session_expiry_seconds_ = std::min(*expiry, shard_.limits.session_expiry_seconds_max);
  // Only 0x00 discards the Will (v5 [MQTT-3.14.4-3], v3.1.1 [MQTT-3.14.4-3]).
  fate_ = disconnect->reason == mqtt::ReasonCode::normal_disconnection ? ConnectionFate::disconnected
                                                                       : ConnectionFate::disconnected_with_will;
  end(EndCause::disconnected, disconnect->reason, "");
}

}  // namespace mqttzoo::core
