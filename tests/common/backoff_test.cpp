#include "broker/common/backoff.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace mqttzoo {
namespace {

constexpr Backoff::Limits limits{.first_ms = 100, .longest_ms = 1'500};

struct Constant {
  std::uint64_t value;
  std::uint64_t operator()() const { return value; }
};

TEST(Backoff, CeilingDoublesUpToTheLongest) {
  Backoff backoff(limits);
  Constant highest{~std::uint64_t{0}};
  std::vector<std::int64_t> delays;
  for (int attempt = 0; attempt < 6; ++attempt) delays.push_back(backoff.next_delay_ms(highest));
  EXPECT_EQ(delays, (std::vector<std::int64_t>{100, 200, 400, 800, 1'500, 1'500}));
}

TEST(Backoff, JitterIsFull) {
  Backoff backoff(limits);
  Constant lowest{0};
  EXPECT_EQ(backoff.next_delay_ms(lowest), 0);
  Constant middle{std::uint64_t{1} << 63};
  EXPECT_EQ(backoff.next_delay_ms(middle), 100);  // the second ceiling is 200
}

TEST(Backoff, EveryDelayUpToTheCeilingOccurs) {
  std::mt19937_64 random(7);
  std::set<std::int64_t> seen;
  for (int round = 0; round < 2'000; ++round) {
    Backoff backoff({.first_ms = 10, .longest_ms = 10});
    seen.insert(backoff.next_delay_ms(random));
  }
  EXPECT_EQ(seen.size(), 11u);
  EXPECT_EQ(*seen.begin(), 0);
  EXPECT_EQ(*seen.rbegin(), 10);
}

TEST(Backoff, ResetStartsAgain) {
  Backoff backoff(limits);
  Constant highest{~std::uint64_t{0}};
  backoff.next_delay_ms(highest);
  backoff.next_delay_ms(highest);
  backoff.reset();
  EXPECT_EQ(backoff.ceiling_ms(), 100);
  EXPECT_EQ(backoff.next_delay_ms(highest), 100);
}

TEST(Backoff, SameRandomNumbersGiveSameDelays) {
  std::mt19937_64 one(42);
  std::mt19937_64 other(42);
  Backoff first(limits);
  Backoff second(limits);
  for (int attempt = 0; attempt < 10; ++attempt) EXPECT_EQ(first.next_delay_ms(one), second.next_delay_ms(other));
}

}  // namespace
}  // namespace mqttzoo
