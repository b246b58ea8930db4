#include <gmock/gmock.h>

#include "tests/broker/cluster/retained/retained_world.hpp"

/// What the controller does for the retained values: sweeps, trims the change log, returns blocks, audits the Bank.
namespace mqttzoo::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = RetainedStored::Outcome;
using mqtt::QoS;
using mqtt::ReasonCode;

class RetainedController : public ::testing::Test {
 protected:
  RetainedOptions small_bank(std::uint64_t bytes) {
    RetainedOptions options;
    options.bank_bytes = bytes;
    return options;
  }

  void elect(RetainedBroker& controller) {
    std::vector<Incarnation> living;
    for (const auto& broker : world.brokers) living.push_back(broker->incarnation);
    controller.store.hold_office(std::move(living));
  }

  void put_many(RetainedBroker& broker, int count, const std::string& payload,
                core::ClusterMilliseconds expires_at = 0) {
    std::vector<StoredRef> publishes;
    for (int number = 0; number < count; ++number)
      publishes.push_back(broker.put("t/" + std::to_string(number), payload, QoS::at_least_once, true, expires_at));
    ASSERT_TRUE(world.run_until_answered(publishes));
    for (const auto& publish : publishes) ASSERT_TRUE(publish->stored());
  }

  RetainedWorld world;
};

TEST_F(RetainedController, SweepsWhatExpired) {
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  elect(second);
  put_many(first, 1'200, "x", world.ensemble.wall_clock_ms() + 5'000);
  world.put_and_wait(first, "stays", "x");
  EXPECT_EQ(world.znodes(), 1'201u);
  world.run_for(10'000);
  EXPECT_EQ(world.znodes(), 1u);
  EXPECT_EQ(second.store.counters().swept, 1'200u);
  EXPECT_EQ(first.store.cache().znodes(), 1u);
  EXPECT_EQ(second.store.cache().znodes(), 1u);
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
  EXPECT_TRUE(world.put_and_wait(first, "t/1", "again")->stored());
  EXPECT_EQ(world.read(second, "t/1"), (Values{{"t/1", "again"}}));
}

// Commits of other topics are under way when a sweep comes between; all of them find it in the log.
TEST_F(RetainedController, SweepsMakeNobodyLoadAgain) {
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  elect(second);
  world.ensemble.set_apply_delay_ms(0, 5);
  std::vector<StoredRef> publishes;
  for (int round = 0; round < 4'000; ++round) {
    publishes.push_back(first.put("gone", round % 100 < 50 ? "x" : ""));
    for (int topic = 0; topic < 7; ++topic) publishes.push_back(first.put("busy/" + std::to_string(topic), "x"));
    world.run_for(20);
  }
  ASSERT_TRUE(world.run_until_answered(publishes));
  EXPECT_GT(second.store.counters().swept, 10u);
  EXPECT_GT(first.store.counters().commits_repeated, 5u);
  EXPECT_EQ(first.store.counters().loads, 1u);
  EXPECT_EQ(second.store.counters().loads, 1u);
}

TEST_F(RetainedController, SweepsDeletedValuesSoon) {
  auto& broker = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  elect(broker);
  put_many(broker, 10, "x");
  put_many(broker, 10, "");
  world.run_for(1'500);
  EXPECT_EQ(world.znodes(), 0u);
  EXPECT_EQ(broker.store.cache().credit_bytes(), 0u);
}

TEST_F(RetainedController, AZnodeMadeAgainIsNotTakenForTheOldOne) {
  // b2 knows version 0 of a long value. It is deleted, swept and made again as a short one: version 0 once more. What
  // b2 writes must not be paid as if it replaced the long value.
  auto& first = world.start("b1");
  elect(first);
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(first, "a", std::string(10'000, 'x'));
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.ensemble.cut(*second.bulk, support::Loss::requests);
  world.run_for(1'000);  // within the session's timeout
  world.put_and_wait(first, "a", "");
  ASSERT_TRUE(world.run_until([&] { return world.znodes() == 0; }));
  world.put_and_wait(first, "a", "short");
  EXPECT_EQ(world.ensemble.stat(retained_znode_path("a"))->version, 0);
  auto late = second.put("a", "other");
  world.ensemble.heal(*second.bulk);
  ASSERT_TRUE(world.run_until_answered({late}));
  EXPECT_TRUE(late->stored());
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
}

TEST_F(RetainedController, TheBankRefusesAndIsPaidBack) {
  const auto options = small_bank(20'000);
  auto& first = world.start("b1", options);
  auto& second = world.start("b2", options);
  ASSERT_TRUE(world.run_until_loaded());
  elect(first);
  int stored = 0;
  while (world.put_and_wait(first, "t/" + std::to_string(stored), std::string(1'000, 'x'))->stored()) ++stored;
  EXPECT_GE(stored, 16);  // each costs 1,139 bytes
  EXPECT_LE(stored, 17);
  const auto refused = world.put_and_wait(second, "other", std::string(1'000, 'x'));
  EXPECT_EQ(refused->answer->outcome, Outcome::refused);
  EXPECT_EQ(refused->answer->reason, ReasonCode::quota_exceeded);
  auto old_client = second.put("other", std::string(1'000, 'x'), QoS::at_least_once, false);
  auto qos_0 = second.put("other", std::string(1'000, 'x'), QoS::at_most_once, false);
  ASSERT_TRUE(world.run_until_answered({old_client, qos_0}));
  EXPECT_EQ(old_client->answer->outcome, Outcome::live_only);
  EXPECT_EQ(qos_0->answer->outcome, Outcome::live_only);
  EXPECT_EQ(second.store.counters().live_only_bank, 2u);
  EXPECT_EQ(world.znode("other"), std::nullopt);
  EXPECT_EQ(world.total_credit(), 20'000u);
  // A value may become smaller, and a deletion pays at once for a store at any broker.
  EXPECT_TRUE(world.put_and_wait(first, "t/0", "small")->stored());
  EXPECT_TRUE(world.put_and_wait(first, "t/1", "")->stored());
  world.run_for(50);
  EXPECT_TRUE(world.put_and_wait(second, "other", std::string(1'000, 'x'))->stored());
  EXPECT_EQ(world.total_credit(), 20'000u);
}

TEST_F(RetainedController, CreditOfOtherLanesOfTheBrokerIsUsed) {
  auto options = small_bank(20'000);
  options.lanes = 4;
  auto& broker = world.start("b1", options);
  std::vector<std::string> topics;
  while (true) {
    topics.push_back("t/" + std::to_string(topics.size()));
    if (!world.put_and_wait(broker, topics.back(), std::string(1'000, 'x'))->stored()) break;
  }
  topics.pop_back();
  std::vector<StoredRef> deletions;
  for (const auto& topic : topics) deletions.push_back(broker.put(topic, ""));
  ASSERT_TRUE(world.run_until_answered(deletions));
  // The credit is in the blocks of all four lanes, or on its way to the bank.
  EXPECT_TRUE(world.put_and_wait(broker, "big", std::string(15'000, 'x'))->stored());
  EXPECT_EQ(world.total_credit(), 20'000u);
}

TEST_F(RetainedController, AnEarlierPublishIsStoredWhereTheLastCannotBePaid) {
  auto& broker = world.start("b1", small_bank(5'000));
  ASSERT_TRUE(world.run_until_loaded());
  auto small = broker.put("a", "small");
  auto large = broker.put("a", std::string(6'000, 'x'));
  ASSERT_TRUE(world.run_until_answered({small, large}));
  EXPECT_TRUE(small->stored());
  EXPECT_EQ(large->answer->outcome, Outcome::refused);
  EXPECT_EQ(world.tree(), (Values{{"a", "small"}}));
}

TEST_F(RetainedController, IdleBlocksAreGivenBack) {
  auto& broker = world.start("b1");
  world.put_and_wait(broker, "a", "x");
  EXPECT_GT(world.credit_in_blocks(), 0u);
  world.run_for(6'000);
  EXPECT_EQ(world.credit_in_blocks(), 0u);
}

TEST_F(RetainedController, BlocksOfDeadBrokersAreReturned) {
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(second, "a", "x");
  EXPECT_GT(world.credit_in_blocks(), 0u);
  world.kill(second);
  elect(first);
  world.run_for(6'000);
  EXPECT_EQ(world.credit_in_blocks(), 0u);
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
  EXPECT_FALSE(world.ensemble.children("/bank/blocks").empty()) << "kept, should b2 ask what became of a commit";
  world.run_for(610'000);
  for (const auto& name : world.ensemble.children("/bank/blocks"))
    EXPECT_EQ(owner_of_block(name), first.incarnation) << name;
}

TEST_F(RetainedController, WhoWasTakenForDeadGoesOn) {
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(second, "a", "1");
  first.store.hold_office({first.incarnation});
  world.run_for(700'000);
  EXPECT_TRUE(world.put_and_wait(second, "a", "2")->stored());
  second.store.set_incarnation({"b2", 2});
  EXPECT_TRUE(world.put_and_wait(second, "a", "3")->stored());
  EXPECT_EQ(world.read(first), (Values{{"a", "3"}}));
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
}

TEST_F(RetainedController, NamesOfBlocks) {
  EXPECT_EQ(block_path({"b.1", 12}, 3), "/bank/blocks/b.1#12.3");
  EXPECT_EQ(owner_of_block("b.1#12.3"), (Incarnation{"b.1", 12}));
  for (const auto* name : {"", "b1", "b1#", "b1#x.0", "b1.0", "b1#1", "b.1#2x.0"})
    EXPECT_EQ(owner_of_block(name), std::nullopt) << name;
}

TEST_F(RetainedController, TheChangeLogIsTrimmed) {
  RetainedOptions options;
  options.changes_kept = 20;
  auto& first = world.start("b1", options);
  auto& second = world.start("b2", options);
  ASSERT_TRUE(world.run_until_loaded());
  elect(first);
  for (int number = 0; number < 200; ++number) world.put_and_wait(first, "a", std::to_string(number));
  world.run_for(12'000);
  EXPECT_LE(world.ensemble.children("/changes").size(), 21u);
  EXPECT_GE(world.ensemble.children("/changes").size(), 1u);
  world.put_and_wait(first, "a", "last");
  EXPECT_EQ(world.read(second), (Values{{"a", "last"}}));
  EXPECT_EQ(second.store.counters().loads, 1u);
  auto& third = world.start("b3", options);
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_EQ(world.read(third), (Values{{"a", "last"}}));
}

TEST_F(RetainedController, WhoMissesATrimmedEntryLoadsAgain) {
  RetainedOptions options;
  options.changes_kept = 5;
  auto& first = world.start("b1", options);
  auto& second = world.start("b2", options);
  ASSERT_TRUE(world.run_until_loaded());
  elect(first);
  world.put_and_wait(first, "a", "1");
  world.put_and_wait(first, "deleted", "1");
  EXPECT_EQ(world.read(second).size(), 2u);
  world.ensemble.cut(*second.bulk, support::Loss::requests);
  for (int number = 0; number < 100; ++number) world.put_and_wait(first, "a", std::to_string(number));
  world.put_and_wait(first, "deleted", "");
  world.run_for(12'000);
  EXPECT_EQ(world.znodes(), 1u);
  world.ensemble.heal(*second.bulk);
  ASSERT_TRUE(world.run_until([&] { return second.store.counters().loads == 2; }));
  EXPECT_EQ(world.read(second), (Values{{"a", "99"}}));
  EXPECT_EQ(second.store.cache().znodes(), 1u);
}

TEST_F(RetainedController, SomebodyRemovesEntriesOfTheLog) {
  auto& first = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.ensemble.cut(*second.bulk, support::Loss::requests);
  world.run_for(200);
  for (int number = 0; number < 3; ++number) world.put_and_wait(first, "a", std::to_string(number));
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  const auto entries = world.ensemble.children("/changes");
  zkcli->remove("/changes/" + entries[entries.size() - 2], any_version, [](CoordinatorStatus) {});
  zkcli->remove("/changes/" + entries[entries.size() - 3], any_version, [](CoordinatorStatus) {});
  world.run_for(100);
  world.ensemble.heal(*second.bulk);
  ASSERT_TRUE(world.run_until([&] { return second.store.cache().values() == 1; }));
  EXPECT_EQ(second.store.counters().loads, 2u);
}

TEST_F(RetainedController, AnUnreadableEntryOfTheLogMakesALoad) {
  auto& broker = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  zkcli->create("/changes/c-", "what is this", CreateMode::persistent_sequential,
                [](CoordinatorStatus, const std::string&) {});
  ASSERT_TRUE(world.run_until([&] { return broker.store.counters().loads == 2; }));
  EXPECT_TRUE(world.put_and_wait(broker, "a", "x")->stored());
}

TEST_F(RetainedController, TheAuditIsExactWhileOthersWrite) {
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  put_many(first, 50, "12345");
  int puts = 0;
  int audits = 0;
  world.on_step = [&] {
    if (++puts % 40 == 0) second.put("u/" + std::to_string(puts), "x");
    if (puts % 100 != 0) return;
    first.store.audit([&](std::optional<BankBalance> balance) {
      if (!balance) return;
      ++audits;
      EXPECT_EQ(balance->missing(), 0);
      EXPECT_EQ(balance->capacity_bytes, RetainedOptions().bank_bytes);
      EXPECT_GE(balance->values, 50u);
    });
  };
  world.run_for(10'000);
  EXPECT_GT(audits, 3);
}

TEST_F(RetainedController, TheAuditPutsRightWhatPeopleBroke) {
  auto& broker = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  put_many(broker, 3, std::string(1'000, 'x'));
  elect(broker);
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  zkcli->remove(retained_znode_path("t/1"), any_version, [](CoordinatorStatus) {});
  world.run_for(100);
  EXPECT_TRUE(world.put_and_wait(broker, "t/1", "y")->stored());  // finds out
  EXPECT_NE(world.total_credit(), RetainedOptions().bank_bytes);
  world.run_for(6'000);
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
  EXPECT_THAT(broker.complaints, ::testing::Contains(HasSubstr("the Bank lacks")));
}

TEST_F(RetainedController, SomebodyRemovesTheBank) {
  auto& broker = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  elect(broker);
  put_many(broker, 10, std::string(1'000, 'x'));
  world.run_for(6'000);
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  zkcli->remove("/bank", any_version,
                [](CoordinatorStatus status) { EXPECT_EQ(status, CoordinatorStatus::not_empty); });
  for (const auto& name : world.ensemble.children("/bank/blocks"))
    zkcli->remove("/bank/blocks/" + name, any_version, [](CoordinatorStatus) {});
  zkcli->remove("/bank/blocks", any_version, [](CoordinatorStatus) {});
  zkcli->remove("/bank", any_version, [](CoordinatorStatus status) { EXPECT_EQ(status, CoordinatorStatus::ok); });
  world.run_for(100);
  auto publish = broker.put("a", "x");
  world.run_for(15'000);
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
  EXPECT_TRUE(world.put_and_wait(broker, "a", "y")->stored());
}

TEST_F(RetainedController, TheBankGetsTheSizeOfTheOptions) {
  auto& first = world.start("b1", small_bank(50'000));
  put_many(first, 20, std::string(1'000, 'x'));
  world.kill(first);
  auto& second = world.start("b2", small_bank(100'000));
  ASSERT_TRUE(world.run_until_loaded());
  elect(second);
  world.run_for(11'000);
  EXPECT_EQ(world.bank().capacity_bytes(), 100'000u);
  EXPECT_EQ(world.total_credit(), 100'000u);
  world.kill(second);
  // Smaller than what is stored: as small as it can be, and smaller when values go.
  auto& third = world.start("b3", small_bank(10'000));
  ASSERT_TRUE(world.run_until_loaded());
  elect(third);
  world.run_for(11'000);
  EXPECT_EQ(world.bank().credit_bytes(), 0u);
  EXPECT_EQ(world.bank().capacity_bytes(), third.store.cache().credit_bytes());
  put_many(third, 20, "");
  world.run_for(20'000);
  EXPECT_EQ(world.bank().capacity_bytes(), 10'000u);
  EXPECT_EQ(world.total_credit(), 10'000u);
}

TEST_F(RetainedController, TwoControllersAtOnceDoNoHarm) {
  RetainedOptions options;
  options.changes_kept = 10;
  auto& first = world.start("b1", options);
  auto& second = world.start("b2", options);
  ASSERT_TRUE(world.run_until_loaded());
  elect(first);
  elect(second);
  for (int round = 0; round < 20; ++round) {
    put_many(first, 50, round % 2 == 0 ? "x" : "");
    world.run_for(700);
  }
  world.run_for(10'000);
  EXPECT_EQ(world.znodes(), 0u);
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
  EXPECT_THAT(world.read(second), IsEmpty());
}

}  // namespace
}  // namespace mqttzoo::cluster
