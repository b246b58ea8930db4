#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Bounds of one ShardRouter, each with its default and the reason for it.
struct RouterLimits {
  /// QoS 1 and 2 publishes, and retained ones, that wait: for other brokers, for the right to act, for a commit. A
  /// shard that forwards 100,000 messages per second over a link of 10 ms needs 1,000; the rest is for short breaks of
  /// a link.
  std::size_t unfinished_messages_max = 50'000;
  /// The same in bytes of messages: what one shard may keep in memory for others.
  std::size_t unfinished_bytes_max = 64u << 20;
  /// Unsent bytes of one link above which QoS 0 messages to it are dropped: some hundred milliseconds of a full link.
  std::size_t link_bytes_qos0_max = 8u << 20;
  /// Unsent bytes above which QoS 1 and 2 messages wait in the unfinished window: more than for QoS 0, so that these
  /// cannot keep them out.
  std::size_t link_bytes_max = 16u << 20;
  /// Forward frames are closed when they are longer: a receiver can handle other frames in between.
  std::size_t forward_frame_bytes = 128u << 10;

  /// Places that a message for a Shared Subscription is tried at: whoever chose may not know yet who has left. Beyond
  /// it the message is dropped.
  std::uint8_t share_attempts_max = 8;
  /// How long it may take until others know how many members of a Shared Subscription are able to take messages.
  core::Milliseconds share_notice_ms = 50;

  /// Connections of this shard that have to do with a home.
  std::size_t connections_max = 1'000'000;
  /// Connections of the whole cluster that are registered at this shard's partitions.
  std::size_t registrations_max = 1'000'000;
  /// Bytes of their Client Identifiers and wills.
  std::size_t registration_bytes_max = 256u << 20;
  /// How long a CONNECT waits for a home that cannot be reached before a clean session is admitted without.
  core::Milliseconds home_wait_ms = 1'000;
  /// How long a CONNECT to a persistent session waits for its home before it is refused with 0x88: a lease and 1 s.
  core::Milliseconds session_wait_ms = 4'000;
  /// How long this broker may be without a lease before the connections to persistent sessions end, and new ones are
  /// refused at once: long enough for a restart of ZooKeeper, too short to be taken for service.
  core::Milliseconds coordination_grace_ms = 30'000;
  /// Control may waive the lease (`coordination_loss serve`). While it does, members out of reach for so long are done
  /// without: nobody takes them out of the view.
  bool serves_without_lease = false;
  core::Milliseconds unreachable_wait_ms = 1'000;

  /// PUBLISH packets of one persistent session on their way to a connection elsewhere that has not taken them: what a
  /// link of 10 ms needs for 100 Mbit/s. Beyond it they wait in the session.
  /// The other way round as much, and a packet: beyond it the client is not read.
  std::size_t session_window_bytes = 256u << 10;

  /// Bytes of records that copies of this shard's partitions lack. Beyond it nobody new is registered: a broker that
  /// does not take them is removed in seconds. Publishes are bounded by the windows of those who send them.
  std::size_t log_bytes_max = 64u << 20;

  /// As many brokers hold a message for a persistent session before its publisher is acknowledged, if there are so
  /// many.
  std::size_t min_replicas = 2;

  /// How often a router looks again that waits for something nobody will tell it of: room in a link's output, the
  /// return of the lease.
  core::Milliseconds look_again_ms = 10;
};

}  // namespace mqttzoo::cluster
