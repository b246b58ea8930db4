#include "broker/cluster/interest/share_table.hpp"

#include <gmock/gmock.h>

#include <map>

namespace mqttzoo::cluster {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

InterestOwner shard(std::uint16_t index) { return {InterestOwner::Kind::shard, index}; }
InterestOwner peer(std::uint16_t index) { return {InterestOwner::Kind::peer, index}; }
IndexSet peers(std::initializer_list<PeerSlot> slots) {
  IndexSet set;
  for (const PeerSlot slot : slots) set.add(slot);
  return set;
}

class ShareTableTest : public testing::Test {
 protected:
  std::vector<std::string> names(std::string_view topic) {
    std::vector<std::string> found;
    for (const SharedInterestRef& share : table.match(topic)) found.push_back(share->name());
    return found;
  }
  /// How often each owner is chosen.
  std::map<InterestOwner, int> choose(int times, IndexSet among, Targets except = {}) {
    std::map<InterestOwner, int> counts;
    for (int i = 0; i < times; ++i) {
      if (const auto choice = table.choose(*table.find("$share/g/a"), among, now, except)) ++counts[choice->owner];
    }
    return counts;
  }
  ShareTable table;
  core::Milliseconds now = 1000;
};

TEST_F(ShareTableTest, MatchesByTheFilterWithin) {
  EXPECT_TRUE(table.set(shard(0), "$share/g/a/+", {1, 1}));
  EXPECT_TRUE(table.set(peer(1), "$share/h/a/+", {1, 1}));
  EXPECT_TRUE(table.set(peer(1), "$share/g/#", {2, 0}));
  EXPECT_THAT(names("a/b"), UnorderedElementsAre("$share/g/a/+", "$share/h/a/+", "$share/g/#"));
  EXPECT_THAT(names("a/b"), testing::SizeIs(3)) << "remembered";
  EXPECT_THAT(names("b"), ElementsAre("$share/g/#"));
  EXPECT_THAT(names("$SYS/x"), IsEmpty());
  EXPECT_TRUE(table.set(peer(1), "$share/g/#", {}));
  EXPECT_THAT(names("b"), IsEmpty());
}

TEST_F(ShareTableTest, TellsWhenAnOwnersFirstMemberComesAndItsLastOneGoes) {
  EXPECT_FALSE(table.set(peer(1), "$share/g/a", {})) << "it had none";
  EXPECT_TRUE(table.set(peer(1), "$share/g/a", {1, 0}));
  EXPECT_FALSE(table.set(peer(1), "$share/g/a", {2, 1}));
  EXPECT_TRUE(table.set(peer(2), "$share/g/a", {1, 1}));
  EXPECT_TRUE(table.set(peer(1), "$share/g/a", {}));
  EXPECT_FALSE(table.set(peer(1), "$share/g/a", {}));
  table.forget(peer(2));
  EXPECT_TRUE(table.empty());
}

TEST_F(ShareTableTest, ChoosesFairlyByTheNumberOfAbleMembers) {
  table.set(shard(0), "$share/g/a", {1, 1});
  table.set(shard(1), "$share/g/a", {5, 0});
  table.set(peer(3), "$share/g/a", {9, 3});
  table.set(peer(4), "$share/g/a", {9, 9});
  EXPECT_EQ(choose(400, peers({3})), (std::map<InterestOwner, int>{{shard(0), 100}, {peer(3), 300}}));
}

TEST_F(ShareTableTest, ChoosesAmongAllWhereNobodyIsAble) {
  table.set(shard(0), "$share/g/a", {1, 0});
  table.set(peer(3), "$share/g/a", {3, 3});
  table.set_unable(peer(3), "$share/g/a", now + 100);
  EXPECT_EQ(choose(4, peers({3})), (std::map<InterestOwner, int>{{shard(0), 1}, {peer(3), 3}}));
  const auto is_able = [&] { return table.choose(*table.find("$share/g/a"), peers({3}), now)->able; };
  EXPECT_FALSE(is_able());
  table.set(peer(3), "$share/g/a", {3, 1});
  EXPECT_TRUE(is_able()) << "it has told of one";
  table.set_unable(peer(3), "$share/g/a", now + 100);
  now += 99;
  EXPECT_FALSE(is_able());
  now += 1;
  EXPECT_TRUE(is_able()) << "what it told may have come before";
}

TEST_F(ShareTableTest, LeavesOutWhoeverDeclined) {
  table.set(shard(0), "$share/g/a", {1, 1});
  table.set(peer(3), "$share/g/a", {1, 1});
  Targets without;
  without.shards.add(0);
  EXPECT_EQ(choose(4, peers({3}), without), (std::map<InterestOwner, int>{{peer(3), 4}}));
  EXPECT_THAT(choose(4, peers({}), without), IsEmpty());
}

}  // namespace
}  // namespace mqttzoo::cluster
