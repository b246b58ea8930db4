#include "broker/cluster/retained/local_retained_store.hpp"

#include <gmock/gmock.h>

#include "broker/cluster/retained/bank.hpp"

namespace mqttzoo::cluster {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Outcome = RetainedStored::Outcome;
using mqtt::ReasonCode;

constexpr core::ClusterMilliseconds wall = 1'700'000'000'000;

class LocalRetained : public ::testing::Test {
 protected:
  void open(RetainedOptions options = {}) {
    clock.emplace(0, wall);
    store.emplace(options, *clock);
  }

  RetainedAnswer put(const std::string& topic, const std::string& payload, bool refusable = true,
                     core::ClusterMilliseconds expires_at = 0) {
    last = core::MessageRef::copy_of({.topic = topic,
                                      .payload = payload,
                                      .properties = {},
                                      .qos = mqtt::QoS::at_least_once,
                                      .retain = true,
                                      .expires_at = expires_at,
                                      .publisher = {}});
    RetainedAnswer answer;
    int calls = 0;
    store->store(last, refusable, [&](Outcome outcome, ReasonCode reason) {
      ++calls;
      answer = {outcome, reason};
    });
    EXPECT_EQ(calls, 1);
    return answer;
  }

  std::vector<std::string> read(const std::string& filter) {
    std::vector<std::string> found;
    store->read({"nothing", filter}, [&](std::vector<core::RetainedMatch> matches) {
      for (const auto& match : matches) {
        EXPECT_EQ(match.filter_index, 1u);
        found.push_back(std::string(match.message->view().topic) + "=" + std::string(match.message->view().payload));
      }
    });
    std::sort(found.begin(), found.end());
    return found;
  }

  std::optional<ClusterClock> clock;
  std::optional<LocalRetainedStore> store;
  core::MessageRef last;
};

TEST_F(LocalRetained, StoresReplacesDeletes) {
  open();
  EXPECT_EQ(put("a", "1").outcome, Outcome::stored);
  const auto first = last->retained_version();
  put("a", "2");
  EXPECT_GT(last->retained_version(), first);
  EXPECT_THAT(read("#"), ElementsAre("a=2"));
  EXPECT_EQ(put("a", "").outcome, Outcome::stored);
  EXPECT_THAT(read("#"), IsEmpty());
  EXPECT_EQ(put("never there", "").outcome, Outcome::stored);
}

TEST_F(LocalRetained, PaysForWhoPublishedItToo) {
  open({});
  const auto message = core::MessageRef::copy_of(
      {.topic = "a", .payload = "x", .properties = {}, .retain = true, .source = "publisher"});
  store->store(message, true, [](Outcome, ReasonCode) {});
  EXPECT_EQ(store->credit_left(), RetainedOptions().bank_bytes - credit_bytes("a", 1, 0, 9));
}

TEST_F(LocalRetained, IsReplacedAndNotReadWithoutAnyTimeToLive) {
  open({});
  put("a", "1");
  EXPECT_EQ(put("a", "2", true, core::expires_at_once).outcome, Outcome::stored);
  EXPECT_THAT(read("#"), IsEmpty());
}

TEST_F(LocalRetained, ExpiresByTheMessageOrByTheDefault) {
  RetainedOptions options;
  options.retain_ttl_ms = 10'000;
  open(options);
  put("own", "x", true, wall + 2'000);
  put("default", "x");
  EXPECT_EQ(last->view().expires_at, 0) << "the live message does not expire";
  store->tick(1'999);
  EXPECT_THAT(read("#"), ElementsAre("default=x", "own=x"));
  store->tick(2'000);
  EXPECT_THAT(read("#"), ElementsAre("default=x"));
  store->tick(10'000);
  EXPECT_THAT(read("#"), IsEmpty());
  EXPECT_EQ(store->credit_left(), options.bank_bytes);
  EXPECT_EQ(store->counters().swept, 2u);
}

TEST_F(LocalRetained, TheBankRefusesAndIsPaidBack) {
  RetainedOptions options;
  options.bank_bytes = 1'000;
  open(options);
  EXPECT_EQ(put("a", std::string(500, 'x')).outcome, Outcome::stored);
  const auto refused = put("b", std::string(500, 'x'));
  EXPECT_EQ(refused.outcome, Outcome::refused);
  EXPECT_EQ(refused.reason, ReasonCode::quota_exceeded);
  EXPECT_EQ(put("b", std::string(500, 'x'), false).outcome, Outcome::live_only);
  EXPECT_EQ(store->counters().refused_bank, 1u);
  EXPECT_EQ(store->counters().live_only_bank, 1u);
  EXPECT_EQ(put("a", std::string(800, 'x')).outcome, Outcome::stored) << "its old value pays for most of it";
  put("a", "");
  EXPECT_EQ(store->credit_left(), 1'000u);
  EXPECT_EQ(put("b", std::string(500, 'x')).outcome, Outcome::stored);
}

TEST_F(LocalRetained, ExpiredValuesPayAtOnce) {
  RetainedOptions options;
  options.bank_bytes = 1'000;
  open(options);
  put("a", std::string(600, 'x'), true, wall + 10);
  clock->advance(10);
  EXPECT_EQ(put("b", std::string(600, 'x')).outcome, Outcome::stored);
}

TEST_F(LocalRetained, SizeAndNumberAreBounded) {
  RetainedOptions options;
  options.value_bytes_max = 100;
  options.values_max = 2;
  open(options);
  EXPECT_EQ(put("a", std::string(101, 'x')).reason, ReasonCode::quota_exceeded);
  EXPECT_EQ(store->counters().refused_too_large, 1u);
  put("a", std::string(100, 'x'));
  put("b", "x");
  EXPECT_EQ(put("c", "x").reason, ReasonCode::quota_exceeded);
  EXPECT_EQ(put("c", "x", false).outcome, Outcome::live_only);
  EXPECT_EQ(put("b", "y").outcome, Outcome::stored);
  EXPECT_EQ(store->counters().refused_full, 1u);
  EXPECT_EQ(store->counters().live_only_full, 1u);
}

TEST_F(LocalRetained, TheBrokersOwnTopicsCostNothing) {
  RetainedOptions options;
  options.bank_bytes = 0;
  options.local_values_max = 2;
  open(options);
  EXPECT_EQ(put("$SYS/uptime", "1").outcome, Outcome::stored);
  EXPECT_EQ(put("$SYS/uptime", "2").outcome, Outcome::stored);
  put("$SYS/version", "1");
  EXPECT_EQ(put("$SYS/more", "1").outcome, Outcome::live_only);
  EXPECT_THAT(read("$SYS/#"), ElementsAre("$SYS/uptime=2", "$SYS/version=1"));
  EXPECT_THAT(read("#"), IsEmpty());
  put("$SYS/uptime", "");
  EXPECT_THAT(read("$SYS/#"), ElementsAre("$SYS/version=1"));
}

TEST_F(LocalRetained, ManyWildcardsOfOneSubscribeAreBounded) {
  RetainedOptions options;
  options.read_matches_max = 25;
  open(options);
  for (int topic = 0; topic < 10; ++topic) put("t/" + std::to_string(topic), "x");
  std::size_t matches = 0;
  store->read({"#", "#", "#", "#"}, [&](const std::vector<core::RetainedMatch>& found) { matches = found.size(); });
  EXPECT_EQ(matches, 25u);
  EXPECT_EQ(store->counters().reads_cut_short, 1u);
  store->tick(50);
  EXPECT_EQ(read("#").size(), 10u);
  EXPECT_EQ(store->counters().reads_cut_short, 1u);
}

TEST_F(LocalRetained, WildcardsThatMatchNothingAreBoundedToo) {
  RetainedOptions options;
  options.read_steps_max = 40;
  open(options);
  for (int topic = 0; topic < 10; ++topic) put("t/" + std::to_string(topic), "x");
  std::size_t matches = 0;
  const std::vector<std::string> filters{"t/+/nothing", "t/+/nothing", "t/+/nothing", "t/+/nothing", "t/1"};
  store->read(filters, [&](const std::vector<core::RetainedMatch>& found) { matches = found.size(); });
  EXPECT_EQ(matches, 0u);
  EXPECT_EQ(store->counters().reads_cut_short, 1u);
}

TEST_F(LocalRetained, ReadsThatTakeLongGoOnInTheNextTicks) {
  RetainedOptions options;
  options.read_steps_per_tick = 5;
  open(options);
  for (int topic = 0; topic < 10; ++topic) put("t/" + std::to_string(topic), "x");
  int answers = 0;
  for (int number = 0; number < 3; ++number)
    store->read({"#"}, [&](const std::vector<core::RetainedMatch>& found) {
      ++answers;
      EXPECT_EQ(found.size(), 10u);
    });
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(store->has_reads_waiting());
  store->tick(50);
  EXPECT_EQ(answers, 2);
  store->tick(100);
  EXPECT_EQ(answers, 3);
  EXPECT_FALSE(store->has_reads_waiting());
}

}  // namespace
}  // namespace mqttzoo::cluster
