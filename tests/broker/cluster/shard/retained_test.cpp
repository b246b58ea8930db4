#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;
using Outcome = cluster::RetainedStored::Outcome;

class Retained : public testing::Test {
 protected:
  explicit Retained(cluster::RouterLimits limits = {}) : zoo(limits) {
    zoo.start({"A", "B"});
    a().subscribe("#");
    b().subscribe("#");
    zoo.settle();
    zoo.commits_retained = false;
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  /// The StoreRetained letters that wait for an answer.
  std::vector<cluster::StoreRetained> stores() {
    std::vector<cluster::StoreRetained> found;
    for (const cluster::ToControl& letter : a().to_control) {
      if (const auto* const store = std::get_if<cluster::StoreRetained>(&letter)) found.push_back(*store);
    }
    return found;
  }
  void answer(const cluster::StoreRetained& store, Outcome outcome = Outcome::stored, std::int64_t version = 7) {
    if (outcome == Outcome::stored) store.message->set_retained_version(version);
    const ReasonCode reason = outcome == Outcome::refused ? ReasonCode::quota_exceeded : ReasonCode::success;
    zoo["A"].shard().from_control.push_back(cluster::RetainedStored{store.ticket, outcome, reason});
    zoo.settle();
  }
  RouterCluster zoo;
};

// A value is committed before it is matched, so no subscriber can fall between the two.
TEST_F(Retained, IsCommittedBeforeAnybodyGetsIt) {
  const auto ticket = a().publish("t", "1", 1, true);
  zoo.settle();
  ASSERT_EQ(stores().size(), 1u);
  EXPECT_TRUE(stores()[0].refusable);
  EXPECT_EQ(stores()[0].message->view().payload, "1");
  EXPECT_EQ(a().core.payloads() + b().core.payloads(), "");
  EXPECT_EQ(a().counters.lanes_now.get(), 1u);
  answer(stores()[0], Outcome::stored, 41);
  EXPECT_TRUE(a().core.acknowledged(ticket));
  ASSERT_EQ(a().core.deliveries.size(), 1u);
  ASSERT_EQ(b().core.deliveries.size(), 1u);
  EXPECT_EQ(a().core.deliveries[0].retained_version, 41);
  EXPECT_EQ(b().core.deliveries[0].retained_version, 41) << "so that subscribers there know what they have read";
  EXPECT_TRUE(b().core.deliveries[0].retain);
}

// P6
TEST_F(Retained, LaterPublishesOnTheTopicKeepTheirPlace) {
  a().publish("t", "1", 1, true);
  const auto second = a().publish("t", "2", 1);
  a().publish("t", "3", 0);
  a().publish("other", "free", 1);
  a().publish("t", "4", 1, true);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "free");
  ASSERT_EQ(stores().size(), 2u) << "the second value is not kept from the store";
  answer(stores()[0]);
  EXPECT_TRUE(a().core.acknowledged(second));
  EXPECT_EQ(a().core.payloads(), "free 1 2 3");
  answer(stores()[1], Outcome::stored, 8);
  EXPECT_EQ(a().core.payloads(), "free 1 2 3 4");
  EXPECT_EQ(a().counters.lanes_now.get(), 0u);
}

TEST_F(Retained, WhatTheStoreRefusesIsNotDelivered) {
  const auto ticket = a().publish("t", "1", 1, true);
  answer(stores()[0], Outcome::refused);
  EXPECT_EQ(a().core.published_reasons.at(ticket), ReasonCode::quota_exceeded);
  EXPECT_EQ(a().core.payloads() + b().core.payloads(), "");
  EXPECT_EQ(a().counters.retained_refused.get(), 1u);
}

TEST_F(Retained, WhoCannotBeRefusedIsDeliveredLive) {
  const auto ticket = a().publish("t", "1", 1, true, /*refusable=*/false);
  zoo.settle();
  EXPECT_FALSE(stores()[0].refusable);
  answer(stores()[0], Outcome::live_only);
  EXPECT_EQ(a().core.published_reasons.at(ticket), ReasonCode::success);
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_EQ(a().counters.retained_live_only.get(), 1u);
}

TEST_F(Retained, ACommitWhileNotActingIsHeld) {
  const auto ticket = a().publish("t", "1", 1, true);
  const cluster::SharedView view = zoo.next_view({"A", "B"});
  zoo.enter("A", view);
  zoo.enter("B", view);
  zoo.settle();
  answer(stores()[0]);
  EXPECT_EQ(b().core.payloads(), "");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.act("A", view);
  zoo.act("B", view);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Retained, AnswersToAnEarlierIncarnationAreIgnored) {
  a().publish("t", "1", 1, true);
  const cluster::StoreRetained store = stores().at(0);
  zoo.reincarnate("A");
  zoo.settle();
  answer(store);
  EXPECT_EQ(a().core.payloads(), "");
  EXPECT_EQ(a().counters.publishes_forgotten.get(), 1u);
}

class RetainedBounds : public Retained {
 protected:
  RetainedBounds()
      : Retained([] {
          cluster::RouterLimits limits;
          limits.unfinished_messages_max = 2;
          return limits;
        }()) {}
};

TEST_F(RetainedBounds, LanesCountAndQos0IsDroppedThere) {
  a().publish("t", "1", 0, true);
  a().publish("t", "2", 0);
  EXPECT_TRUE(a().router.must_pause());
  a().publish("t", "3", 0);
  a().publish("u", "4", 0, true);
  EXPECT_EQ(a().counters.dropped_lane_full.get(), 2u);
  EXPECT_EQ(a().core.published_reasons[a().publish("t", "5", 1)], ReasonCode::quota_exceeded);
  a().publish("free", "6", 0);
  zoo.settle();
  answer(stores()[0]);
  EXPECT_EQ(b().core.payloads(), "6 1 2");
  EXPECT_EQ(a().core.resumed, 1);
}

// ---------------------------------------------------------------- subscribing (P1, P4)

class Subscribing : public testing::Test {
 protected:
  Subscribing() { zoo.start({"A"}); }
  void subscribe(std::uint64_t sequence, const std::string& filter, bool first, std::vector<std::string> retained) {
    a().turn([&] {
      if (first) a().router.interest_added(filter);
      a().router.settle_subscription({{1}, sequence}, std::move(retained));
    });
  }
  TestShard& a() { return zoo["A"].shard(); }
  RouterCluster zoo;
};

// No SUBACK before everybody is known to send.
TEST_F(Subscribing, WaitsUntilEverybodySendsAndReadsAfterThat) {
  zoo.spreads_interest = false;
  core::MessageView view;
  view.topic = "a";
  zoo.retained["a"] = core::MessageRef::copy_of(view);
  subscribe(1, "a", true, {"a"});
  zoo.settle();
  EXPECT_THAT(a().core.subscriptions, testing::ElementsAre());
  ASSERT_FALSE(a().to_control.empty());
  const auto& change = std::get<cluster::InterestChanged>(a().to_control.back());
  EXPECT_THAT(change.added, testing::ElementsAre("a"));
  a().from_control.push_back(cluster::InterestSettled{change.sequence});
  zoo.deliver_letters();
  EXPECT_THAT(a().core.subscriptions, testing::ElementsAre("reading 1"));
  zoo.settle();
  EXPECT_THAT(a().core.subscriptions, testing::ElementsAre("reading 1", "settled 1"));
  EXPECT_EQ(a().core.retained.size(), 1u);
}

TEST_F(Subscribing, ASecondSubscriptionWaitsForTheFirstOnesChange) {
  zoo.spreads_interest = false;
  subscribe(1, "a", true, {});
  subscribe(2, "a", false, {});
  zoo.settle();
  EXPECT_THAT(a().core.subscriptions, testing::ElementsAre());
  a().from_control.push_back(cluster::InterestSettled{1});
  zoo.settle();
  EXPECT_THAT(a().core.subscriptions, testing::ElementsAre("settled 1", "settled 2"));
  subscribe(3, "a", false, {});
  EXPECT_EQ(a().core.subscriptions.back(), "settled 3") << "nothing to wait for";
}

TEST_F(Subscribing, InterestOfOthersIsConfirmedWhenItIsUsed) {
  zoo.add("B", 2);
  TestShard& b = zoo["B"].shard(0);
  b.turn([&] {
    b.router.receive(cluster::InterestOf{33, {cluster::InterestOwner::Kind::shard, 1}, false, {"x", "y"}, {}});
    b.publish_now("x", "1", 0);
    b.router.receive(cluster::InterestOf{34, {cluster::InterestOwner::Kind::shard, 1}, true, {"z"}, {}});
    b.publish_now("x", "2", 0);
  });
  EXPECT_EQ(b.to_shards.size(), 1u) << "a snapshot replaces what was known";
  std::vector<std::uint64_t> tokens;
  for (const cluster::ToControl& letter : b.to_control) {
    if (const auto* const taken = std::get_if<cluster::InterestTaken>(&letter)) tokens.push_back(taken->token);
  }
  EXPECT_THAT(tokens, testing::ElementsAre(33, 34));
}

}  // namespace
}  // namespace mqttzoo::test
