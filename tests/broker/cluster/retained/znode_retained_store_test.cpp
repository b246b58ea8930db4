#include "broker/cluster/retained/znode_retained_store.hpp"

#include <gmock/gmock.h>

#include "tests/broker/cluster/retained/retained_world.hpp"

namespace mqttzoo::cluster {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Outcome = RetainedStored::Outcome;
using mqtt::QoS;
using mqtt::ReasonCode;

TEST(ZnodeRetainedStore, AValueIsOneZnodeThatPeopleCanFind) {
  RetainedWorld world;
  auto& broker = world.start("b1");
  const auto publish = world.put_and_wait(broker, "read/me", "visible");
  EXPECT_TRUE(publish->stored());
  const auto path = retained_znode_path("read/me");
  EXPECT_THAT(path, HasSubstr("read%2Fme"));
  const auto stat = world.ensemble.stat(path);
  ASSERT_TRUE(stat);
  EXPECT_EQ(publish->message->retained_version(), stat->modified_zxid);
  EXPECT_EQ(world.read(broker), (Values{{"read/me", "visible"}}));
}

TEST(ZnodeRetainedStore, EveryBrokerReadsWhatWasAcknowledged) {  // P4
  RetainedWorld world({.servers = 3});
  auto& first = world.start("b1", {}, 0);
  auto& second = world.start("b2", {}, 1);
  auto& third = world.start("b3", {}, 2);
  world.ensemble.set_apply_delay_ms(2, 300);  // its watches and reads are late
  ASSERT_TRUE(world.run_until_loaded());
  for (int number = 0; number < 20; ++number) {
    const auto payload = std::to_string(number);
    world.put_and_wait(number % 2 == 0 ? first : second, "now", payload);
    EXPECT_EQ(world.read(third), (Values{{"now", payload}}));
    EXPECT_EQ(world.read(first), (Values{{"now", payload}}));
  }
}

TEST(ZnodeRetainedStore, ADeletionIsSeenAsAnyOtherChange) {
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  world.put_and_wait(first, "a", "1");
  EXPECT_TRUE(world.put_and_wait(second, "a", "")->stored());
  EXPECT_THAT(world.read(first), IsEmpty());
  world.put_and_wait(first, "a", "2");
  EXPECT_EQ(world.read(second), (Values{{"a", "2"}}));
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
}

TEST(ZnodeRetainedStore, ADeletionSeesWhatThisBrokerHasNotReadYet) {
  RetainedWorld world({.servers = 2});
  auto& first = world.start("b1", {}, 0);
  auto& second = world.start("b2", {}, 1);
  ASSERT_TRUE(world.run_until_loaded());
  world.ensemble.set_apply_delay_ms(1, 500);
  world.put_and_wait(first, "a", "1");
  EXPECT_EQ(second.store.cache().values(), 0u);
  EXPECT_TRUE(world.put_and_wait(second, "a", "")->stored());
  EXPECT_THAT(world.tree(), IsEmpty());
}

TEST(ZnodeRetainedStore, ADeletionOfNothingLeavesNothing) {
  RetainedWorld world;
  auto& broker = world.start("b1");
  EXPECT_TRUE(world.put_and_wait(broker, "never/there", "")->stored());
  EXPECT_EQ(world.znodes(), 0u);
  world.put_and_wait(broker, "a", "1");
  world.put_and_wait(broker, "a", "");
  const auto twice = world.put_and_wait(broker, "a", "");
  EXPECT_TRUE(twice->stored());
  EXPECT_GT(twice->message->retained_version(), 0);
}

TEST(ZnodeRetainedStore, OneTurnIsOneCommit) {
  RetainedWorld world;
  RetainedOptions options;
  options.lanes = 1;
  auto& broker = world.start("b1", options);
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(broker, "before", "x");
  const auto commits = broker.store.counters().commits;
  std::vector<StoredRef> publishes;
  for (int number = 0; number < 100; ++number)
    publishes.push_back(broker.put("t/" + std::to_string(number % 50), std::to_string(number)));
  ASSERT_TRUE(world.run_until_answered(publishes));
  EXPECT_EQ(broker.store.counters().commits, commits + 1);
  EXPECT_EQ(world.tree().at("t/7"), "57") << "the last value of a topic wins";
  for (const auto& publish : publishes) {
    EXPECT_TRUE(publish->stored());
    EXPECT_EQ(publish->message->retained_version(), publishes[0]->message->retained_version());
  }
}

TEST(ZnodeRetainedStore, CommitsAreBounded) {
  RetainedWorld world;
  RetainedOptions options;
  options.lanes = 1;
  auto& broker = world.start("b1", options);
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(broker, "before", "x");
  const auto commits = broker.store.counters().commits;
  std::vector<StoredRef> publishes;
  for (int number = 0; number < 40; ++number)
    publishes.push_back(broker.put("t/" + std::to_string(number), std::string(10'000, 'x')));
  publishes.push_back(broker.put("large", std::string(900 * 1024, 'x')));
  ASSERT_TRUE(world.run_until_answered(publishes));
  // Six values of 10,000 bytes fit into one of 64 KiB, and the large one commits alone.
  EXPECT_EQ(broker.store.counters().commits, commits + 8);
  EXPECT_TRUE(publishes.back()->stored());
}

TEST(ZnodeRetainedStore, LongTopicsAndLargestValues) {
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  const std::string topic(65'535, '/');
  EXPECT_TRUE(world.put_and_wait(first, topic, "deep")->stored());
  EXPECT_EQ(world.read(second).at(topic), "deep");
  EXPECT_TRUE(world.put_and_wait(first, "x", std::string(900 * 1024, 'x'))->stored());
  EXPECT_EQ(world.read(second, "x").at("x").size(), 900u * 1024);
  // Both together are over ZooKeeper's packet.
  const auto both = world.put_and_wait(first, topic, std::string(900 * 1024, 'x'));
  EXPECT_EQ(both->answer->reason, ReasonCode::quota_exceeded);
  EXPECT_THAT(first.complaints, IsEmpty());
}

TEST(ZnodeRetainedStore, TooLargeValues) {
  RetainedWorld world;
  auto& broker = world.start("b1");
  const std::string body(900 * 1024 + 1, 'x');
  EXPECT_EQ(world.put_and_wait(broker, "a", body)->answer->reason, ReasonCode::quota_exceeded);
  const auto old_client = broker.put("a", body, QoS::at_least_once, false);
  EXPECT_EQ(old_client->answer->outcome, Outcome::live_only);
  EXPECT_EQ(broker.store.counters().refused_too_large, 1u);
  EXPECT_EQ(broker.store.counters().live_only_too_large, 1u);
}

TEST(ZnodeRetainedStore, AnswersOfATopicKeepTheirOrder) {
  RetainedWorld world;
  auto& broker = world.start("b1");
  ASSERT_TRUE(world.run_until_loaded());
  std::vector<std::string> order;
  const auto put = [&](const std::string& name, const std::string& payload) {
    broker.store.store(core::MessageRef::copy_of({.topic = "a", .payload = payload, .properties = {}, .publisher = {}}),
                       true, [&order, name](Outcome outcome, ReasonCode) {
                         order.push_back(name + (outcome == Outcome::stored ? " stored" : " refused"));
                       });
  };
  put("first", "1");
  put("huge", std::string(1'000'000, 'x'));  // refused, but not before the first
  put("last", "2");
  ASSERT_TRUE(world.run_until([&] { return order.size() == 3; }));
  EXPECT_EQ(order, (std::vector<std::string>{"first stored", "huge refused", "last stored"}));
  EXPECT_EQ(world.tree(), (Values{{"a", "2"}}));
}

TEST(ZnodeRetainedStore, TwoBrokersWriteTheSameTopics) {
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  std::vector<StoredRef> publishes;
  for (int round = 0; round < 400; ++round) {
    for (auto* broker : {&first, &second})
      for (int topic = 0; topic < 20; ++topic)
        publishes.push_back(
            broker->put("t/" + std::to_string(topic), broker->incarnation.name + std::to_string(round)));
    world.step();
  }
  ASSERT_TRUE(world.run_until_answered(publishes));
  EXPECT_GT(first.store.counters().commits_repeated + second.store.counters().commits_repeated, 0u);
  EXPECT_EQ(world.read(first), world.tree());
  EXPECT_EQ(world.read(second), world.tree());
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
}

TEST(ZnodeRetainedStore, ANewBrokerLoadsAll) {
  RetainedWorld world;
  auto& first = world.start("b1");
  std::vector<StoredRef> publishes;
  for (int number = 0; number < 2'000; ++number) publishes.push_back(first.put("t/" + std::to_string(number), "x"));
  ASSERT_TRUE(world.run_until_answered(publishes));
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_EQ(second.store.cache().values(), 2'000u);
  EXPECT_EQ(world.read(second), world.tree());
}

TEST(ZnodeRetainedStore, WhatChangesDuringALoadIsNotMissed) {
  RetainedWorld world({.servers = 2});
  RetainedOptions options;
  options.load_requests_max = 4;
  auto& first = world.start("b1", options, 0);
  std::vector<StoredRef> publishes;
  for (int number = 0; number < 300; ++number) publishes.push_back(first.put("t/" + std::to_string(number), "x"));
  ASSERT_TRUE(world.run_until_answered(publishes));
  world.ensemble.set_apply_delay_ms(1, 40);
  auto& second = world.start("b2", options, 1);
  int round = 0;
  world.on_step = [&] {
    if (round++ < 300) first.put("t/" + std::to_string(round * 7 % 320), round % 5 == 0 ? "" : std::to_string(round));
  };
  ASSERT_TRUE(world.run_until_loaded());
  world.on_step = nullptr;
  EXPECT_EQ(world.read(second), world.tree());
  EXPECT_EQ(second.store.cache().credit_bytes(), first.store.cache().credit_bytes());
}

TEST(ZnodeRetainedStore, ValuesExpireAtEveryBrokerByTheClustersClock) {
  RetainedWorld world;
  auto& first = world.start("b1", {}, 0, 7'200'000);  // their own clocks are wrong
  auto& second = world.start("b2", {}, 0, -86'400'000);
  ASSERT_TRUE(world.run_until_loaded());
  const auto publish = first.put("short", "x", QoS::at_least_once, true, world.ensemble.wall_clock_ms() + 3'000);
  ASSERT_TRUE(world.run_until_answered({publish}));
  world.run_for(2'500);
  EXPECT_EQ(world.read(first).size(), 1u);
  EXPECT_EQ(world.read(second).size(), 1u);
  world.run_for(600);
  EXPECT_THAT(world.read(first), IsEmpty());
  EXPECT_THAT(world.read(second), IsEmpty());
  // A value with another time to live takes the znode over: no delete and create.
  const auto created = world.ensemble.stat(retained_znode_path("short"))->created_zxid;
  world.put_and_wait(second, "short", "for ever");
  EXPECT_EQ(world.ensemble.stat(retained_znode_path("short"))->created_zxid, created);
  EXPECT_EQ(world.read(first), (Values{{"short", "for ever"}}));
}

TEST(ZnodeRetainedStore, TheDefaultTimeToLive) {
  RetainedWorld world;
  RetainedOptions options;
  options.retain_ttl_ms = 5'000;
  auto& broker = world.start("b1", options);
  const auto publish = world.put_and_wait(broker, "a", "x");
  EXPECT_EQ(publish->message->view().expires_at, 0) << "the live message does not expire";
  EXPECT_EQ(world.znode("a")->message->view().expires_at, world.znode("a")->expires_at);
  EXPECT_EQ(world.read(broker).size(), 1u);
  world.run_for(5'000);
  EXPECT_THAT(world.read(broker), IsEmpty());
}

TEST(ZnodeRetainedStore, TheBrokersOwnTopicsStayHere) {
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  EXPECT_TRUE(first.put("$SYS/broker/uptime", "5")->stored()) << "before anything is loaded";
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_EQ(world.read(first, "$SYS/#"), (Values{{"$SYS/broker/uptime", "5"}}));
  EXPECT_THAT(world.read(second, "$SYS/#"), IsEmpty());
  EXPECT_EQ(world.znodes(), 0u);
}

TEST(ZnodeRetainedStore, StrangeAndDamagedZnodes) {
  RetainedWorld world;
  auto& first = world.start("b1");
  world.put_and_wait(first, "good", "x");
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  const auto create = [&](const std::string& path, const std::string& data) {
    zkcli->create(path, data, CreateMode::persistent, [path](CoordinatorStatus status, const std::string&) {
      EXPECT_EQ(status, CoordinatorStatus::ok) << path;
    });
  };
  create(retained_znode_path("damaged"), "this is no value");
  create("/topic/00/not a name of ours", "");
  create("/topic/notes", "by an operator");
  create("/bank/blocks/what", "");
  create("/topic/01/moved", encode_deleted_value("elsewhere", 1));
  world.run_for(100);
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  EXPECT_EQ(world.read(second), (Values{{"good", "x"}}));
  EXPECT_EQ(second.store.counters().unreadable_znodes, 3u);
  EXPECT_EQ(second.complaints.size(), 3u);
  EXPECT_THAT(second.complaints, ::testing::Contains(HasSubstr(retained_znode_path("damaged"))));
  // Somebody publishes there: then it is a value again.
  EXPECT_TRUE(world.put_and_wait(first, "damaged", "repaired")->stored());
  EXPECT_TRUE(world.put_and_wait(second, "damaged", "again")->stored());
  EXPECT_EQ(world.read(first, "damaged"), (Values{{"damaged", "again"}}));
}

TEST(ZnodeRetainedStore, SomebodyChangesZnodesByHand) {
  RetainedWorld world;
  auto& broker = world.start("b1");
  world.put_and_wait(broker, "a", "1");
  world.put_and_wait(broker, "b", "1");
  const auto zkcli = world.ensemble.open();
  ASSERT_TRUE(world.run_until([&] { return zkcli->session_state() == Coordinator::SessionState::connected; }));
  zkcli->remove(retained_znode_path("a"), any_version, [](CoordinatorStatus) {});
  zkcli->set(retained_znode_path("b"), "?", any_version, [](CoordinatorStatus, const ZnodeStat&) {});
  world.run_for(100);
  EXPECT_TRUE(world.put_and_wait(broker, "a", "2")->stored());
  EXPECT_TRUE(world.put_and_wait(broker, "b", "2")->stored());
  EXPECT_EQ(world.tree(), (Values{{"a", "2"}, {"b", "2"}}));
}

TEST(ZnodeRetainedStore, TheNumberOfValuesIsBounded) {
  RetainedWorld world;
  RetainedOptions options;
  options.values_max = 2;
  auto& broker = world.start("b1", options);
  world.put_and_wait(broker, "a", "x");
  world.put_and_wait(broker, "b", "x");
  EXPECT_EQ(world.put_and_wait(broker, "c", "x")->answer->reason, ReasonCode::quota_exceeded);
  EXPECT_TRUE(world.put_and_wait(broker, "b", "y")->stored());
  EXPECT_TRUE(world.put_and_wait(broker, "c", "")->stored());
  EXPECT_EQ(broker.store.counters().refused_full, 1u);
}

TEST(ZnodeRetainedStore, WhatWaitsIsBounded) {
  RetainedWorld world;
  RetainedOptions options;
  options.waiting_bytes_max = 5'000;
  auto& broker = world.start("b1", options);
  std::vector<StoredRef> publishes;
  for (int number = 0; number < 10; ++number)
    publishes.push_back(broker.put("t/" + std::to_string(number), std::string(1'000, 'x')));
  EXPECT_LE(broker.store.waiting_bytes(), 5'000u);
  ASSERT_TRUE(world.run_until_answered(publishes));
  const auto stored = std::count_if(publishes.begin(), publishes.end(), [](const auto& one) { return one->stored(); });
  EXPECT_EQ(stored, 4);
  EXPECT_EQ(publishes.back()->answer->reason, ReasonCode::quota_exceeded);
  EXPECT_EQ(broker.store.counters().refused_full, 6u);
  EXPECT_EQ(broker.store.waiting_bytes(), 0u);
}

TEST(ZnodeRetainedStore, ReadsAreBoundedAndTakeTurns) {
  RetainedWorld world;
  RetainedOptions options;
  options.read_matches_max = 15;
  options.read_steps_per_tick = 5;
  auto& broker = world.start("b1", options);
  ASSERT_TRUE(world.run_until_loaded());
  for (int number = 0; number < 10; ++number) broker.put("t/" + std::to_string(number), "x");
  world.run_for(1'000);
  std::vector<std::size_t> found;
  std::vector<std::int64_t> at;
  for (int number = 0; number < 3; ++number)
    broker.store.read({"#", "#"}, [&](const std::vector<core::RetainedMatch>& matches) {
      found.push_back(matches.size());
      at.push_back(world.ensemble.now_ms());
    });
  ASSERT_TRUE(world.run_until([&] { return found.size() == 3; }));
  EXPECT_EQ(found, (std::vector<std::size_t>{15, 15, 15}));
  EXPECT_TRUE(at[0] < at[1] && at[1] < at[2]) << "one in each tick";
  EXPECT_EQ(broker.store.counters().reads_cut_short, 3u);
}

}  // namespace
}  // namespace mqttzoo::cluster
