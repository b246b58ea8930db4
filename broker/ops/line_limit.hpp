#pragma once

#include <algorithm>
#include <cstdint>

namespace mqttzoo::ops {

/// Keeps one kind of line from filling the log when hostile clients can cause it: a burst of `burst` lines, then
/// `per_second`; the rest is counted, and the count goes into the next line that passes. Belongs to one thread.
class LineLimit {
 public:
  static constexpr std::int64_t burst = 20;
  static constexpr std::int64_t per_second = 2;

  /// True: write the line.
  bool passes(std::int64_t now_ms) {
    credit_ms_ = std::min(credit_ms_ + (now_ms - last_ms_), burst * line_ms);
    last_ms_ = now_ms;
    if (credit_ms_ < line_ms) {
      ++suppressed_;
      return false;
    }
    credit_ms_ -= line_ms;
    return true;
  }

  /// How many lines did not pass since this was last asked.
  std::uint64_t take_suppressed() {
    const std::uint64_t count = suppressed_;
    suppressed_ = 0;
    return count;
  }

 private:
  static constexpr std::int64_t line_ms = 1000 / per_second;

  std::int64_t credit_ms_ = burst * line_ms;
  std::int64_t last_ms_ = 0;
  std::uint64_t suppressed_ = 0;
};

}  // namespace mqttzoo::ops
