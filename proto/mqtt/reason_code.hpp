#pragma once

#include <cstdint>
#include <iosfwd>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::mqtt {

/// All Reason Codes of v5 2.4. The whole code base uses them for v3 clients too; the codec translates on the wire.
enum class ReasonCode : std::uint8_t {
  success = 0x00,
  normal_disconnection = 0x00,
  granted_qos_0 = 0x00,
  granted_qos_1 = 0x01,
  granted_qos_2 = 0x02,
  disconnect_with_will_message = 0x04,
  no_matching_subscribers = 0x10,
  no_subscription_existed = 0x11,
  continue_authentication = 0x18,
  re_authenticate = 0x19,
  unspecified_error = 0x80,
  malformed_packet = 0x81,
  protocol_error = 0x82,
  implementation_specific_error = 0x83,
  unsupported_protocol_version = 0x84,
  client_identifier_not_valid = 0x85,
  bad_user_name_or_password = 0x86,
  not_authorized = 0x87,
  server_unavailable = 0x88,
  server_busy = 0x89,
  banned = 0x8A,
  server_shutting_down = 0x8B,
  bad_authentication_method = 0x8C,
  keep_alive_timeout = 0x8D,
  session_taken_over = 0x8E,
  topic_filter_invalid = 0x8F,
  topic_name_invalid = 0x90,
  packet_identifier_in_use = 0x91,
  packet_identifier_not_found = 0x92,
  receive_maximum_exceeded = 0x93,
  topic_alias_invalid = 0x94,
  packet_too_large = 0x95,
  message_rate_too_high = 0x96,
  quota_exceeded = 0x97,
  administrative_action = 0x98,
  payload_format_invalid = 0x99,
  retain_not_supported = 0x9A,
  qos_not_supported = 0x9B,
  use_another_server = 0x9C,
  server_moved = 0x9D,
  shared_subscriptions_not_supported = 0x9E,
  connection_rate_exceeded = 0x9F,
  maximum_connect_time = 0xA0,
  subscription_identifiers_not_supported = 0xA1,
  wildcard_subscriptions_not_supported = 0xA2,
};

/// 0x80 and above report a failure (v5 2.4).
constexpr bool is_error(ReasonCode code) { return static_cast<std::uint8_t>(code) >= 0x80; }

constexpr ReasonCode granted(QoS qos) { return static_cast<ReasonCode>(qos); }

/// The name in the words of the standard ("Packet too large"); 0x00 is "Success". Unknown values give "Unknown reason".
const char* to_string(ReasonCode code);
std::ostream& operator<<(std::ostream& out, ReasonCode code);

/// Whether `sender` may put this code into a packet of this type (v5 2.4 and the tables of chapter 3).
bool is_allowed(ReasonCode code, PacketType type, Side sender);

/// CONNACK return codes (v3.1.1 3.2.2.3, the same in v3.1).
enum class ConnectReturnCode : std::uint8_t {
  accepted = 0,
  unacceptable_protocol_version = 1,
  identifier_rejected = 2,
  server_unavailable = 3,
  bad_user_name_or_password = 4,
  not_authorized = 5,
};

/// What a v3 client is told for a v5 code; codes without an equivalent become "Server unavailable".
ConnectReturnCode to_connect_return_code(ReasonCode code);
/// What a v3 server's answer means in v5 codes.
ReasonCode to_reason_code(ConnectReturnCode code);

}  // namespace mqttzoo::mqtt
