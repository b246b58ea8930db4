#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace mqttzoo::core {

/// Milliseconds on the shard's own clock: steady, never set back, counted through suspend (CLOCK_BOOTTIME). The core
/// has no clock: every event brings its `now`.
using Milliseconds = std::int64_t;

/// Milliseconds since 1970 on the cluster's clock (/time in ZooKeeper), the same at every broker within its error.
using ClusterMilliseconds = std::int64_t;

/// What an event carries of time: read once after the wait of a turn, so that all events of a turn agree.
struct Now {
  Milliseconds steady = 0;
  ClusterMilliseconds cluster = 0;
};

using ShardIndex = std::uint16_t;

/// A connection of this broker: unique for the life of the process.
struct ConnectionId {
  ShardIndex shard = 0;
  std::uint64_t serial = 0;
  auto operator<=>(const ConnectionId&) const = default;
};

/// A session that lives in this shard: unique for the life of the process. 0: none.
struct SessionId {
  std::uint64_t serial = 0;
  auto operator<=>(const SessionId&) const = default;
};

/// Stands for a Client Identifier where only equality counts: the same at every broker. 0: the broker itself.
using ClientKey = std::uint64_t;

/// 64 bits of FNV-1a, spread. Fixed for ever: it travels between brokers and stands in stored messages. Whoever finds
/// a Client Identifier with the key of another one has gained that No Local keeps that one's messages from him.
constexpr ClientKey client_key(std::string_view client_id) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : client_id) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15 | 1;
}

}  // namespace mqttzoo::core
