#include <gmock/gmock.h>

#include "broker/cluster/interest/interest_tree.hpp"
#include "broker/cluster/interest/own_interest.hpp"
#include "broker/cluster/links/stream_marks.hpp"

namespace mqttzoo::cluster {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

constexpr InterestOwner shard(std::uint16_t index) { return {InterestOwner::Kind::shard, index}; }
constexpr InterestOwner peer(std::uint16_t index) { return {InterestOwner::Kind::peer, index}; }

std::string text(const Targets& targets) {
  std::string out;
  targets.shards.for_each([&](std::uint16_t index) { out += "s" + std::to_string(index) + " "; });
  targets.peers.for_each([&](std::uint16_t index) { out += "p" + std::to_string(index) + " "; });
  return out;
}

TEST(InterestTree, FindsAllWhoseFiltersMatch) {
  InterestTree tree;
  EXPECT_TRUE(tree.empty());
  tree.add(peer(0), "a/b");
  tree.add(peer(63), "a/#");
  tree.add(shard(1), "+/b");
  tree.add(shard(63), "a/b");
  EXPECT_EQ(text(tree.match("a/b")), "s1 s63 p0 p63 ");
  EXPECT_EQ(text(tree.match("a/c")), "p63 ");
  EXPECT_EQ(text(tree.match("c")), "");
  EXPECT_EQ(text(tree.match("$SYS/b")), "") << "v5 [MQTT-4.7.2-1]";
}

TEST(InterestTree, ChangesAreSeenThroughTheCache) {
  InterestTree tree;
  tree.add(peer(1), "a");
  EXPECT_EQ(text(tree.match("a")), "p1 ");
  EXPECT_EQ(text(tree.match("b")), "");
  tree.add(peer(2), "b");
  EXPECT_EQ(text(tree.match("b")), "p2 ") << "a filter without wildcards";
  tree.add(peer(3), "#");
  EXPECT_EQ(text(tree.match("a")), "p1 p3 ") << "one with";
  tree.remove(peer(1), "a");
  EXPECT_EQ(text(tree.match("a")), "p3 ");
  tree.remove(peer(3), "#");
  EXPECT_EQ(text(tree.match("a")), "");
}

TEST(InterestTree, AFilterStaysWhileAnyOwnerNeedsIt) {
  InterestTree tree;
  tree.add(peer(1), "a");
  tree.add(peer(1), "a");
  tree.add(shard(1), "a");
  tree.remove(peer(1), "a");
  tree.remove(peer(1), "a");
  tree.remove(peer(2), "a");
  tree.remove(peer(2), "unknown/#");
  EXPECT_EQ(text(tree.match("a")), "s1 ");
  EXPECT_EQ(tree.filters(), 1u);
  tree.remove(shard(1), "a");
  EXPECT_TRUE(tree.empty());
}

TEST(InterestTree, ForgetsOneOwnerOnly) {
  InterestTree tree;
  tree.add(peer(1), "a");
  tree.add(peer(1), "b/#");
  tree.add(peer(1), "#");
  tree.add(shard(1), "b/#");
  EXPECT_EQ(text(tree.match("b/c")), "s1 p1 ");
  tree.forget(peer(1));
  EXPECT_EQ(text(tree.match("b/c")), "s1 ");
  EXPECT_EQ(text(tree.match("a")), "");
  EXPECT_EQ(tree.filters(), 1u);
}

// ---------------------------------------------------------------- what this shard wants

class OwnInterestTest : public testing::Test {
 protected:
  bool settle(std::uint64_t sequence) {
    std::vector<std::string> none;
    return own.settle({{1}, sequence}, none);
  }
  std::vector<std::uint64_t> settled(std::uint64_t sequence) {
    std::vector<std::uint64_t> done;
    for (const auto& one : own.settled(sequence)) done.push_back(one.ticket.sequence);
    return done;
  }
  OwnInterest own;
};

TEST_F(OwnInterestTest, ASubscribeWaitsForAllChangesUpToItsOwn) {
  own.added("a");
  EXPECT_FALSE(settle(1));
  const InterestChanged first = own.take_changes();
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_THAT(first.added, ElementsAre("a"));
  EXPECT_FALSE(settle(2)) << "the filter is known here, but not yet to everybody";
  own.added("b");
  EXPECT_FALSE(settle(3));
  EXPECT_EQ(own.take_changes().sequence, 2u);
  EXPECT_THAT(settled(1), ElementsAre(1, 2));
  EXPECT_THAT(settled(2), ElementsAre(3));
  EXPECT_TRUE(settle(4)) << "everybody knows";
}

TEST_F(OwnInterestTest, WhatGoesAndComesWithinATurnIsNoChange) {
  own.added("a");
  own.removed("a");
  EXPECT_FALSE(own.has_changes());
  own.removed("b");
  own.added("b");
  own.added("c");
  own.removed("d");
  const InterestChanged change = own.take_changes();
  EXPECT_THAT(change.added, ElementsAre("c"));
  EXPECT_THAT(change.removed, ElementsAre("d"));
}

TEST_F(OwnInterestTest, ASubscribeIsNotForgottenWhenItsChangeIsTakenBack) {
  own.added("a");
  EXPECT_FALSE(settle(1));
  own.removed("a");
  ASSERT_TRUE(own.has_changes());
  EXPECT_EQ(own.take_changes().sequence, 1u);
  EXPECT_THAT(settled(1), ElementsAre(1));
}

// ---------------------------------------------------------------- marks

TEST(StreamMarks, KnowWhatWasTaken) {
  StreamMarks marks;
  StreamMark& mark = marks.of({{"a", 1}, 0});
  EXPECT_TRUE(mark.take(5));
  EXPECT_FALSE(mark.take(5));
  EXPECT_FALSE(mark.take(4));
  EXPECT_TRUE(mark.take(9));
  EXPECT_EQ(marks.of({{"a", 1}, 0}).highest(), 9u);
}

// Two shards of a broker are two streams, so are two starts of its process.
TEST(StreamMarks, ShardsAndIncarnationsAreStreamsOfTheirOwn) {
  StreamMarks marks;
  EXPECT_TRUE(marks.of({{"a", 1}, 2}).take(11));
  EXPECT_TRUE(marks.of({{"a", 1}, 1}).take(10));
  EXPECT_TRUE(marks.of({{"a", 2}, 2}).take(1));
  marks.forget_if([](const StreamId& stream) { return stream.origin.epoch == 1; });
  EXPECT_EQ(marks.size(), 1u);
  EXPECT_FALSE(marks.of({{"a", 2}, 2}).take(1));
}

}  // namespace
}  // namespace mqttzoo::cluster
