#include "broker/core/version_policy.hpp"

namespace mqttzoo::core {

namespace {

constexpr VersionPolicy v3_policy{
    .server_disconnects = false,
    .refuses_publishes = false,
    .announces_limits = false,
    .session_expires = false,
    .has_properties = false,
};
constexpr VersionPolicy v5_policy{
    .server_disconnects = true,
    .refuses_publishes = true,
    .announces_limits = true,
    .session_expires = true,
    .has_properties = true,
};

}  // namespace

const VersionPolicy& policy_of(mqtt::ProtocolVersion version) {
  return version == mqtt::ProtocolVersion::v5 ? v5_policy : v3_policy;
}

bool connack_tells(mqtt::ProtocolVersion version, mqtt::ReasonCode reason) {
  if (version == mqtt::ProtocolVersion::v5) return true;
  switch (reason) {
    case mqtt::ReasonCode::malformed_packet:
    case mqtt::ReasonCode::protocol_error:
    case mqtt::ReasonCode::packet_too_large:
    case mqtt::ReasonCode::topic_name_invalid:
    case mqtt::ReasonCode::qos_not_supported:
    case mqtt::ReasonCode::retain_not_supported:
    case mqtt::ReasonCode::implementation_specific_error:
      return false;
    default:
      return true;
  }
}

mqtt::ReasonCode connack_reason(mqtt::ReasonCode reason) {
  if (mqtt::is_allowed(reason, mqtt::PacketType::connack, mqtt::Side::server)) return reason;
  return reason == mqtt::ReasonCode::server_shutting_down ? mqtt::ReasonCode::server_unavailable
                                                          : mqtt::ReasonCode::unspecified_error;
}

}  // namespace mqttzoo::core
