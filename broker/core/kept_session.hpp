#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/core/session_change.hpp"

namespace mqttzoo::core {

/// A message that a kept session has for its client.
struct KeptMessage {
  MessageRef message;  ///< null: the client has it, and PUBCOMP is awaited
  mqtt::QoS qos = mqtt::QoS::at_least_once;
  bool retain = false;
  SubscriptionIdentifiers identifiers;
  std::string share;  ///< as in session_change::Accepted
};

/// What is left of a persistent session without a connection and a place in a shard: a copy, kept by the changes that
/// its home writes down, or all that a new home begins with. As large as the session.
struct KeptSession {
  std::optional<std::string> user_name;
  ClusterMilliseconds ends_at = 0;  ///< 0: a connection serves it, or it never ends
  std::map<std::string, SubscriptionOptions, std::less<>> subscriptions;
  std::map<std::uint64_t, KeptMessage> messages;  ///< by delivery number
  std::deque<KeptMessage> held;                   ///< have no number yet
  std::set<std::uint16_t> taken;                  ///< QoS 2 Packet Identifiers of its client
  std::uint64_t next_number = 1;
  std::uint64_t sent_below = sent_unknown;  ///< no message from this one on has been sent
  bool whole = true;                        ///< false: not all that it had is here

  static constexpr std::uint64_t sent_unknown = 0xFFFF'FFFF'FFFF'FFFF;

  /// All but Begun and Ended, which concern whoever has it.
  void apply(SessionChange&& change);
};

}  // namespace mqttzoo::core
