#include <gmock/gmock.h>

#include "tests/broker/cluster/retained/retained_world.hpp"

/// Without contact with ZooKeeper (P8), and with a clock of the ensemble that steps back.
namespace mqttzoo::cluster {
namespace {

using ::testing::IsEmpty;
using Outcome = RetainedStored::Outcome;
using mqtt::QoS;
using mqtt::ReasonCode;

class RetainedOutage : public ::testing::Test {
 protected:
  void SetUp() override {
    broker = &world.start("b1");
    ASSERT_TRUE(world.run_until_loaded());
    world.put_and_wait(*broker, "a", "1");
  }

  std::int64_t time_to_answer(const StoredRef& publish) {
    const auto asked = world.ensemble.now_ms();
    EXPECT_TRUE(world.run_until([&] { return publish->answer.has_value(); }));
    return world.ensemble.now_ms() - asked;
  }

  RetainedWorld world;
  RetainedBroker* broker = nullptr;
};

TEST_F(RetainedOutage, PublishersGetAnAnswerAfterTheLeaseTime) {
  world.ensemble.set_quorum(false);
  const auto live = broker->put("live", "x", QoS::at_most_once, false);
  EXPECT_NEAR(static_cast<double>(time_to_answer(live)), 3'000, 300);
  EXPECT_EQ(live->answer->outcome, Outcome::live_only);
  EXPECT_EQ(live->answer->reason, ReasonCode::success);
  EXPECT_EQ(broker->store.counters().live_only_cut_off, 1u);
}

TEST_F(RetainedOutage, AnAnswerAtOnceWhereContactIsGoneForLong) {
  world.ensemble.cut(*broker->bulk, support::Loss::requests);
  world.run_for(5'000);
  EXPECT_FALSE(broker->store.in_contact());
  const auto live = broker->put("live", "x", QoS::at_most_once, false);
  ASSERT_TRUE(live->answer);
  EXPECT_EQ(live->answer->outcome, Outcome::live_only);
  const auto refused = broker->put("refused", "x", QoS::exactly_once, true);
  ASSERT_TRUE(refused->answer);
  EXPECT_EQ(refused->answer->outcome, Outcome::refused);
  EXPECT_EQ(refused->answer->reason, ReasonCode::implementation_specific_error);
  EXPECT_EQ(broker->store.counters().refused_cut_off, 1u);
  world.ensemble.heal(*broker->bulk);
  world.run_for(2'000);
  EXPECT_EQ(world.tree(), (Values{{"a", "1"}})) << "what was answered is not stored later";
}

TEST_F(RetainedOutage, WhoCannotBeToldNoWaits) {
  world.ensemble.cut(*broker->bulk, support::Loss::requests);
  const auto old_client = broker->put("old", "x", QoS::at_least_once, false);
  world.run_for(60'000);
  const auto later = broker->put("old", "y", QoS::at_least_once, false);
  EXPECT_FALSE(old_client->answer);
  EXPECT_FALSE(later->answer);
  world.ensemble.heal(*broker->bulk);
  ASSERT_TRUE(world.run_until_answered({old_client, later}));
  EXPECT_TRUE(old_client->stored());
  EXPECT_TRUE(later->stored());
  EXPECT_EQ(world.tree().at("old"), "y");
}

TEST_F(RetainedOutage, WhatMayHaveBeenStoredIsNotRefused) {
  for (const auto* topic : {"unknown", "unknown live"}) world.put_and_wait(*broker, topic, "before");
  world.ensemble.cut(*broker->bulk, support::Loss::replies, 500);
  const auto publish = broker->put("unknown", "x", QoS::at_least_once, true);
  const auto live = broker->put("unknown live", "x", QoS::at_most_once, false);
  world.run_for(30'000);
  EXPECT_FALSE(publish->answer);
  ASSERT_TRUE(live->answer);
  EXPECT_EQ(live->answer->outcome, Outcome::live_only);
  EXPECT_EQ(live->message->retained_version(), 0) << "it belongs to the shards";
  world.ensemble.heal(*broker->bulk);
  ASSERT_TRUE(world.run_until_answered({publish}));
  EXPECT_TRUE(publish->stored());
  EXPECT_EQ(live->message->retained_version(), 0);
  const auto values = world.read(*broker);
  EXPECT_EQ(values.at("unknown live"), "x");
  EXPECT_GT(broker->store.cache().find("unknown live")->message->retained_version(), 0);
}

TEST_F(RetainedOutage, WhatWaitsIsRefusedInOrder) {
  world.ensemble.cut(*broker->bulk, support::Loss::requests);
  std::vector<int> order;
  for (int number = 0; number < 3; ++number)
    broker->store.store(core::MessageRef::copy_of({.topic = "t",
                                                   .payload = "x",
                                                   .properties = {},
                                                   .qos = number == 1 ? QoS::at_most_once : QoS::at_least_once,
                                                   .publisher = {}}),
                        number != 1, [&order, number](Outcome, ReasonCode) { order.push_back(number); });
  world.run_for(60'000);
  // The first one's commit may be under way as far as anybody knows, so those behind it wait with it.
  world.ensemble.heal(*broker->bulk);
  ASSERT_TRUE(world.run_until([&] { return order.size() == 3; }));
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

TEST(RetainedLoad, ReadsWaitForTheValuesHoweverLongTheyTake) {
  RetainedWorld slow({.servers = 1, .latency_ms = [] { return std::int64_t{5}; }});
  RetainedBroker& first = slow.start("b1");
  ASSERT_TRUE(slow.run_until_loaded());
  for (int topic = 0; topic < 300; ++topic) first.put("t/" + std::to_string(topic), "x");
  ASSERT_TRUE(slow.run_until([&] { return slow.tree().size() == 300; }));
  RetainedOptions one_at_a_time;
  one_at_a_time.load_requests_max = 1;
  RetainedBroker& second = slow.start("b2", one_at_a_time);
  slow.run_for(100);
  const auto asked = slow.ensemble.now_ms();
  EXPECT_EQ(slow.read(second).size(), 300u);
  EXPECT_GT(slow.ensemble.now_ms() - asked, 4'000);
  EXPECT_EQ(second.store.counters().reads_cut_off, 0u);
}

TEST(RetainedLoad, ReadsAreAnsweredWhereTheValuesNeverCome) {
  RetainedWorld world;
  world.ensemble.set_quorum(false);
  RetainedOptions options;
  options.load_wait_ms = 10'000;
  RetainedBroker& broker = world.start("b1", options);
  const auto asked = world.ensemble.now_ms();
  EXPECT_EQ(world.read(broker), Values());
  EXPECT_LE(world.ensemble.now_ms() - asked, 10'100);
}

TEST_F(RetainedOutage, ReadsAreAnsweredFromMemory) {
  world.ensemble.set_quorum(false);
  const auto asked = world.ensemble.now_ms();
  EXPECT_EQ(world.read(*broker), (Values{{"a", "1"}}));
  EXPECT_NEAR(static_cast<double>(world.ensemble.now_ms() - asked), 3'000, 100);
  EXPECT_EQ(broker->store.counters().reads_cut_off, 1u);
  world.ensemble.cut(*broker->bulk, support::Loss::requests);
  world.run_for(5'000);
  bool answered = false;
  broker->store.read({"#"}, [&](const std::vector<core::RetainedMatch>& matches) {
    answered = true;
    EXPECT_EQ(matches.size(), 1u);
  });
  EXPECT_TRUE(answered);
}

TEST_F(RetainedOutage, ABrokerThatStartsWithoutZooKeeper) {
  world.ensemble.pause();
  auto& late = world.start("b2");
  const auto waits = late.put("waits", "x", QoS::at_least_once, false);
  const auto refused = late.put("refused", "x", QoS::at_least_once, true);
  EXPECT_THAT(world.read(late), IsEmpty());
  ASSERT_TRUE(world.run_until([&] { return refused->answer.has_value(); }));
  EXPECT_EQ(refused->answer->outcome, Outcome::refused);
  EXPECT_FALSE(waits->answer);
  world.ensemble.resume();
  ASSERT_TRUE(world.run_until_answered({waits}));
  EXPECT_TRUE(waits->stored());
  EXPECT_EQ(world.read(late), (Values{{"a", "1"}, {"waits", "x"}}));
}

TEST_F(RetainedOutage, ReadsShareAWrite) {
  int answered = 0;
  for (int number = 0; number < 100; ++number)
    broker->store.read({"#"}, [&](const std::vector<core::RetainedMatch>&) { ++answered; });
  const auto before = world.steps;
  ASSERT_TRUE(world.run_until([&] { return answered == 100; }));
  EXPECT_LT(world.steps - before, 30u);
}

// ---- The clock ----

TEST_F(RetainedOutage, AnEnsembleWhoseClockStepsBackBringsNothingBack) {
  const auto publish = broker->put("expires", "x", QoS::at_least_once, true, world.ensemble.wall_clock_ms() + 5'000);
  ASSERT_TRUE(world.run_until_answered({publish}));
  world.run_for(20'000);
  EXPECT_FALSE(world.read(*broker).contains("expires"));
  ASSERT_TRUE(world.znode("expires")) << "nobody sweeps in this test";
  world.ensemble.step_wall_clock(-60'000);
  for (int round = 0; round < 30; ++round) {
    world.run_for(1'000);
    ASSERT_FALSE(world.read(*broker).contains("expires"));
  }
  // A broker that starts now knows the time that the cluster had.
  auto& fresh = world.start("b2", {}, 0, -60'000);
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_FALSE(world.read(fresh).contains("expires"));
  EXPECT_NEAR(static_cast<double>(fresh.clock.now()), static_cast<double>(broker->clock.now()), 1'000);
  for (int round = 0; round < 60; ++round) {
    world.run_for(1'000);
    EXPECT_NEAR(static_cast<double>(fresh.clock.now()), static_cast<double>(broker->clock.now()), 1'000);
  }
}

TEST_F(RetainedOutage, ABrokerThatServesHasToldTheOthersItsClock) {
  const auto expected = broker->clock.now();
  world.ensemble.step_wall_clock(-60'000);
  world.kill(*broker);
  auto& fresh = world.start("b2", {}, 0, -60'000);
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_NEAR(static_cast<double>(fresh.clock.now()), static_cast<double>(expected), 1'000);
}

TEST_F(RetainedOutage, AStepForwardIsTakenByAll) {
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.ensemble.step_wall_clock(120'000);
  world.run_for(11'000);
  for (const auto* one : {broker, &second})
    EXPECT_NEAR(static_cast<double>(one->clock.now()), static_cast<double>(world.ensemble.wall_clock_ms()), 100);
  EXPECT_EQ(second.complaints.size(), 1u);
}

TEST_F(RetainedOutage, AStepForwardThatOneBrokerMissed) {
  // The ensemble's clock is ahead for a moment, and only one broker sees it. The others follow it.
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.run_for(25'000);
  const auto is_seen = [this, &second] { return broker->clock.ahead_ms() + second.clock.ahead_ms() != 0; };
  const auto written = world.ensemble.stat("/time")->version;
  ASSERT_TRUE(world.run_until([&] { return world.ensemble.stat("/time")->version != written; }));
  world.ensemble.step_wall_clock(30'000);
  const auto ahead = world.ensemble.stat("/time")->version;
  ASSERT_TRUE(world.run_until([&] { return world.ensemble.stat("/time")->version != ahead; }));
  world.ensemble.step_wall_clock(-30'000);
  world.run_for(21'000);
  EXPECT_TRUE(is_seen());
  EXPECT_NEAR(static_cast<double>(broker->clock.now()), static_cast<double>(second.clock.now()), 1'100);
}

TEST_F(RetainedOutage, TheClockOfAMachineDoesNotCount) {
  auto& wrong = world.start("b2", {}, 0, 3'600'000);
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_NEAR(static_cast<double>(wrong.clock.now()), static_cast<double>(world.ensemble.wall_clock_ms()), 60);
  EXPECT_LT(wrong.clock.error_ms(), 100);
}

}  // namespace
}  // namespace mqttzoo::cluster
