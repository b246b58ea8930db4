#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace mqttzoo::sim {

/// What came of one seed.
struct Outcome {
  std::vector<std::string> broken;  ///< promises, in plain words; empty: all were kept
  std::uint64_t trace_hash = 0;
  std::uint64_t messages = 0;
  std::uint64_t deliveries = 0;
};

/// One run: brokers, clients and faults, all of them from the seed; then peace, and the verdict of the oracle. `trace`:
/// where to print what happens, or null.
Outcome run_seed(std::uint64_t seed, std::FILE* trace = nullptr);

}  // namespace mqttzoo::sim
