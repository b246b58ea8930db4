#pragma once

#include <ctime>
#include <limits>

#include "broker/core/ids.hpp"

namespace mqttzoo::net {

/// A deadline that does not come.
inline constexpr core::Milliseconds never = std::numeric_limits<core::Milliseconds>::max();

/// The clock of all loops: CLOCK_BOOTTIME goes on in suspend, so that a lease that was over stays over.
inline core::Milliseconds steady_now() {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return static_cast<core::Milliseconds>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
}

}  // namespace mqttzoo::net
