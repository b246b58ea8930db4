#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// The cluster's clock: what ZooKeeper stamps its changes with, as an offset to this broker's steady clock. Values
/// expire by it, at every broker at the same time within `error_ms`.
///
/// It never steps back: when the ensemble's time does (a new leader with another clock), the offset is held
/// and shrinks by one part in 200, so that what has expired stays expired. It may step forward. Until the ensemble was
/// heard for the first time it is the machine's wall clock, and that may be corrected in either direction.
///
/// Lives on the control thread; shards read offset() through a ClusterTime of their own.
class ClusterClock {
 public:
  ClusterClock(core::Milliseconds steady_now, core::ClusterMilliseconds wall_now);

  /// Time passes. Call it with each tick.
  void advance(core::Milliseconds steady_now);

  /// The ensemble said `time` between two moments of the steady clock.
  void sample(core::Milliseconds sent, core::Milliseconds received, core::ClusterMilliseconds time);

  /// Another broker's clock said `time`, at least, before `received`.
  void at_least(core::Milliseconds received, core::ClusterMilliseconds time);

  /// As of the last advance.
  core::ClusterMilliseconds now() const { return now_; }
  const std::atomic<std::int64_t>& offset() const { return offset_; }

  bool has_contact() const { return has_contact_; }
  /// How far it may be from the ensemble's time; unknown before contact.
  std::int64_t error_ms() const;
  /// How much further it is than the ensemble's time, since that stepped back.
  std::int64_t ahead_ms() const { return offset_.load(std::memory_order_relaxed) - target_; }

 private:
  std::int64_t sample_error_ms(core::Milliseconds at) const;
  void publish(std::int64_t offset);

  std::atomic<std::int64_t> offset_;
  core::Milliseconds advanced_to_;
  core::ClusterMilliseconds now_;
  std::int64_t slewed_ = 0;  ///< milliseconds of steady time that have not made one of slewing yet

  bool has_contact_ = false;
  std::int64_t target_;        ///< the offset by the best sample
  std::int64_t error_ms_ = 0;  ///< of that sample
  core::Milliseconds sampled_at_ = 0;
};

/// The cluster's clock as one thread reads it: never back, not by the millisecond that slewing takes either.
class ClusterTime {
 public:
  explicit ClusterTime(const std::atomic<std::int64_t>& offset) : offset_(offset) {}

  core::ClusterMilliseconds now(core::Milliseconds steady_now) {
    return last_ = std::max(last_, steady_now + offset_.load(std::memory_order_relaxed));
  }

 private:
  const std::atomic<std::int64_t>& offset_;
  core::ClusterMilliseconds last_ = 0;
};

}  // namespace mqttzoo::cluster
