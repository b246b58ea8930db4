#include "broker/cluster/view/placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mqttzoo::cluster {
namespace {

using Owners = std::vector<std::uint16_t>;

std::size_t moved(const Owners& before, const Owners& after) {
  std::size_t count = 0;
  for (std::size_t partition = 0; partition < before.size(); ++partition)
    count += before[partition] != after[partition];
  return count;
}

std::vector<std::size_t> counts(const Owners& owners, std::size_t members) {
  std::vector<std::size_t> counts(members, 0);
  for (const std::uint16_t owner : owners) ++counts[owner];
  return counts;
}

TEST(Placement, OneMemberHasAll) { EXPECT_THAT(place_primaries(Owners(64, no_owner), {true}), testing::Each(0)); }

TEST(Placement, IsBalancedToOne) {
  const auto placed = place_primaries(Owners(64, no_owner), {true, true, true});
  EXPECT_THAT(counts(placed, 3), testing::ElementsAre(22, 21, 21));
}

TEST(Placement, KeepsWhatIsRight) {
  const auto placed = place_primaries(Owners(64, no_owner), {true, true, true});
  EXPECT_EQ(place_primaries(placed, {true, true, true}), placed);
}

TEST(Placement, AJoinerTakesNoMoreThanItsShare) {
  const auto two = place_primaries(Owners(64, no_owner), {true, true});
  const auto three = place_primaries(two, {true, true, true});
  EXPECT_EQ(moved(two, three), 21u);
  EXPECT_THAT(counts(three, 3), testing::UnorderedElementsAre(22, 21, 21));
}

TEST(Placement, WhatARemovedMemberHadIsAllThatMoves) {
  auto owners = place_primaries(Owners(64, no_owner), {true, true, true});
  for (std::uint16_t& owner : owners)
    if (owner == 2) owner = no_owner;
  EXPECT_EQ(moved(owners, place_primaries(owners, {true, true})), 21u);
}

TEST(Placement, WhoLeavesIsRelieved) {
  const auto before = place_primaries(Owners(64, no_owner), {true, true, true});
  const auto after = place_primaries(before, {true, false, true});
  EXPECT_THAT(counts(after, 3), testing::ElementsAre(32, 0, 32));
}

TEST(Placement, WhereAllLeaveNobodyIsRelieved) {
  EXPECT_THAT(counts(place_primaries(Owners(64, no_owner), {false, false}), 2), testing::ElementsAre(32, 32));
}

TEST(Placement, IsBalancedWithTheFewestMovesFromAnywhere) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    const std::size_t members = 1 + random() % 9;
    std::vector<bool> eligible(members);
    for (std::size_t member = 0; member < members; ++member) eligible[member] = random() % 4 != 0;
    if (std::count(eligible.begin(), eligible.end(), true) == 0) eligible[0] = true;
    Owners owners(64);
    for (std::uint16_t& owner : owners)
      owner = random() % 5 == 0 ? no_owner : static_cast<std::uint16_t>(random() % members);

    const auto placed = place_primaries(owners, eligible);
    const auto after = counts(placed, members);
    const auto eligible_count = static_cast<std::size_t>(std::count(eligible.begin(), eligible.end(), true));
    std::size_t kept_at_most = 0;  // each keeps what its share allows; the larger shares go where they save a move
    std::size_t larger = 64 % eligible_count;
    for (std::size_t member = 0; member < members; ++member) {
      const auto had = static_cast<std::size_t>(std::count(owners.begin(), owners.end(), member));
      if (!eligible[member]) {
        EXPECT_EQ(after[member], 0u);
        continue;
      }
      EXPECT_THAT(after[member], testing::AnyOf(64 / eligible_count, (63 + eligible_count) / eligible_count));
      kept_at_most += std::min(had, 64 / eligible_count);
      if (had > 64 / eligible_count && larger > 0) ++kept_at_most, --larger;
    }
    EXPECT_EQ(64 - moved(owners, placed), kept_at_most);
  }
}

}  // namespace
}  // namespace mqttzoo::cluster
