#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace mqttzoo::zk {

/// When to say that nobody can be reached: once an outage has lasted a while, and then at most once per interval,
/// however many attempts fail and however often the connection comes and goes in between.
class OutageNotice {
 public:
  OutageNotice(std::int64_t after_ms, std::int64_t every_ms) : after_ms_(after_ms), every_ms_(every_ms) {}

  void begin(std::int64_t now_ms) {
    if (active_) return;
    active_ = true;
    since_ms_ = now_ms;
  }
  void end() { active_ = false; }

  /// How long until a notice may be due; nothing while there is no outage.
  std::optional<std::int64_t> due_in_ms(std::int64_t now_ms) const {
    if (!active_) return std::nullopt;
    return std::max<std::int64_t>(0, std::max(since_ms_ + after_ms_, not_before_ms_) - now_ms);
  }

  /// How long the outage has lasted, where a notice is due now; it counts as given.
  std::optional<std::int64_t> take(std::int64_t now_ms) {
    if (due_in_ms(now_ms) != 0) return std::nullopt;
    not_before_ms_ = now_ms + every_ms_;
    return now_ms - since_ms_;
  }

 private:
  std::int64_t after_ms_;
  std::int64_t every_ms_;
  bool active_ = false;
  std::int64_t since_ms_ = 0;
  std::int64_t not_before_ms_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace mqttzoo::zk
