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

// ---------------------------------------------------------------- copies

Placement nobody(std::size_t partitions) {
  return {Owners(partitions, no_owner), std::vector<PartitionCopies>(partitions)};
}

void check(const Placement& placement, const std::vector<bool>& members) {
  for (std::size_t partition = 0; partition < placement.primaries.size(); ++partition) {
    ASSERT_LT(placement.primaries[partition], members.size());
    const PartitionCopies& copies = placement.copies[partition];
    ASSERT_TRUE(std::is_sorted(copies.begin(), copies.end()));
    for (std::size_t i = 0; i < copies.size(); ++i) {
      ASSERT_LT(copies[i].member, members.size());
      ASSERT_NE(copies[i].member, placement.primaries[partition]);
      ASSERT_TRUE(i == 0 || copies[i].member != copies[i - 1].member);
    }
  }
}

void learn(Placement& placement) {
  for (PartitionCopies& copies : placement.copies)
    for (PartitionCopy& copy : copies) copy.in_sync = true;
}

/// Until nothing changes any more.
Placement settled(Placement placement, const std::vector<bool>& eligible, std::size_t copies_wanted) {
  for (int step = 0; step < 20; ++step) {
    Placement next = place(placement, eligible, copies_wanted);
    next.begin_incomplete = 0;
    if (next.primaries == placement.primaries && next.copies == placement.copies) return placement;
    learn(next);
    placement = std::move(next);
  }
  ADD_FAILURE() << "it does not come to an end";
  return placement;
}

std::vector<std::size_t> copy_counts(const Placement& placement, std::size_t members) {
  std::vector<std::size_t> counts(members, 0);
  for (const PartitionCopies& copies : placement.copies)
    for (const PartitionCopy& copy : copies) ++counts[copy.member];
  return counts;
}

/// Without a member: what it had is gone, the others keep their indexes.
void lose(Placement& placement, std::uint16_t member) {
  for (std::uint16_t& primary : placement.primaries)
    if (primary == member) primary = no_owner;
  for (PartitionCopies& copies : placement.copies)
    std::erase_if(copies, [&](const PartitionCopy& copy) { return copy.member == member; });
}

TEST(Copies, AreWithOthersAndSpread) {
  const auto placed = settled(nobody(64), {true, true, true}, 1);
  check(placed, {true, true, true});
  EXPECT_THAT(counts(placed.primaries, 3), testing::UnorderedElementsAre(22, 21, 21));
  EXPECT_THAT(copy_counts(placed, 3), testing::UnorderedElementsAre(22, 21, 21));
}

TEST(Copies, OfALoneBrokerAreNowhere) {
  const auto placed = place(nobody(8), {true}, 1);
  EXPECT_THAT(placed.copies, testing::Each(testing::IsEmpty()));
}

TEST(Copies, APartitionMovesOnlyToASecondary) {
  Placement alone = place(nobody(4), {true}, 1);
  Placement joined = place(alone, {true, true}, 1);
  EXPECT_THAT(joined.primaries, testing::Each(0));
  EXPECT_THAT(joined.copies, testing::Each(testing::ElementsAre(PartitionCopy{1, false})));
  joined.copies[3][0].in_sync = true;
  joined = place(joined, {true, true}, 1);
  EXPECT_THAT(joined.primaries, testing::ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(joined.copies[3], testing::ElementsAre(PartitionCopy{0, true})) << "its old primary has all of it";
}

TEST(Copies, ASecondaryTakesOverAndTheNextOneIsRecruitedAtOnce) {
  Placement placement = settled(nobody(6), {true, true, true}, 1);
  const Placement before = placement;
  lose(placement, 0);
  placement = place(placement, {false, true, true}, 1);
  EXPECT_EQ(placement.begin_incomplete, 0U);
  for (std::size_t partition = 0; partition < 6; ++partition) {
    EXPECT_EQ(placement.copies[partition].size(), 1U);
    if (before.primaries[partition] != 0) continue;
    EXPECT_EQ(placement.primaries[partition], before.copies[partition][0].member);
  }
}

TEST(Copies, WhatNobodyKeepsBeginsEmpty) {
  Placement placement = settled(nobody(6), {true, true, true}, 1);
  lose(placement, 0);
  lose(placement, 1);
  const auto orphans = static_cast<std::size_t>(std::count_if(
      placement.copies.begin(), placement.copies.end(), [](const PartitionCopies& copies) { return copies.empty(); }));
  const auto kept = static_cast<std::size_t>(std::count(placement.primaries.begin(), placement.primaries.end(), 2));
  placement = place(placement, {false, false, true}, 1);
  EXPECT_THAT(placement.primaries, testing::Each(2));
  EXPECT_EQ(placement.begin_incomplete, orphans - kept);
  EXPECT_GT(placement.begin_incomplete, 0U);
}

TEST(Copies, ALearnerIsNoSecondary) {
  Placement placement{{0, 0}, {{{1, false}}, {{1, true}}}};
  lose(placement, 0);
  placement = place(placement, {false, true}, 1);
  EXPECT_EQ(placement.begin_incomplete, 1U);
}

// From any placement, whoever leaves or joins: balanced in the end, and on the way nobody is let go too early.
TEST(Copies, ComeToABalancedEndFromAnywhere) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t members = 1 + random() % 7;
    const std::size_t wanted = random() % 3;
    std::vector<bool> eligible(members);
    for (std::size_t member = 0; member < members; ++member) eligible[member] = random() % 4 != 0;
    if (std::count(eligible.begin(), eligible.end(), true) == 0) eligible[0] = true;
    const auto able = static_cast<std::size_t>(std::count(eligible.begin(), eligible.end(), true));
    Placement placement = nobody(64);
    for (std::size_t partition = 0; partition < 64; ++partition) {
      placement.primaries[partition] = static_cast<std::uint16_t>(random() % members);
      for (std::uint16_t member = 0; member < members; ++member)
        if (member != placement.primaries[partition] && random() % 3 == 0)
          placement.copies[partition].push_back({member, random() % 2 == 0});
    }
    const Placement first = place(placement, eligible, wanted);
    check(first, eligible);
    for (std::size_t partition = 0; partition < 64; ++partition) {
      const auto secondaries = [&](const Placement& of) {
        return std::count_if(of.copies[partition].begin(), of.copies[partition].end(),
                             [](const PartitionCopy& copy) { return copy.in_sync; });
      };
      EXPECT_GE(secondaries(first), std::min<std::ptrdiff_t>(secondaries(placement),
                                                             static_cast<std::ptrdiff_t>(std::min(wanted, able - 1))));
    }
    const Placement last = settled(placement, eligible, wanted);
    check(last, eligible);
    const auto owned = counts(last.primaries, members);
    const auto copies = copy_counts(last, members);
    const std::size_t all = 64 * std::min(wanted, able - 1);
    for (std::size_t member = 0; member < members; ++member) {
      if (!eligible[member]) {
        EXPECT_EQ(owned[member] + copies[member], 0U);
        continue;
      }
      EXPECT_THAT(owned[member], testing::AnyOf(64 / able, (63 + able) / able));
      EXPECT_NEAR(static_cast<double>(copies[member]), static_cast<double>(all) / static_cast<double>(able), 3);
    }
  }
}

}  // namespace
}  // namespace mqttzoo::cluster
