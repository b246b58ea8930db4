#include "proto/mqtt/reason_code.hpp"

#include <array>
#include <ostream>

namespace mqttzoo::mqtt {

namespace {

constexpr unsigned bit(PacketType type) { return 1U << static_cast<unsigned>(type); }

constexpr unsigned connack = bit(PacketType::connack);
constexpr unsigned received = bit(PacketType::puback) | bit(PacketType::pubrec);
constexpr unsigned released = bit(PacketType::pubrel) | bit(PacketType::pubcomp);
constexpr unsigned suback = bit(PacketType::suback);
constexpr unsigned unsuback = bit(PacketType::unsuback);
constexpr unsigned disconnect = bit(PacketType::disconnect);
constexpr unsigned auth = bit(PacketType::auth);

struct ReasonInfo {
  ReasonCode code;
  const char* name;
  unsigned client;  ///< packet types in which a client may send it
  unsigned server;  ///< the same for a server
};

/// v5 2.4, with the "sent by" columns of 3.14.2.1 and 3.15.2.1. A server's DISCONNECT with 0x00 is let through although
/// only clients are listed: an empty DISCONNECT means that code, whoever sends it.
constexpr ReasonInfo reason_table[] = {
    {ReasonCode::success, "Success", received | released | disconnect,
     connack | received | released | suback | unsuback | disconnect | auth},
    {ReasonCode::granted_qos_1, "Granted QoS 1", 0, suback},
    {ReasonCode::granted_qos_2, "Granted QoS 2", 0, suback},
    {ReasonCode::disconnect_with_will_message, "Disconnect with Will Message", disconnect, 0},
    {ReasonCode::no_matching_subscribers, "No matching subscribers", received, received},
    {ReasonCode::no_subscription_existed, "No subscription existed", 0, unsuback},
    {ReasonCode::continue_authentication, "Continue authentication", auth, auth},
    {ReasonCode::re_authenticate, "Re-authenticate", auth, 0},
    {ReasonCode::unspecified_error, "Unspecified error", received | disconnect,
     connack | received | suback | unsuback | disconnect},
    {ReasonCode::malformed_packet, "Malformed Packet", disconnect, connack | disconnect},
    {ReasonCode::protocol_error, "Protocol Error", disconnect, connack | disconnect},
    {ReasonCode::implementation_specific_error, "Implementation specific error", received | disconnect,
     connack | received | suback | unsuback | disconnect},
    {ReasonCode::unsupported_protocol_version, "Unsupported Protocol Version", 0, connack},
    {ReasonCode::client_identifier_not_valid, "Client Identifier not valid", 0, connack},
    {ReasonCode::bad_user_name_or_password, "Bad User Name or Password", 0, connack},
    {ReasonCode::not_authorized, "Not authorized", received, connack | received | suback | unsuback | disconnect},
    {ReasonCode::server_unavailable, "Server unavailable", 0, connack},
    {ReasonCode::server_busy, "Server busy", 0, connack | disconnect},
    {ReasonCode::banned, "Banned", 0, connack},
    {ReasonCode::server_shutting_down, "Server shutting down", 0, disconnect},
    {ReasonCode::bad_authentication_method, "Bad authentication method", 0, connack | disconnect},
    {ReasonCode::keep_alive_timeout, "Keep Alive timeout", 0, disconnect},
    {ReasonCode::session_taken_over, "Session taken over", 0, disconnect},
    {ReasonCode::topic_filter_invalid, "Topic Filter invalid", 0, suback | unsuback | disconnect},
    {ReasonCode::topic_name_invalid, "Topic Name invalid", received | disconnect, connack | received | disconnect},
    {ReasonCode::packet_identifier_in_use, "Packet Identifier in use", received, received | suback | unsuback},
    {ReasonCode::packet_identifier_not_found, "Packet Identifier not found", released, released},
    {ReasonCode::receive_maximum_exceeded, "Receive Maximum exceeded", disconnect, disconnect},
    {ReasonCode::topic_alias_invalid, "Topic Alias invalid", disconnect, disconnect},
    {ReasonCode::packet_too_large, "Packet too large", disconnect, connack | disconnect},
    {ReasonCode::message_rate_too_high, "Message rate too high", disconnect, disconnect},
    {ReasonCode::quota_exceeded, "Quota exceeded", received | disconnect, connack | received | suback | disconnect},
    {ReasonCode::administrative_action, "Administrative action", disconnect, disconnect},
    {ReasonCode::payload_format_invalid, "Payload format invalid", received | disconnect,
     connack | received | disconnect},
    {ReasonCode::retain_not_supported, "Retain not supported", 0, connack | disconnect},
    {ReasonCode::qos_not_supported, "QoS not supported", 0, connack | disconnect},
    {ReasonCode::use_another_server, "Use another server", 0, connack | disconnect},
    {ReasonCode::server_moved, "Server moved", 0, connack | disconnect},
    {ReasonCode::shared_subscriptions_not_supported, "Shared Subscriptions not supported", 0, suback | disconnect},
    {ReasonCode::connection_rate_exceeded, "Connection rate exceeded", 0, connack | disconnect},
    {ReasonCode::maximum_connect_time, "Maximum connect time", 0, disconnect},
    {ReasonCode::subscription_identifiers_not_supported, "Subscription Identifiers not supported", 0,
     suback | disconnect},
    {ReasonCode::wildcard_subscriptions_not_supported, "Wildcard Subscriptions not supported", 0, suback | disconnect},
};

constexpr auto reason_by_code = [] {
  std::array<ReasonInfo, 256> table{};
  for (const ReasonInfo& row : reason_table) table[static_cast<std::size_t>(row.code)] = row;
  return table;
}();

}  // namespace

const char* to_string(ReasonCode code) {
  const char* const name = reason_by_code[static_cast<std::size_t>(code)].name;
  return name != nullptr ? name : "Unknown reason";
}

std::ostream& operator<<(std::ostream& out, ReasonCode code) { return out << to_string(code); }

bool is_allowed(ReasonCode code, PacketType type, Side sender) {
  const ReasonInfo& info = reason_by_code[static_cast<std::size_t>(code)];
  return ((sender == Side::client ? info.client : info.server) & bit(type)) != 0;
}

ConnectReturnCode to_connect_return_code(ReasonCode code) {
  switch (code) {
    case ReasonCode::success:
      return ConnectReturnCode::accepted;
    case ReasonCode::unsupported_protocol_version:
      return ConnectReturnCode::unacceptable_protocol_version;
    case ReasonCode::client_identifier_not_valid:
      return ConnectReturnCode::identifier_rejected;
    case ReasonCode::bad_user_name_or_password:
    case ReasonCode::bad_authentication_method:
      return ConnectReturnCode::bad_user_name_or_password;
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
      return ConnectReturnCode::not_authorized;
    default:
      return ConnectReturnCode::server_unavailable;
  }
}

ReasonCode to_reason_code(ConnectReturnCode code) {
  switch (code) {
    case ConnectReturnCode::accepted:
      return ReasonCode::success;
    case ConnectReturnCode::unacceptable_protocol_version:
      return ReasonCode::unsupported_protocol_version;
    case ConnectReturnCode::identifier_rejected:
      return ReasonCode::client_identifier_not_valid;
    case ConnectReturnCode::server_unavailable:
      return ReasonCode::server_unavailable;
    case ConnectReturnCode::bad_user_name_or_password:
      return ReasonCode::bad_user_name_or_password;
    case ConnectReturnCode::not_authorized:
      return ReasonCode::not_authorized;
  }
  return ReasonCode::unspecified_error;
}

}  // namespace mqttzoo::mqtt
