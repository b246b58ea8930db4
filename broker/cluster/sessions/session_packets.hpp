#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// A connection and its session that do not live in one shard speak MQTT 5.0 with each other over a channel, whatever
/// version the client speaks: what the client's packets say of the session, what the session has for the client. The
/// channel is named by the connection: its shard's stream and its serial there.
struct ChannelId {
  StreamId frontend;
  std::uint64_t serial = 0;
  auto operator<=>(const ChannelId&) const = default;
};

/// What one end of a channel has written in one turn: whole packets, in order.
struct SessionPackets {
  ChannelId channel;
  PartitionIndex partition = 0;  ///< of the Client Identifier: its shard at the home
  /// Bytes that were taken so far, which makes room for as many more: to the home, of PUBLISH packets by the
  /// connection; to the connection, of all packets by the home.
  std::uint64_t taken_bytes = 0;
  std::string packets;
};

}  // namespace mqttzoo::cluster
