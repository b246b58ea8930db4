#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mqttzoo::ops {

/// How much of something happens per minute, averaged over 1, 5 and 15 minutes as mosquitto does it: what was counted
/// since the last look, as a rate per minute, goes into each average with the weight 1 - e^(-elapsed/span).
class LoadAverages {
 public:
  static constexpr std::array<std::string_view, 3> names = {"1min", "5min", "15min"};

  /// `count` is since the start of the process, when all averages were 0.
  void look(std::uint64_t count, std::int64_t now_milliseconds);
  const std::array<double, 3>& averages() const { return averages_; }

 private:
  std::uint64_t count_ = 0;
  std::int64_t looked_milliseconds_ = 0;
  std::array<double, 3> averages_{};
};

}  // namespace mqttzoo::ops
