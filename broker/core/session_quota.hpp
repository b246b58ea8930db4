#pragma once

#include <atomic>
#include <cstddef>

namespace mqttzoo::core {

/// How many sessions live at one broker, whether or not their clients are connected, and how many may: all its shards
/// count here. Any thread.
class SessionQuota {
 public:
  explicit SessionQuota(std::size_t most) : most_(most) {}
  SessionQuota(const SessionQuota&) = delete;
  SessionQuota& operator=(const SessionQuota&) = delete;

  /// A place for one more; false: there is none.
  bool take() {
    std::size_t taken = taken_.load(std::memory_order_relaxed);
    do {
      if (taken >= most_) return false;
    } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_relaxed));
    return true;
  }
  void give_back() { taken_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace mqttzoo::core
