#include "broker/ops/load_averages.hpp"

#include <cmath>

namespace mqttzoo::ops {

void LoadAverages::look(std::uint64_t count, std::int64_t now_milliseconds) {
  constexpr std::array<double, 3> span_minutes = {1, 5, 15};
  const double minutes = static_cast<double>(now_milliseconds - looked_milliseconds_) / 60'000;
  if (minutes <= 0) return;
  const double rate = static_cast<double>(count - count_) / minutes;
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    averages_[i] = rate + std::exp(-minutes / span_minutes[i]) * (averages_[i] - rate);
  }
  count_ = count;
  looked_milliseconds_ = now_milliseconds;
}

}  // namespace mqttzoo::ops
