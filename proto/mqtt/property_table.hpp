#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::mqtt {

/// v5 2.2.2.2, table 2-4.
enum class PropertyId : std::uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

enum class PropertyType : std::uint8_t {
  byte,
  two_bytes,
  four_bytes,
  variable_byte_integer,
  string,
  binary,
  string_pair
};

/// Beyond its type, what a value must be.
enum class PropertyRule : std::uint8_t { any, zero_or_one, not_zero, topic_name };

/// Where a property block stands: in a packet of a type, or in the Will of a CONNECT.
enum class PropertyPlace : std::uint8_t { will = 0 };
constexpr PropertyPlace place_of(PacketType type) { return static_cast<PropertyPlace>(type); }

struct PropertyInfo {
  PropertyId id{};
  const char* name = nullptr;  ///< null: no property has this number
  PropertyType type{};
  std::uint16_t places = 0;      ///< a bit per PropertyPlace
  std::uint16_t repeatable = 0;  ///< the places where it may stand more than once
  PropertyRule rule = PropertyRule::any;

  constexpr bool allowed_in(PropertyPlace place) const { return (places >> static_cast<unsigned>(place) & 1U) != 0; }
  constexpr bool repeatable_in(PropertyPlace place) const {
    return (repeatable >> static_cast<unsigned>(place) & 1U) != 0;
  }
};

inline constexpr std::size_t property_id_max = 0x2A;

namespace detail {

constexpr std::uint16_t places(auto... types) {
  return static_cast<std::uint16_t>((0U | ... | (1U << static_cast<unsigned>(types))));
}

inline constexpr std::uint16_t in_will = places(PropertyPlace::will);
inline constexpr std::uint16_t in_connect = places(PacketType::connect);
inline constexpr std::uint16_t in_connack = places(PacketType::connack);
inline constexpr std::uint16_t in_publish = places(PacketType::publish);
inline constexpr std::uint16_t in_subscribe = places(PacketType::subscribe);
inline constexpr std::uint16_t in_disconnect = places(PacketType::disconnect);
inline constexpr std::uint16_t in_auth = places(PacketType::auth);
inline constexpr std::uint16_t with_reason = in_connack | in_disconnect | in_auth |
                                             places(PacketType::puback, PacketType::pubrec, PacketType::pubrel,
                                                    PacketType::pubcomp, PacketType::suback, PacketType::unsuback);
inline constexpr std::uint16_t everywhere =
    with_reason | in_will | in_connect | in_publish | in_subscribe | places(PacketType::unsubscribe);

inline constexpr PropertyInfo property_rows[] = {
    {PropertyId::payload_format_indicator, "Payload Format Indicator", PropertyType::byte, in_publish | in_will, 0,
     PropertyRule::zero_or_one},
    {PropertyId::message_expiry_interval, "Message Expiry Interval", PropertyType::four_bytes, in_publish | in_will},
    {PropertyId::content_type, "Content Type", PropertyType::string, in_publish | in_will},
    {PropertyId::response_topic, "Response Topic", PropertyType::string, in_publish | in_will, 0,
     PropertyRule::topic_name},
    {PropertyId::correlation_data, "Correlation Data", PropertyType::binary, in_publish | in_will},
    {PropertyId::subscription_identifier, "Subscription Identifier", PropertyType::variable_byte_integer,
     in_publish | in_subscribe, in_publish, PropertyRule::not_zero},
    {PropertyId::session_expiry_interval, "Session Expiry Interval", PropertyType::four_bytes,
     in_connect | in_connack | in_disconnect},
    {PropertyId::assigned_client_identifier, "Assigned Client Identifier", PropertyType::string, in_connack},
    {PropertyId::server_keep_alive, "Server Keep Alive", PropertyType::two_bytes, in_connack},
    {PropertyId::authentication_method, "Authentication Method", PropertyType::string,
     in_connect | in_connack | in_auth},
    {PropertyId::authentication_data, "Authentication Data", PropertyType::binary, in_connect | in_connack | in_auth},
    {PropertyId::request_problem_information, "Request Problem Information", PropertyType::byte, in_connect, 0,
     PropertyRule::zero_or_one},
    {PropertyId::will_delay_interval, "Will Delay Interval", PropertyType::four_bytes, in_will},
    {PropertyId::request_response_information, "Request Response Information", PropertyType::byte, in_connect, 0,
     PropertyRule::zero_or_one},
    {PropertyId::response_information, "Response Information", PropertyType::string, in_connack},
    {PropertyId::server_reference, "Server Reference", PropertyType::string, in_connack | in_disconnect},
    {PropertyId::reason_string, "Reason String", PropertyType::string, with_reason},
    {PropertyId::receive_maximum, "Receive Maximum", PropertyType::two_bytes, in_connect | in_connack, 0,
     PropertyRule::not_zero},
    {PropertyId::topic_alias_maximum, "Topic Alias Maximum", PropertyType::two_bytes, in_connect | in_connack},
    {PropertyId::topic_alias, "Topic Alias", PropertyType::two_bytes, in_publish, 0, PropertyRule::not_zero},
    {PropertyId::maximum_qos, "Maximum QoS", PropertyType::byte, in_connack, 0, PropertyRule::zero_or_one},
    {PropertyId::retain_available, "Retain Available", PropertyType::byte, in_connack, 0, PropertyRule::zero_or_one},
    {PropertyId::user_property, "User Property", PropertyType::string_pair, everywhere, everywhere},
    {PropertyId::maximum_packet_size, "Maximum Packet Size", PropertyType::four_bytes, in_connect | in_connack, 0,
     PropertyRule::not_zero},
    {PropertyId::wildcard_subscription_available, "Wildcard Subscription Available", PropertyType::byte, in_connack, 0,
     PropertyRule::zero_or_one},
    {PropertyId::subscription_identifier_available, "Subscription Identifier Available", PropertyType::byte, in_connack,
     0, PropertyRule::zero_or_one},
    {PropertyId::shared_subscription_available, "Shared Subscription Available", PropertyType::byte, in_connack, 0,
     PropertyRule::zero_or_one},
};

constexpr auto index_by_id() {
  std::array<PropertyInfo, property_id_max + 1> table{};
  for (const PropertyInfo& row : property_rows) table[static_cast<std::size_t>(row.id)] = row;
  return table;
}

}  // namespace detail

/// All properties, indexed by their identifier; the entries without a name are not defined by the standard.
inline constexpr std::array<PropertyInfo, property_id_max + 1> property_table = detail::index_by_id();

constexpr const PropertyInfo& info_of(PropertyId id) { return property_table[static_cast<std::size_t>(id)]; }
constexpr const char* to_string(PropertyId id) { return info_of(id).name; }

}  // namespace mqttzoo::mqtt
