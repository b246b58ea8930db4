#pragma once

#include <algorithm>
#include <cstdint>

#include "broker/common/ensure.hpp"

namespace mqttzoo {

/// How long to wait before the next attempt: exponential with full jitter. Each delay is drawn evenly from 0 up to a
/// ceiling that doubles with every attempt, so that brokers which lost the same peer at the same moment do not come
/// back at the same moment. Knows no clock and no randomness of its own: the same random numbers give the same delays.
class Backoff {
 public:
  struct Limits {
    std::int64_t first_ms = 100;
    std::int64_t longest_ms = 10'000;
  };

  explicit Backoff(Limits limits) : limits_(limits), ceiling_ms_(limits.first_ms) {
    ensure(limits.first_ms > 0 && limits.longest_ms >= limits.first_ms, "a back-off grows from above zero");
    ensure(limits.longest_ms < std::int64_t{1} << 31, "a back-off of more than 24 days is a mistake");
  }

  /// `random()` gives 64 even random bits, e.g. a std::mt19937_64.
  template <class Random>
  std::int64_t next_delay_ms(Random& random) {
    const auto spread = static_cast<std::uint64_t>(ceiling_ms_) + 1;
    const auto bits = static_cast<std::uint64_t>(random()) >> 32;
    ceiling_ms_ = std::min(ceiling_ms_ * 2, limits_.longest_ms);
    return static_cast<std::int64_t>(bits * spread >> 32);
  }

  /// After a success: the next failure starts from the first ceiling again.
  void reset() { ceiling_ms_ = limits_.first_ms; }

  /// The most that the next delay can be.
  std::int64_t ceiling_ms() const { return ceiling_ms_; }

 private:
  Limits limits_;
  std::int64_t ceiling_ms_;
};

}  // namespace mqttzoo
