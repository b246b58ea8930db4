#include <gmock/gmock.h>

#include "broker/cluster/retained/retained_names.hpp"
#include "tests/broker/cluster/retained/integration/retained_rig.hpp"

/// The retained store against real servers: that they do what the fake ensemble of the unit tests does.
namespace mqttzoo::cluster {
namespace {

using ::testing::IsEmpty;
using Outcome = RetainedStored::Outcome;

TEST(RetainedEnsemble, EveryBrokerReadsWhatWasAcknowledged) {
  RetainedRig rig({.count = 3});
  auto& first = rig.start("b1", 0);
  auto& second = rig.start("b2", 1);
  auto& third = rig.start("b3", 2);
  ASSERT_TRUE(rig.run_until_loaded());
  for (int number = 0; number < 30; ++number) {
    const auto payload = std::to_string(number);
    ASSERT_EQ(rig.put(number % 2 == 0 ? first : second, "now", payload), Outcome::stored);
    ASSERT_EQ(rig.read(third, "now"), (Payloads{{"now", payload}}));
    ASSERT_EQ(rig.read(first, "+"), (Payloads{{"now", payload}}));
  }
  EXPECT_EQ(rig.missing_credit(second), 0);
}

TEST(RetainedEnsemble, NamesAndSizesThatZooKeeperHasToTake) {
  RetainedRig rig({});
  auto& first = rig.start("b1", 0);
  auto& second = rig.start("b2", 0);
  ASSERT_TRUE(rig.run_until_loaded());
  std::vector<std::string> topics{".", "..", "zookeeper", "/", "caf\xC3\xA9", "a b%c~d", std::string(65'535, '/')};
  for (int byte = 1; byte < 0x20; ++byte) topics.push_back(std::string("control ") + static_cast<char>(byte));
  for (const auto& topic : topics) EXPECT_EQ(rig.put(first, topic, "x"), Outcome::stored) << topic;
  EXPECT_EQ(rig.read(second, "#").size(), topics.size());
  const std::string largest(900 * 1024, 'x');
  EXPECT_EQ(rig.put(first, "largest", largest), Outcome::stored);
  EXPECT_EQ(rig.read(second, "largest"), (Payloads{{"largest", largest}}));
  EXPECT_EQ(rig.put(first, "larger", largest + 'x'), Outcome::refused);
  auto& third = rig.start("b3", 0);
  ASSERT_TRUE(rig.run_until_loaded());
  EXPECT_EQ(rig.read(third, "#").size(), topics.size() + 1);
  for (const auto& broker : rig.brokers) EXPECT_THAT(broker->complaints, IsEmpty());
  EXPECT_EQ(rig.missing_credit(third), 0);
}

TEST(RetainedEnsemble, DeletionsSweepsAndConflicts) {
  RetainedRig rig({.count = 3});
  auto& first = rig.start("b1", 0);
  auto& second = rig.start("b2", 1);
  ASSERT_TRUE(rig.run_until_loaded());
  second.store.hold_office({first.incarnation, second.incarnation});
  EXPECT_EQ(rig.put(first, "never there", ""), Outcome::stored);
  int answered = 0;
  int asked = 0;
  for (int round = 0; round < 100; ++round) {
    for (auto* broker : {&first, &second})
      for (int topic = 0; topic < 20; ++topic) {
        const std::string payload = (round + topic) % 7 == 0 ? "" : broker->incarnation.name + std::to_string(round);
        ++asked;
        broker->store.store(RetainedRig::message("t/" + std::to_string(topic), payload), false,
                            [&](Outcome outcome, mqtt::ReasonCode) {
                              EXPECT_EQ(outcome, Outcome::stored);
                              ++answered;
                            });
      }
    rig.run_for(std::chrono::milliseconds(3));
  }
  ASSERT_TRUE(rig.run_until([&] { return answered == asked; }));
  EXPECT_EQ(rig.read(first, "#"), rig.read(second, "#"));
  EXPECT_EQ(rig.missing_credit(first), 0);
  for (int topic = 0; topic < 20; ++topic) rig.put(first, "t/" + std::to_string(topic), "");
  EXPECT_TRUE(rig.run_until([&] { return first.store.cache().znodes() == 0 && second.store.cache().znodes() == 0; }));
  EXPECT_EQ(rig.missing_credit(second), 0);
  EXPECT_EQ(first.store.counters().loads, 1u) << "sequence numbers have no holes:\n" << first.log;
  EXPECT_EQ(second.store.counters().loads, 1u) << second.log;
}

TEST(RetainedEnsemble, TimeToLive) {
  RetainedRig rig({});
  auto& first = rig.start("b1", 0);
  auto& second = rig.start("b2", 0);
  ASSERT_TRUE(rig.run_until_loaded());
  first.store.hold_office({first.incarnation, second.incarnation});
  EXPECT_NEAR(static_cast<double>(first.clock.now()), static_cast<double>(wall_ms()), 500);
  bool stored = false;
  const auto expires_at = first.clock.now() + 1'500;
  first.store.store(RetainedRig::message("short", "x", expires_at), true,
                    [&](Outcome, mqtt::ReasonCode) { stored = true; });
  ASSERT_TRUE(rig.run_until([&] { return stored; }));
  EXPECT_EQ(rig.read(second, "short").size(), 1u);
  ASSERT_TRUE(rig.run_until([&] { return second.clock.now() >= expires_at; }));
  EXPECT_THAT(rig.read(second, "short"), IsEmpty());
  ASSERT_TRUE(rig.run_until([&] { return first.clock.now() >= expires_at; }));
  EXPECT_THAT(rig.read(first, "short"), IsEmpty());
  EXPECT_TRUE(rig.run_until([&] { return second.store.cache().znodes() == 0; }));
}

TEST(RetainedEnsemble, LostRepliesAndATrimmedLog) {
  RetainedRig rig({});
  RetainedOptions options;
  options.changes_kept = 5;
  options.upkeep_interval_ms = 300;
  auto& first = rig.start("b1", 0, options);
  auto& second = rig.start("b2", 0, options);
  ASSERT_TRUE(rig.run_until_loaded());
  second.store.hold_office({first.incarnation, second.incarnation});
  ASSERT_EQ(rig.put(first, "a", "0"), Outcome::stored);
  for (int round = 0; round < 3; ++round) {
    const auto payload = "lost " + std::to_string(round);
    first.proxy.swallow_replies(true);
    std::optional<Outcome> outcome;
    first.store.store(RetainedRig::message("a", payload), false,
                      [&](Outcome what, mqtt::ReasonCode) { outcome = what; });
    ASSERT_TRUE(rig.run_until([&] { return rig.read(second, "a") == Payloads{{"a", payload}}; }));
    for (int number = 0; number < 20; ++number) rig.put(second, "a", "newer " + std::to_string(number));
    ASSERT_TRUE(rig.run_until([&] { return rig.change_entries(second) < 12; })) << "the log is not trimmed";
    first.proxy.disconnect();
    first.proxy.swallow_replies(false);
    ASSERT_TRUE(rig.run_until([&] { return outcome.has_value(); }));
    EXPECT_EQ(outcome, Outcome::stored);
    EXPECT_EQ(rig.read(first, "a"), (Payloads{{"a", "newer 19"}}));
  }
  EXPECT_GE(first.store.counters().replies_lost, 3u);
  EXPECT_GE(first.store.counters().loads, 2u) << first.log;
  EXPECT_EQ(rig.missing_credit(first), 0);
}

TEST(RetainedEnsemble, TheLeaderDies) {
  RetainedRig rig({.count = 3});
  const int leader = rig.servers.leader().value();
  auto& first = rig.start("b1", (leader + 1) % 3);
  auto& second = rig.start("b2", (leader + 2) % 3);
  ASSERT_TRUE(rig.run_until_loaded());
  std::vector<std::string> last(10);
  int answered = 0;
  int asked = 0;
  const auto put_some = [&](RealBroker& broker, int round) {
    for (int topic = broker.incarnation.name == "b1" ? 0 : 1; topic < 10; topic += 2) {
      last[static_cast<std::size_t>(topic)] = std::to_string(round);
      ++asked;
      broker.store.store(RetainedRig::message("t/" + std::to_string(topic), std::to_string(round)), false,
                         [&](Outcome outcome, mqtt::ReasonCode) {
                           EXPECT_EQ(outcome, Outcome::stored);
                           ++answered;
                         });
    }
  };
  for (int round = 0; round < 200; ++round) {
    put_some(first, round);
    put_some(second, round);
    if (round == 50) rig.servers.kill(leader);
    rig.run_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(rig.run_until([&] { return answered == asked; }));
  Payloads expected;
  for (int topic = 0; topic < 10; ++topic)
    expected.emplace_back("t/" + std::to_string(topic), last[static_cast<std::size_t>(topic)]);
  EXPECT_EQ(rig.read(first, "#"), expected);
  EXPECT_EQ(rig.read(second, "#"), expected);
  EXPECT_EQ(rig.missing_credit(first), 0);
}

}  // namespace
}  // namespace mqttzoo::cluster
