#pragma once

#include <atomic>
#include <cstdint>

namespace mqttzoo::cluster {

/// Written by one thread, read by any: adding is a load and a store, no locked instruction.
class RouterCounter {
 public:
  void add(std::uint64_t count = 1) { value_.store(value() + count, std::memory_order_relaxed); }
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one ShardRouter did and holds. Written on its shard's thread.
struct RouterCounters {
  // Towards other brokers.
  RouterCounter frames_sent;                ///< Forward frames
  RouterCounter messages_sent;              ///< in them
  RouterCounter messages_resent;            ///< of those: sent before, on an earlier link or in an earlier view
  RouterCounter frames_received;            ///< Forward frames
  RouterCounter messages_received;          ///< in them
  RouterCounter duplicates_received;        ///< of those: known already, answered and not delivered again
  RouterCounter frames_refused_by_peer;     ///< another view there; what they held is sent again in the next view
  RouterCounter frames_refused;             ///< another view here
  RouterCounter messages_handed_to_shards;  ///< DeliverLetters, per receiving shard

  // Not sent or not accepted, by reason.
  RouterCounter dropped_link_down;    ///< QoS 0 for an interested broker without a link
  RouterCounter dropped_link_full;    ///< QoS 0 above link_bytes_qos0_max
  RouterCounter dropped_lane_full;    ///< retained QoS 0 while the window is full
  RouterCounter refused_window_full;  ///< QoS 1 and 2, v5: 0x97
  RouterCounter accepted_over_limit;  ///< QoS 1 and 2 of those who cannot be refused; reading pauses
  RouterCounter retained_refused;     ///< by the retained store
  RouterCounter retained_live_only;   ///< delivered and acknowledged, not stored
  RouterCounter publishes_forgotten;  ///< unacknowledged when this broker was removed from the view
  RouterCounter protocol_errors;      ///< links ended for what stood in a frame

  // Now.
  RouterCounter unfinished_now;        ///< messages that wait for other brokers
  RouterCounter unfinished_bytes_now;  ///< of all messages that wait
  RouterCounter held_now;              ///< messages that wait for the right to act
  RouterCounter lanes_now;             ///< messages that wait for a retained commit
  RouterCounter settling_now;          ///< SUBSCRIBEs that wait
  RouterCounter connections_now;       ///< of this shard, known to a home or about to be
  RouterCounter registrations_now;     ///< at this shard as home

  // Homes.
  RouterCounter registrations_granted;
  RouterCounter registrations_refused_older;  ///< a newer connection has the Client Identifier: 0x8E
  RouterCounter registrations_refused_full;   ///< a bound was reached: 0x89
  RouterCounter admitted_without_home;        ///< clean sessions while no home was in reach
  RouterCounter evictions;                    ///< connections of this shard that a home, or a removal, ended
  RouterCounter wills_published;
  RouterCounter wills_dropped;  ///< DISCONNECT, or a new connection within the Will Delay Interval
  RouterCounter wills_lost;     ///< no home took them: a bound was reached, or this broker was removed
};

}  // namespace mqttzoo::cluster
