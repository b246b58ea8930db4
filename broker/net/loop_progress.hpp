#pragma once

#include <atomic>
#include <cstdint>

#include "broker/core/ids.hpp"

namespace mqttzoo::net {

/// What others may know of a loop: whether it is stuck. A loop that waits for events is well however long it waits; one
/// that has been in the same turn for seconds is not. Written by the loop, read by any thread (watchdog, /healthz,
/// lease).
class LoopProgress {
 public:
  void turn_begins(core::Milliseconds now) { busy_since_.store(now, std::memory_order_relaxed); }
  void turn_ends() { busy_since_.store(waiting, std::memory_order_relaxed); }

  /// When the present turn began; negative while the loop waits.
  core::Milliseconds busy_since() const { return busy_since_.load(std::memory_order_relaxed); }
  /// How long the present turn has taken; 0 while the loop waits.
  core::Milliseconds busy_for(core::Milliseconds now) const {
    const core::Milliseconds since = busy_since_.load(std::memory_order_relaxed);
    return since == waiting || now < since ? 0 : now - since;
  }

 private:
  static constexpr core::Milliseconds waiting = -1;
  alignas(64) std::atomic<core::Milliseconds> busy_since_{waiting};
};

}  // namespace mqttzoo::net
