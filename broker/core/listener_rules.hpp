#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// Which v5 clients with persistent sessions are sent to the broker that is home of them (v5 4.11).
enum class Redirect : std::uint8_t {
  never,
  asked,       ///< whose CONNECT has the User Property redirect=persistent
  persistent,  ///< all
};

/// What holds for the clients of one listener. Never changes while there are connections; any thread reads it.
struct ListenerRules {
  /// Whether a client may come without a user name. Otherwise: 0x87 (v3: 5).
  bool anonymous_allowed = true;
  /// The versions that are spoken. Others: 0x84 (v3: 1).
  bool accepts_v3_1 = true;
  bool accepts_v3_1_1 = true;
  bool accepts_v5 = true;

  /// Where clients are sent instead of being served here (v5 4.11), and whether they should go there from now on: 0x9D,
  /// else 0x9C (v3: 3). Empty: nowhere.
  std::string server_reference;
  bool server_moved = false;
  /// Who is sent to the same listener of its session's home, where that is known: 0x9C. `number` says which one it is.
  Redirect redirect = Redirect::never;
  std::uint16_t number = 0;
  /// Where connected v5 clients are sent when the broker stops: 0x9C instead of 0x8B. Empty: nowhere.
  std::string shutdown_server_reference;

  /// Whether a client may leave the choice of its Client Identifier to the broker, which begins it so. Otherwise: 0x85
  /// (v3: 2).
  bool empty_client_id_allowed = true;
  std::string assigned_id_prefix = "auto-";
  /// How every Client Identifier must begin. Otherwise: 0x87 (v3: 5).
  std::string required_id_prefix;
  /// The User Name takes the place of the Client Identifier. Without one: 0x87 (v3: 5).
  bool user_name_is_client_id = false;

  /// Begins the Response Information of a client that asks for some; its Client Identifier follows. Empty: nobody gets
  /// any.
  std::string response_topic_prefix;

  /// Topic Aliases that a client may set: each one keeps a topic. Beyond it: 0x94.
  std::uint16_t topic_alias_maximum = 10;
  /// Topic Aliases that the broker sets for a client that takes some: each one keeps a topic. Further topics have none.
  std::uint16_t sent_topic_aliases_max = 10;
  /// The highest QoS of what a client publishes, its Will included. Beyond it: 0x9B. Subscriptions are granted no more.
  mqtt::QoS qos_max = mqtt::QoS::exactly_once;
  /// Whether a client may publish retained messages. Otherwise: 0x9A.
  bool retain_available = true;
  /// The longest payload. A longer one is acknowledged and dropped, where the version can tell with 0x83.
  std::size_t payload_bytes_max = std::numeric_limits<std::size_t>::max();
  /// Whether a payload that is said to be UTF-8 (v5 Payload Format Indicator) has to be. Otherwise: 0x99; at QoS 0 it
  /// is dropped.
  bool validates_payload_format = false;

  bool accepts(mqtt::ProtocolVersion version) const {
    switch (version) {
      case mqtt::ProtocolVersion::v3_1:
        return accepts_v3_1;
      case mqtt::ProtocolVersion::v3_1_1:
        return accepts_v3_1_1;
      case mqtt::ProtocolVersion::v5:
        return accepts_v5;
    }
    return false;
  }
};

/// What mosquitto has by default.
inline const ListenerRules default_listener_rules;

}  // namespace mqttzoo::core
