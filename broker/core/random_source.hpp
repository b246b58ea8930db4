#pragma once

#include <cstdint>

namespace mqttzoo::core {

/// Where the core's randomness comes from: a generator seeded by the system in the broker, one seed in a simulation.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// 64 bits that nobody can guess.
  virtual std::uint64_t next() = 0;
};

}  // namespace mqttzoo::core
