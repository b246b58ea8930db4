#pragma once

#include "broker/core/connection_end.hpp"
#include "proto/mqtt/reason_code.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// All that the core does differently for MQTT 3.1, 3.1.1 and 5.0. (What differs on the wire is the codec's.)
struct VersionPolicy {
  /// The server says in DISCONNECT why it closes (v5 3.14); else it just closes.
  bool server_disconnects;
  /// PUBACK and PUBREC can refuse a message (v5 3.4.2.1). Else the broker acknowledges what it may not deliver, or
  /// closes (v3.1.1 [MQTT-3.3.5-2]).
  bool refuses_publishes;
  /// CONNACK tells limits, and the client keeps to them (v5 3.2.2.3); else it is not read where it goes beyond.
  bool announces_limits;
  /// CONNECT says how long the session goes on after the connection (v5 3.1.2.11.2); else one that is not clean does
  /// for ever (v3.1.1 [MQTT-3.1.2-5]).
  bool session_expires;
  /// Connection state has Topic Aliases, packets have properties.
  bool has_properties;
};

const VersionPolicy& policy_of(mqtt::ProtocolVersion version);

/// Whether a CONNECT that fails with `reason` gets a CONNACK. v3 has five return codes and closes for all else: a
/// malformed CONNECT (v3.1.1 [MQTT-3.1.4-1]) and a Will that it cannot have ([MQTT-3.2.2-6]) are not answered.
bool connack_tells(mqtt::ProtocolVersion version, mqtt::ReasonCode reason);

/// What CONNACK says when a connection ends with `reason` before it: the same where v5 3.2.2.2 has that code, as it
/// must [MQTT-3.2.2-8]; not everything that a DISCONNECT may say is in that table.
mqtt::ReasonCode connack_reason(mqtt::ReasonCode reason);

}  // namespace mqttzoo::core
