#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "broker/core/connection_end.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// A number that its shard writes and any thread reads: no locked instruction on either side.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.store(get() + amount, std::memory_order_relaxed); }
  void subtract(std::uint64_t amount = 1) { value_.store(get() - amount, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Why a message did not reach a subscriber that matched, or a packet was left out. Nothing is dropped without one.
enum class DropReason : std::uint8_t {
  output_full,               ///< QoS 0: the client does not take what it gets
  queue_full,                ///< the session's queue is at its limit (QoS 1 and 2: the connection ends)
  larger_than_client_takes,  ///< v5 Maximum Packet Size
  expired,                   ///< v5 Message Expiry Interval
  not_authorized,            ///< the publisher may not use the topic, or may not any more (check_retain_source)
  payload_too_long,          ///< ListenerRules::payload_bytes_max
  payload_format_invalid,    ///< ListenerRules::validates_payload_format
  connection_ended,          ///< still in the queue or in flight of a clean session when its connection ended
  session_ended,             ///< the same of a persistent session: it expired, was discarded, or its home moved
  client_away,               ///< QoS 0: the client is not connected
  may_not_receive,           ///< the subscriber has no right to read the topic
};
inline constexpr std::size_t drop_reason_count = 11;
/// For metrics: "output_full".
const char* to_string(DropReason reason);

/// What a shard counts, as $SYS and metrics want it. Written by the shard's thread only.
struct Counters {
  // The traffic, by QoS as it was sent on the wire.
  std::array<Counter, 3> publishes_received;
  std::array<Counter, 3> publishes_sent;
  Counter publish_bytes_received;  ///< payloads
  Counter publish_bytes_sent;
  Counter packets_received;
  Counter packets_sent;
  Counter bytes_received;
  Counter bytes_sent;

  // What there is now.
  Counter connections;           ///< open sockets
  Counter connections_accepted;  ///< those with a CONNACK of success
  Counter subscriptions;
  Counter shared_subscriptions;  ///< of those
  Counter queued_messages;       ///< in all sessions
  Counter persistent_sessions;
  Counter sessions_away;       ///< of those: no connection serves them
  Counter kept_messages;       ///< queued in sessions, or sent by a persistent one and not acknowledged
  Counter kept_bytes;          ///< their payloads
  Counter messages_in_flight;  ///< QoS 1 and 2, sent and not acknowledged

  // What happened.
  Counter connections_opened;
  Counter connects_received;  ///< CONNECT packets
  Counter connections_over_limit;
  Counter sessions_over_limit;  ///< persistent ones that were refused
  Counter sessions_expired;
  Counter sessions_discarded;  ///< their Client Identifiers have another home now
  Counter logins_refused;      ///< wrong passwords and proofs, users and methods that there are not, and no user name
  Counter logins_over_limit;   ///< too many passwords waited to be checked
  Counter protocol_errors;     ///< malformed packets included
  Counter repeated_publishes_ignored;  ///< QoS 2 with a Packet Identifier that was received before
  std::array<Counter, drop_reason_count> drops;
  std::array<Counter, end_cause_count> connection_ends;

  Counter& dropped(DropReason reason) { return drops[static_cast<std::size_t>(reason)]; }
  Counter& ended(EndCause cause) { return connection_ends[static_cast<std::size_t>(cause)]; }
};

}  // namespace mqttzoo::core
