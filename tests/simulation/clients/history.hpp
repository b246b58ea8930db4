#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/core/ids.hpp"
#include "proto/mqtt/reason_code.hpp"
#include "proto/mqtt/types.hpp"

/// What clients saw, as the oracle judges it. Times are virtual milliseconds; -1: it has not happened.
namespace mqttzoo::sim {

using core::Milliseconds;
inline constexpr Milliseconds never_happened = -1;

/// Places in the lists of a History.
using ClientIndex = std::size_t;
using ConnectionIndex = std::size_t;
using MessageIndex = std::size_t;

struct ClientRecord {
  std::string id;
  bool persistent = false;
};

/// One connection of a client, from its dialling.
struct ConnectionRecord {
  ClientIndex client = 0;
  std::uint64_t stream = 0;
  std::string broker;         ///< its place
  std::uint64_t process = 0;  ///< of all processes of the run
  Milliseconds dialled = 0;
  Milliseconds accepted = never_happened;  ///< CONNACK came
  bool session_present = false;
  std::size_t generation = 0;  ///< of the client's session: counted up when a new one begins
  /// The client knows that it is over, or has let it go.
  Milliseconds ended = never_happened;
  bool disconnected = false;  ///< by DISCONNECT of the client's
  Milliseconds session_lasts = 0;
  bool has_will = false;
  MessageIndex will = 0;
  Milliseconds will_delay = 0;  ///< v5 Will Delay Interval, as far as the session lasts so long
};

/// Something that was published, with a payload of its own: "m17".
struct MessageRecord {
  ClientIndex client = 0;
  std::string topic;
  mqtt::QoS qos{};
  bool retain = false;
  bool deletes = false;  ///< retained, with an empty payload
  bool is_will = false;
  Milliseconds lasts = 0;  ///< v5 Message Expiry Interval; 0: for ever
  Milliseconds begun = never_happened;
  Milliseconds acknowledged = never_happened;  ///< PUBACK or PUBREC with success
  bool refused = false;
  bool given_up = false;           ///< the client will not send it again
  ConnectionIndex connection = 0;  ///< on which it was sent first
  int connections = 0;             ///< on which it was sent
  std::uint64_t order = 0;         ///< of all messages that were begun
};

struct SubscriptionRecord {
  ClientIndex client = 0;
  ConnectionIndex connection = 0;
  std::size_t generation = 0;
  std::string filter;  ///< with "$share/NAME/" where it is one
  mqtt::QoS qos{};
  Milliseconds sent = 0;
  Milliseconds granted = never_happened;
  Milliseconds ended = never_happened;  ///< UNSUBSCRIBE was sent
};

struct DeliveryRecord {
  Milliseconds time = 0;
  ClientIndex client = 0;
  ConnectionIndex connection = 0;
  std::size_t generation = 0;
  MessageIndex message = 0;
  mqtt::QoS qos{};
  bool dup = false;
  bool retain = false;
  bool repeated = false;  ///< QoS 2, and the Packet Identifier was not released yet: no message of its own
};

struct History {
  std::vector<ClientRecord> clients;
  std::vector<ConnectionRecord> connections;
  std::vector<MessageRecord> messages;
  std::vector<SubscriptionRecord> subscriptions;
  std::vector<DeliveryRecord> deliveries;
  std::vector<std::string> protocol_errors;  ///< what a client could not make sense of
};

}  // namespace mqttzoo::sim
