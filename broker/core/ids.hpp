#pragma once

#include <compare>
#include <cstdint>

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

}  // namespace mqttzoo::core
