#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/mqtt/payload_lists.hpp"
#include "proto/mqtt/properties.hpp"
#include "proto/mqtt/reason_code.hpp"
#include "proto/mqtt/types.hpp"

/// One struct per packet type, the same for both directions and all versions. Text, payloads, properties and lists are
/// views: of the received frame after decoding, of the sender's memory for encoding. What a version does not have keeps
/// its default when decoded and is left out when encoded.
namespace mqttzoo::mqtt {

struct Will {
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic{};
  std::string_view payload{};
  PropertiesView properties{};
};

struct Connect {
  ProtocolVersion version = ProtocolVersion::v5;
  bool clean_start = true;  ///< Clean Session in v3
  std::uint16_t keep_alive_seconds = 0;
  PropertiesView properties{};
  std::string_view client_id{};
  std::optional<Will> will{};
  std::optional<std::string_view> user_name{};
  std::optional<std::string_view> password{};
};

struct Connack {
  bool session_present = false;  ///< not on the wire in v3.1
  ReasonCode reason = ReasonCode::success;
  PropertiesView properties{};
};

struct Publish {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::uint16_t packet_id = 0;  ///< 0 exactly with QoS 0
  std::string_view topic{};     ///< empty only in v5, with a Topic Alias
  std::string_view payload{};
  PropertiesView properties{};
};

/// The four acknowledgements of PUBLISH have one shape (v5 3.4 to 3.7).
template <PacketType type>
struct PublishAck {
  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  PropertiesView properties{};
};
using Puback = PublishAck<PacketType::puback>;
using Pubrec = PublishAck<PacketType::pubrec>;
using Pubrel = PublishAck<PacketType::pubrel>;
using Pubcomp = PublishAck<PacketType::pubcomp>;

struct Subscribe {
  std::uint16_t packet_id = 0;
  PropertiesView properties{};
  SubscriptionList subscriptions{};
};

struct Suback {
  std::uint16_t packet_id = 0;
  PropertiesView properties{};
  ReasonCodeList reasons{};
};

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  PropertiesView properties{};
  TopicFilterList topic_filters{};
};

struct Unsuback {
  std::uint16_t packet_id = 0;
  PropertiesView properties{};
  ReasonCodeList reasons{};  ///< empty in v3
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
  ReasonCode reason = ReasonCode::normal_disconnection;
  PropertiesView properties{};
};

struct Auth {
  ReasonCode reason = ReasonCode::success;
  PropertiesView properties{};
};

}  // namespace mqttzoo::mqtt
