#pragma once

#include <cstddef>

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Every constant of the control part, with its reason. Times in milliseconds. Tests shorten or lengthen them; a
/// cluster must use the same `lease_ms` at every broker, since each one waits for the lease of the others.
struct ControlLimits {
  // ---------------------------------------------------------------- lease and fences

  /// How long one heartbeat permits acts under P2, P3 and P4. Shorter: a dead broker is replaced sooner; longer: a slow
  /// ensemble disturbs less. The session timeout has to be longer (`session_timeout_needed`).
  core::Milliseconds lease_ms = 3000;
  /// What this broker says of persistent sessions that it serves without a lease; RouterLimits has the same.
  core::Milliseconds coordination_grace_ms = 30'000;
  /// Whether the lease is waived where ZooKeeper is lost (`coordination_loss serve`).
  bool serves_without_lease = false;
  /// A heartbeat every third: two may be lost before the lease ends.
  core::Milliseconds heartbeat_interval() const { return lease_ms / 3; }
  /// How long a removed broker is presumed to act: its clock may run slower than ours by up to 10 %.
  core::Milliseconds fence_ms() const { return lease_ms + lease_ms / 10; }
  /// A broker whose ephemeral is gone holds no lease: the timeout of its session must be longer than the lease by 10 %
  /// and one tick of the ensemble. Clients are not told the tick; an eighth of the timeout is the tick that we document
  /// (4 s: 500 ms).
  bool timeout_suffices(core::Milliseconds timeout) const { return fence_ms() <= timeout - timeout / 8; }
  /// A heartbeat is only sent when all event loops turned within this time; a broker that hangs loses its lease.
  core::Milliseconds loops_silence_max = 2000;

  // ---------------------------------------------------------------- ZooKeeper

  /// Before a request that failed, or whose answer was lost, is sent again. Reconnecting has a back-off of its own.
  core::Milliseconds retry_ms = 100;
  /// /brokers and /view are read again this often, whatever the watches say: a lost watch costs so much time at most.
  core::Milliseconds reread_ms = 5000;
  /// Changes of this broker's own znode are gathered for so long: each one makes all others read.
  core::Milliseconds publish_interval_ms = 100;
  /// A value in /brokers or /view that is longer is not looked at. ZooKeeper's own limit is 1 MiB.
  std::size_t znode_bytes_max = 256 * 1024;

  // ---------------------------------------------------------------- view

  /// At most one view in this time, except for removals: each view stops QoS 1 and 2 for a round trip.
  core::Milliseconds view_interval_ms = 1000;
  /// Members that are not linked for longer are parted. Links come back from a short break in less.
  core::Milliseconds unreachable_grace_ms = 1000;
  /// A member that is not Ready in time is reported, and removed.
  core::Milliseconds ready_grace_ms = 1000;
  /// A removed incarnation stays listed in the view for this many fences: until nobody can need to fence it.
  int removed_kept_fences = 3;

  /// How many brokers keep each partition, its primary among them, where there are so many. Two: what was acknowledged
  /// survives the death of any one of them.
  std::size_t replicas = 2;

  // ---------------------------------------------------------------- control links

  /// A frame at least this often on each link, so that a stalled one is noticed.
  core::Milliseconds alive_interval_ms = 500;
  /// A link without a frame for so long counts as unreachable: two frames were lost.
  core::Milliseconds link_silence_max_ms = 1500;
  /// Control asks for a tick at least this often; its timers are looked at there, so they are as exact as this.
  core::Milliseconds tick_interval_ms = 50;
  /// A longer gap between two ticks was our own stall: what the others said meanwhile may not have been read yet, so it
  /// is not held against them.
  core::Milliseconds own_stall_ms = 400;
  /// Interest is appended to a link's output only while that is shorter; the rest follows as it drains.
  std::size_t link_output_bytes = 256 * 1024;
  /// How often a link that is full is looked at again.
  core::Milliseconds link_retry_ms = 10;
  /// Filters in one part of a snapshot, in bytes: parts of leases and barriers pass between two.
  std::size_t snapshot_part_bytes = 64 * 1024;

  // ---------------------------------------------------------------- interest

  /// Deltas that are kept for slow links; a link that falls behind further gets a snapshot.
  std::size_t interest_log_bytes = 4 * 1024 * 1024;
  /// What one peer may have us keep of its interest; beyond it the link ends and is logged. (Our own is bounded by the
  /// subscriptions that our shards admit.)
  std::size_t peer_interest_bytes_max = 256 * 1024 * 1024;
  /// Changes of one shard's interest that wait for others, noted one by one; further ones wait for the last of them.
  std::size_t unsettled_max = 4096;

  // ---------------------------------------------------------------- leaving

  /// A clean stop waits at most this long for ZooKeeper to take the broker's name away.
  core::Milliseconds leave_max_ms = 2000;
};

}  // namespace mqttzoo::cluster
