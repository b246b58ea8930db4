#include <gtest/gtest.h>

#include "tests/simulation/run.hpp"
#include "tests/support/sanitized.hpp"

namespace mqttzoo::sim {
namespace {

/// Some seeds under the sanitizers too; the batch is ctest's simulation.seeds.
TEST(Simulation, KeepsThePromises) {
  const std::uint64_t seeds = support::sanitized ? 10 : 20;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Outcome outcome = run_seed(seed);
    EXPECT_TRUE(outcome.broken.empty()) << "seed " << seed << ": " << outcome.broken.front();
    EXPECT_GT(outcome.messages, 0u) << "seed " << seed << " does nothing";
    EXPECT_GT(outcome.deliveries, 0u) << "seed " << seed << " does nothing";
  }
}

TEST(Simulation, OneSeedIsOneRun) {
  for (const std::uint64_t seed : {3, 4}) {
    EXPECT_EQ(run_seed(seed).trace_hash, run_seed(seed).trace_hash) << "seed " << seed;
  }
  EXPECT_NE(run_seed(3).trace_hash, run_seed(4).trace_hash);
}

}  // namespace
}  // namespace mqttzoo::sim
