#include "broker/cluster/view/reachable_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace mqttzoo::cluster {
namespace {

std::vector<std::size_t> in_order(std::size_t count) {
  std::vector<std::size_t> rank(count);
  std::iota(rank.begin(), rank.end(), 0);
  return rank;
}

std::vector<bool> kept(std::size_t count, const PartedPairs& parted) {
  return largest_reachable_set(count, parted, std::vector<std::size_t>(count, 0), in_order(count));
}

using testing::ElementsAre;

TEST(ReachableSet, AllIfNobodyIsParted) { EXPECT_THAT(kept(3, {}), ElementsAre(true, true, true)); }

TEST(ReachableSet, TheOneThatAllLackGoes) {
  EXPECT_THAT(kept(4, {{0, 1}, {0, 2}, {3, 0}}), ElementsAre(false, true, true, true));
}

TEST(ReachableSet, TheLargerHalfOfASplitStays) {
  EXPECT_THAT(kept(5, {{0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 4}}), ElementsAre(false, false, true, true, true));
}

TEST(ReachableSet, OnATieLowerRanksStay) {
  EXPECT_THAT(kept(2, {{0, 1}}), ElementsAre(true, false));
  EXPECT_THAT(kept(4, {{0, 2}, {0, 3}, {1, 2}, {1, 3}}), ElementsAre(true, true, false, false));
  EXPECT_THAT(largest_reachable_set(2, {{0, 1}}, {0, 0}, {5, 3}), ElementsAre(false, true));
}

TEST(ReachableSet, OnATieBadnessCountsBeforeRank) {
  EXPECT_THAT(largest_reachable_set(2, {{0, 1}}, {1, 0}, {0, 1}), ElementsAre(false, true));
}

TEST(ReachableSet, APairNamedTwiceIsOnePair) { EXPECT_THAT(kept(2, {{0, 1}, {1, 0}}), ElementsAre(true, false)); }

TEST(ReachableSet, IsAsLargeAsAnyMutuallyReachableSet) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t count = 2 + random() % 9;
    PartedPairs parted;
    for (std::size_t a = 0; a < count; ++a)
      for (std::size_t b = a + 1; b < count; ++b)
        if (random() % 3 == 0) parted.emplace_back(a, b);
    const auto is_free = [&](unsigned set) {
      return std::none_of(parted.begin(), parted.end(),
                          [&](const auto& pair) { return (set >> pair.first & 1) && (set >> pair.second & 1); });
    };
    int largest = 0;
    for (unsigned set = 0; set < 1u << count; ++set)
      if (is_free(set)) largest = std::max(largest, __builtin_popcount(set));
    unsigned found = 0;
    const auto flags = kept(count, parted);
    for (std::size_t broker = 0; broker < count; ++broker) found |= static_cast<unsigned>(flags[broker]) << broker;
    EXPECT_TRUE(is_free(found));
    EXPECT_EQ(__builtin_popcount(found), largest);
  }
}

TEST(ReachableSet, ALargeTangleIsAnsweredInTime) {
  std::mt19937 random(3);
  PartedPairs parted;
  for (std::size_t a = 0; a < 64; ++a)
    for (std::size_t b = a + 1; b < 64; ++b)
      if (random() % 2 == 0) parted.emplace_back(a, b);
  const auto flags = kept(64, parted);
  EXPECT_GT(std::count(flags.begin(), flags.end(), true), 3);
  for (const auto& [a, b] : parted) EXPECT_FALSE(flags[a] && flags[b]);
}

}  // namespace
}  // namespace mqttzoo::cluster
