#pragma once

#include <atomic>
#include <cstdint>

#include "broker/core/counters.hpp"

namespace mqttzoo::cluster {

/// What there is now: written by its shard, read by any thread.
class RouterGauge {
 public:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one ShardRouter did and holds. Written on its shard's thread.
struct RouterCounters {
  // Towards other brokers.
  core::Counter frames_sent;                ///< Forward frames
  core::Counter messages_sent;              ///< in them
  core::Counter messages_resent;            ///< of those: sent before, on an earlier link or in an earlier view
  core::Counter frames_received;            ///< Forward frames
  core::Counter messages_received;          ///< in them
  core::Counter duplicates_received;        ///< of those: known already, answered and not delivered again
  core::Counter frames_refused_by_peer;     ///< another view there; what they held is sent again in the next view
  core::Counter frames_refused;             ///< another view here
  core::Counter messages_handed_to_shards;  ///< DeliverLetters, per receiving shard

  // Shared Subscriptions.
  core::Counter shared_chosen_again;  ///< messages whose first choice could not take them, or has left
  core::Counter shared_declined;      ///< of other brokers: nobody here took them

  // Not sent or not accepted, by reason.
  core::Counter dropped_link_down;    ///< QoS 0 for an interested broker without a link
  core::Counter dropped_link_full;    ///< QoS 0 above link_bytes_qos0_max
  core::Counter dropped_lane_full;    ///< retained QoS 0 while the window is full
  core::Counter dropped_no_member;    ///< for a Shared Subscription: no member left, or none with room for it
  core::Counter refused_window_full;  ///< QoS 1 and 2, v5: 0x97
  core::Counter accepted_over_limit;  ///< QoS 1 and 2 of those who cannot be refused; reading pauses
  core::Counter retained_refused;     ///< by the retained store
  core::Counter retained_live_only;   ///< delivered and acknowledged, not stored
  core::Counter dropped_unreachable;  ///< QoS 1 and 2 that a member out of reach wanted while the lease was waived
  core::Counter publishes_forgotten;  ///< unacknowledged when this broker was removed from the view
  core::Counter protocol_errors;      ///< links ended for what stood in a frame

  // Messages of persistent sessions that their connection elsewhere left out.
  core::Counter dropped_client_full;       ///< QoS 0: the client does not take what it gets
  core::Counter dropped_client_too_large;  ///< v5 Maximum Packet Size

  // Now.
  RouterGauge unfinished_now;        ///< messages that wait for other brokers
  RouterGauge unfinished_bytes_now;  ///< of all messages that wait
  RouterGauge held_now;              ///< messages that wait for the right to act
  RouterGauge lanes_now;             ///< messages that wait for a retained commit
  RouterGauge settling_now;          ///< SUBSCRIBEs that wait
  RouterGauge connections_now;       ///< of this shard, known to a home or about to be
  RouterGauge registrations_now;     ///< at this shard as home
  RouterGauge channels_now;          ///< between sessions of this shard and connections elsewhere

  // The logs of partitions.
  core::Counter records_appended;
  core::Counter records_received;  ///< for copies
  core::Counter records_refused;   ///< frames of another view; what they held is sent again in the next one
  RouterGauge partitions_now;      ///< whose primary this shard is
  RouterGauge copies_now;          ///< of other brokers' partitions
  RouterGauge log_bytes_now;       ///< of records that copies lack

  // Homes.
  core::Counter registrations_granted;
  core::Counter registrations_refused_older;  ///< a newer connection has the Client Identifier: 0x8E
  core::Counter registrations_refused_full;   ///< a bound was reached: 0x89
  core::Counter admitted_without_home;        ///< clean sessions while no home was in reach
  core::Counter refused_without_home;         ///< persistent sessions while no home was in reach: 0x88
  core::Counter redirected;                   ///< to the home of their session: 0x9C
  core::Counter sessions_cut_off;             ///< connections to persistent sessions ended when the grace was over
  core::Counter evictions;                    ///< connections of this shard that a home, or a removal, ended
  core::Counter wills_published;
  core::Counter wills_denied;   ///< their clients may not publish them any more
  core::Counter wills_dropped;  ///< DISCONNECT, or a new connection within the Will Delay Interval
  core::Counter wills_lost;     ///< no home took them: a bound was reached, or this broker was removed
};

}  // namespace mqttzoo::cluster
