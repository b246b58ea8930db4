#include "broker/cluster/view/next_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Incarnation a{"a", 4};
const Incarnation b{"b", 2};
const Incarnation c{"c", 3};

class NextViewTest : public ::testing::Test {
 protected:
  void SetUp() override {
    situation.brokers = &brokers;
    situation.self = a;
    situation.partitions = 6;
    situation.may_remove = true;
    situation.may_change = true;
  }

  BrokerRecord& registered(const Incarnation& incarnation, std::vector<Incarnation> linked = {}) {
    BrokerRecord& record = brokers[incarnation.name];
    record.incarnation = incarnation;
    record.cluster_address = incarnation.name + ":1";
    record.shard_count = 3;
    std::sort(linked.begin(), linked.end());
    record.linked = std::move(linked);
    return record;
  }
  void all_linked() {
    registered(a, {b, c});
    registered(b, {a, c});
    registered(c, {a, b});
  }
  void current(std::vector<Incarnation> members, std::vector<std::uint16_t> primaries) {
    view.number = 10;
    std::sort(members.begin(), members.end());
    for (const Incarnation& member : members) view.members.push_back({member, member.name + ":1", 3});
    view.primaries = std::move(primaries);
    situation.current = &view;
  }
  std::optional<View> next() {
    auto change = next_view(situation);
    if (!change) return std::nullopt;
    EXPECT_FALSE(change->why.empty());
    return change->view;
  }
  static std::vector<Incarnation> members(const View& view) {
    std::vector<Incarnation> members;
    for (const Member& member : view.members) members.push_back(member.incarnation);
    return members;
  }

  BrokerRecords brokers;
  View view;
  ViewSituation situation;
};

TEST_F(NextViewTest, TheFirstOneIsOfTheControllerAlone) {
  registered(a);
  registered(b, {a});
  situation.may_remove = false;
  const auto first = next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->number, 1u);
  EXPECT_THAT(members(*first), ElementsAre(a));
  EXPECT_EQ(first->members[0].cluster_address, "a:1");
  EXPECT_EQ(first->members[0].shard_count, 3);
  EXPECT_THAT(first->primaries, ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST_F(NextViewTest, WhoDrainsDoesNotBegin) {
  registered(a).draining = true;
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, StaysAsItIsWhereNothingIsToBeDone) {
  all_linked();
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, AddsWhoIsLinkedWithAllBothWays) {
  all_linked();
  current({a, b}, {0, 1, 0, 1, 0, 1});
  const auto joined = next();
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->number, 11u);
  EXPECT_THAT(members(*joined), ElementsAre(a, b, c));
  EXPECT_EQ(std::count(joined->primaries.begin(), joined->primaries.end(), 2), 0) << "it has nothing of them yet";
  EXPECT_EQ(std::count(joined->copies.begin(), joined->copies.end(), PartitionCopies{{2, false}}), 2);
  view = *joined;
  for (auto* const record : {&brokers.at("a"), &brokers.at("b")}) {
    record->view_number = 10;
    for (PartitionIndex partition = 0; partition < 6; ++partition) record->complete.push_back({partition, c});
  }
  EXPECT_FALSE(next()) << "what was said in an earlier view does not count";
  for (auto* const record : {&brokers.at("a"), &brokers.at("b")}) record->view_number = 11;
  const auto moved = next();
  ASSERT_TRUE(moved);
  EXPECT_EQ(std::count(moved->primaries.begin(), moved->primaries.end(), 2), 2);
  EXPECT_THAT(joined->removed, IsEmpty());
}

TEST_F(NextViewTest, DoesNotAddWhoLacksALink) {
  current({a, b}, {0, 1, 0, 1, 0, 1});
  all_linked();
  registered(c, {a});
  EXPECT_FALSE(next()) << "c does not reach b";
  registered(c, {a, b});
  registered(b, {a});
  EXPECT_FALSE(next()) << "b does not reach c";
}

TEST_F(NextViewTest, TwoJoinersMustReachEachOther) {
  registered(a, {b, c});
  registered(b, {a});
  registered(c, {a});
  current({a}, {0, 0, 0, 0, 0, 0});
  auto joined = next();
  ASSERT_TRUE(joined);
  EXPECT_THAT(members(*joined), ElementsAre(a, b));
  all_linked();
  joined = next();
  EXPECT_THAT(members(*joined), ElementsAre(a, b, c));
}

TEST_F(NextViewTest, AddsLaterWhenTheLastViewIsYoung) {
  all_linked();
  current({a, b}, {0, 1, 0, 1, 0, 1});
  situation.may_change = false;
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, ARemovedIncarnationNeverReturns) {
  all_linked();
  current({a, b}, {0, 1, 0, 1, 0, 1});
  view.removed.push_back({c, 9, {1}});
  EXPECT_FALSE(next());
  registered({"c", 5}, {a, b});
  registered(a, {b, {"c", 5}});
  registered(b, {a, {"c", 5}});
  const auto joined = next();
  ASSERT_TRUE(joined);
  EXPECT_THAT(members(*joined), ElementsAre(a, b, Incarnation{"c", 5}));
  EXPECT_EQ(joined->removed.size(), 1u) << "the old one stays fenced";
}

TEST_F(NextViewTest, RemovesAllWhoAreGoneAtOnce) {
  registered(a);
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  situation.may_change = false;
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(a));
  EXPECT_THAT(left->primaries, ElementsAre(0, 0, 0, 0, 0, 0));
  ASSERT_EQ(left->removed.size(), 2u);
  EXPECT_EQ(left->removed[0].incarnation, b);
  EXPECT_EQ(left->removed[0].in_view, 11u);
  EXPECT_THAT(left->removed[0].partitions, ElementsAre(1, 4));
  EXPECT_THAT(left->removed[1].partitions, ElementsAre(2, 5));
}

TEST_F(NextViewTest, ANewProcessUnderTheSameNameIsNotTheMember) {
  all_linked();
  registered({"b", 9}, {a, c});
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(a, c));
}

// It may only have lost contact itself: their sessions then end late or not at all.
TEST_F(NextViewTest, RemovesNobodyWithoutLongContact) {
  registered(a);
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  situation.may_remove = false;
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, WhereNobodyIsLeftTheControllerBeginsAnewAndAllAreFenced) {
  registered({"a", 8});
  situation.self = {"a", 8};
  current({a, b}, {0, 0, 0, 1, 1, 1});
  view.removed.push_back({c, 9, {2}});
  const auto anew = next();
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->number, 11u);
  EXPECT_THAT(members(*anew), ElementsAre(Incarnation{"a", 8}));
  ASSERT_EQ(anew->removed.size(), 3u);
  EXPECT_EQ(anew->removed[0].incarnation, c);
  EXPECT_THAT(anew->removed[1].partitions, ElementsAre(0, 1, 2));
  EXPECT_THAT(anew->removed[2].partitions, ElementsAre(3, 4, 5));
  situation.may_remove = false;
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, TheMajorityThatReachesEachOtherStays) {
  all_linked();
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  situation.parted = {{a, b, true, true}, {a, c, true, true}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(b, c)) << "though a decides";
}

// All lose b in the same moment, but its link with a was seen to go later.
TEST_F(NextViewTest, APairThatIsNotOverdueSaysWhoGoes) {
  all_linked();
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  situation.parted = {{a, b, true, true, false}, {b, c, true, true, true}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(a, c)) << "though b has the lowest epoch";
}

TEST_F(NextViewTest, APairThatIsNotOverdueStays) {
  const Incarnation d{"d", 1};
  all_linked();
  registered(d);
  current({a, b, c, d}, {0, 1, 2, 3, 0, 1});
  situation.parted = {{a, b, true, true, true}, {c, d, true, true, false}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->find(c));
  EXPECT_TRUE(left->find(d));
}

// Each says that it cannot reach the other, and ZooKeeper reaches both.
TEST_F(NextViewTest, OfTwoThatAccuseEachOtherTheYoungerGoes) {
  all_linked();
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  situation.parted = {{a, b, true, true}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(b, c));
}

TEST_F(NextViewTest, WhoIsAccusedAndAccusesNobodyGoes) {
  all_linked();
  current({a, b}, {0, 1, 0, 1, 0, 1});
  situation.parted = {{a, b, true, false}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_THAT(members(*left), ElementsAre(a)) << "b has the lower epoch, but says nothing: it may be stalled";
}

TEST_F(NextViewTest, OneRemovalAtATime) {
  const Incarnation d{"d", 1};
  all_linked();
  registered(d);
  current({a, b, c, d}, {0, 1, 2, 3, 0, 1});
  situation.parted = {{a, b, true, true}, {c, d, true, true}};
  const auto left = next();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->members.size(), 3u);
}

TEST_F(NextViewTest, TheLastMemberIsNeverRemoved) {
  registered(a);
  current({a}, {0, 0, 0, 0, 0, 0});
  EXPECT_FALSE(next());
}

TEST_F(NextViewTest, PartitionsMoveAwayFromWhoDrains) {
  all_linked();
  registered(c, {a, b}).draining = true;
  current({a, b, c}, {0, 1, 2, 0, 1, 2});
  view.copies = {{}, {}, {{0, true}}, {}, {}, {{1, true}}};
  const auto moved = next();
  ASSERT_TRUE(moved);
  EXPECT_THAT(members(*moved), ElementsAre(a, b, c));
  EXPECT_EQ(std::count(moved->primaries.begin(), moved->primaries.end(), 2), 0);
  EXPECT_THAT(moved->removed, IsEmpty()) << "it is a member and enters the view: nothing to fence";
}

TEST_F(NextViewTest, WhatNobodyNeedsToFenceIsForgottenWithTheNextChange) {
  all_linked();
  current({a, b}, {0, 1, 0, 1, 0, 1});
  view.removed = {{{"x", 1}, 3, {}}, {{"y", 1}, 9, {}}};
  situation.forgettable = {{"x", 1}};
  const auto joined = next();
  ASSERT_TRUE(joined);
  ASSERT_EQ(joined->removed.size(), 1u);
  EXPECT_EQ(joined->removed[0].incarnation.name, "y");
}

}  // namespace
}  // namespace mqttzoo::cluster
