#include "broker/cluster/view/view_entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <variant>

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Incarnation a{"a", 1};
const Incarnation b{"b", 1};

SharedView view(ViewNumber number, const std::vector<Incarnation>& members) {
  auto view = std::make_shared<View>();
  view->number = number;
  for (const Incarnation& member : members) view->members.push_back({member, "h:1", 2});
  view->primaries.assign(4, 0);
  return view;
}

class ViewEntryTest : public ::testing::Test, ControlPort {
 protected:
  void send_to_shard(core::ShardIndex shard, ToShard letter) override {
    if (const auto* enter = std::get_if<EnterView>(&letter))
      told.push_back("enter " + std::to_string(enter->view->number) + " at " + std::to_string(shard));
    if (const auto* act = std::get_if<ActInView>(&letter))
      told.push_back("act " + std::to_string(act->number) + " at " + std::to_string(shard));
  }

  std::vector<std::string> told;
  ViewEntry entry{2, 1000, *this};
};

TEST_F(ViewEntryTest, ActsWhenItsShardsHaveEnteredAndAllOthersAreReady) {
  entry.identify(a);
  EXPECT_TRUE(entry.enter(view(3, {a, b})));
  EXPECT_THAT(told, ElementsAre("enter 3 at 0", "enter 3 at 1"));
  told.clear();
  entry.shard_entered(0, 3);
  entry.ready(b, 3);
  EXPECT_FALSE(entry.shards_have_entered());
  EXPECT_FALSE(entry.step(10));
  entry.shard_entered(1, 3);
  EXPECT_TRUE(entry.shards_have_entered());
  EXPECT_TRUE(entry.step(11));
  EXPECT_THAT(told, ElementsAre("act 3 at 0", "act 3 at 1"));
  EXPECT_FALSE(entry.step(12)) << "once";
}

TEST_F(ViewEntryTest, ReadyOfAnOlderViewDoesNotCount) {
  entry.identify(a);
  entry.enter(view(3, {a, b}));
  entry.ready(b, 3);
  entry.enter(view(4, {a, b}));
  entry.shard_entered(0, 3);
  entry.shard_entered(0, 4);
  entry.shard_entered(1, 4);
  EXPECT_FALSE(entry.step(10));
  EXPECT_THAT(entry.awaited(), ElementsAre(b));
  entry.ready(b, 4);
  entry.ready(b, 3);
  EXPECT_TRUE(entry.step(11));
}

TEST_F(ViewEntryTest, OnlyNewerViewsAreEntered) {
  entry.identify(a);
  EXPECT_TRUE(entry.enter(view(3, {a})));
  EXPECT_FALSE(entry.enter(view(3, {a})));
  EXPECT_FALSE(entry.enter(view(2, {a})));
  EXPECT_EQ(entry.number(), 3u);
}

TEST_F(ViewEntryTest, WhoIsNoMemberEntersAndDoesNotAct) {
  entry.identify(a);
  entry.enter(view(3, {b}));
  entry.shard_entered(0, 3);
  entry.shard_entered(1, 3);
  entry.ready(b, 3);
  EXPECT_FALSE(entry.is_member());
  EXPECT_FALSE(entry.step(10));
  EXPECT_THAT(entry.overdue(5000), IsEmpty());
}

TEST_F(ViewEntryTest, NamesWhoIsNotReadyInTime) {
  entry.identify(a);
  entry.enter(view(3, {a, b}));
  entry.step(100);
  EXPECT_THAT(entry.overdue(1099), IsEmpty());
  EXPECT_THAT(entry.overdue(1100), ElementsAre(b));
  entry.ready(b, 3);
  EXPECT_THAT(entry.overdue(1100), IsEmpty());
}

TEST_F(ViewEntryTest, AnOwnStallIsNotHeldAgainstOthers) {
  entry.identify(a);
  entry.enter(view(3, {a, b}));
  entry.step(100);
  entry.forgive(5000);
  EXPECT_THAT(entry.overdue(6099), IsEmpty());
  EXPECT_THAT(entry.overdue(6100), ElementsAre(b));
}

TEST_F(ViewEntryTest, ANewIncarnationIsNotReadyForAnybodyAndNobodyForIt) {
  entry.identify(a);
  entry.enter(view(3, {a, b}));
  entry.ready(b, 9);
  entry.identify({"a", 2});
  entry.repeat();
  EXPECT_THAT(told, ElementsAre("enter 3 at 0", "enter 3 at 1", "enter 3 at 0", "enter 3 at 1"));
  EXPECT_TRUE(entry.enter(view(4, {{"a", 2}, b})));
  entry.shard_entered(0, 4);
  entry.shard_entered(1, 4);
  EXPECT_FALSE(entry.step(10));
}

}  // namespace
}  // namespace mqttzoo::cluster
