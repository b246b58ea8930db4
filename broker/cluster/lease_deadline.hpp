#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Until when this broker may act under P2, P3 and P4: written by control after each heartbeat that ZooKeeper took,
/// read by the shards. A shard compares it with a clock read at the end of its turn, before it acknowledges: what it
/// matched earlier in the turn was matched under the lease then.
class LeaseDeadline {
 public:
  static constexpr core::Milliseconds for_ever = std::numeric_limits<core::Milliseconds>::max();

  bool holds(core::Milliseconds now) const { return now < until(); }
  /// 0: ended, or never won.
  core::Milliseconds until() const { return until_.load(std::memory_order_acquire); }
  void extend_to(core::Milliseconds until) { until_.store(until, std::memory_order_release); }
  void end() {
    until_.store(0, std::memory_order_release);
    waive(false);
  }

  /// ZooKeeper is lost and `coordination_loss serve` is set: what needs a lease is done without one.
  void waive(bool on) { waived_.store(on, std::memory_order_release); }
  bool is_waived() const { return waived_.load(std::memory_order_acquire); }
  bool permits(core::Milliseconds now) const { return holds(now) || is_waived(); }

 private:
  std::atomic<core::Milliseconds> until_{0};
  std::atomic<bool> waived_{false};
};

}  // namespace mqttzoo::cluster
