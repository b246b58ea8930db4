#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

#include "tests/support/scripted_client.hpp"

// One client that takes all that the limits give it: it gets the answer of each limit, the next client is served, what
// it took comes back when it goes, and nothing costs more the more there is of it.
namespace mqttzoo::test {
namespace {

using mqtt::ProtocolVersion;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

/// Half of them with wildcards, which stand in a structure of their own.
std::string filter(int number) { return (number % 2 == 0 ? "f/" : "+/") + std::to_string(number); }

void subscribe_many(ScriptedClient& client, int count) {
  for (int i = 0; i < count; ++i) client.send_subscribe(filter(i), 1);
}

TEST(Exhaustion, AHundredThousandSubscribePacketsAndOneMore) {
  ShardUnderTest shard;
  ScriptedClient greedy(shard), other(shard);
  greedy.connect("greedy");
  other.connect("other");
  subscribe_many(greedy, 100'000);
  auto answers = greedy.received();
  EXPECT_EQ(answers.size(), 100'000U);
  EXPECT_THAT(answers, Each("SUBACK #1 01"));
  greedy.send_subscribe("one/more", 1);
  EXPECT_THAT(greedy.received(), ElementsAre("SUBACK #1 97"));
  greedy.send_subscribe(filter(7), 0);
  EXPECT_THAT(greedy.received(), ElementsAre("SUBACK #1 00")) << "replacing one takes no more";
  other.subscribe("one/more");
  greedy.publish("one/more", "x");
  EXPECT_THAT(other.received(), ElementsAre("PUBLISH one/more x"));
  greedy.unsubscribe(filter(8), 2);
  greedy.send_subscribe("one/more", 1);
  EXPECT_THAT(greedy.received(), ElementsAre("UNSUBACK #2 00", "SUBACK #1 01")) << "one came back";
  greedy.lose();
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 1U);
}

enum class Ending { unsubscribe, reverse, lose };

/// The processor time that some subscriptions and their end take.
double seconds_of(int count, Ending ending) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  const std::clock_t begin = std::clock();
  subscribe_many(client, count);
  for (int i = 0; i < count && ending != Ending::lose; ++i) {
    client.unsubscribe(filter(ending == Ending::reverse ? count - 1 - i : i));
  }
  client.lose();
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 0U);
  EXPECT_EQ(shard.router.interest.size(), 2U * static_cast<std::size_t>(count));
  return seconds;
}

TEST(Exhaustion, TwentyTimesAsManySubscriptionsDoNotTakeAHundredTimesAsLong) {
  for (const Ending ending : {Ending::unsubscribe, Ending::reverse, Ending::lose}) {
    const double few = seconds_of(2'500, ending), many = seconds_of(50'000, ending);
    EXPECT_LT(many, 100 * few) << "ending " << static_cast<int>(ending);
  }
}

// v3.1.1 knows no Receive Maximum: the identifiers themselves are the bound.
TEST(Exhaustion, EveryIdentifierOfQos2WithoutARelease) {
  ShardUnderTest shard;
  ScriptedClient client(shard, ProtocolVersion::v3_1_1);
  client.connect("me");
  for (int round = 0; round < 2; ++round) {
    for (int id = 1; id <= 65'535; ++id) client.publish("a", "x", 2, static_cast<std::uint16_t>(id));
    EXPECT_EQ(client.received().size(), 65'535U) << "PUBREC for each, again in the second round";
    EXPECT_EQ(shard.router.routed.size(), 65'535U) << "each once";
  }
  for (int id = 1; id <= 65'535; ++id) client.pubrel(static_cast<std::uint16_t>(id));
  EXPECT_EQ(client.received().size(), 65'535U);
  client.publish("a", "x", 2, 1);
  EXPECT_EQ(shard.router.routed.size(), 65'536U) << "released identifiers are free";
  EXPECT_EQ(client.ended(), std::nullopt);
}

TEST(Exhaustion, NoIdentifierOfQos2IsEverCompleted) {
  const core::Limits limits;
  const std::size_t count = 5'000;
  ShardUnderTest shard;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 2);
  for (std::size_t i = 0; i < count; ++i) {
    publisher.publish("a", "x", 2, 1);
    publisher.pubrel(1);
  }
  EXPECT_EQ(client.received().size(), limits.in_flight_max);
  for (std::uint16_t id = 1; id <= limits.in_flight_max; ++id) client.pubrec(id);
  EXPECT_EQ(client.received().size(), limits.in_flight_max) << "a PUBREL for each, and no message in their place";
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), count - limits.in_flight_max);
  client.pubcomp(1);
  EXPECT_EQ(client.received().size(), 1U);
  client.lose();
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST(Exhaustion, ThousandsOfConnectionsThatNeverSendAWholeConnect) {
  ShardUnderTest shard;
  ScriptedClient witness(shard);
  witness.connect("witness").subscribe("a");
  std::vector<std::unique_ptr<ScriptedClient>> crowd;
  for (int i = 0; i < 10'000; ++i) {
    crowd.push_back(std::make_unique<ScriptedClient>(shard));
    // Nothing at all, half a header, a length and nothing behind it, a packet without its last byte.
    const char* const beginnings[] = {"", "\x10", "\x10\xff\xff\x0f", "\x10\x0e\x00\x04MQTT"};
    if (i % 4 != 0) crowd.back()->send_bytes(beginnings[i % 4]);
  }
  witness.publish("a", "served");
  EXPECT_THAT(witness.received(), ElementsAre("PUBLISH a served"));
  EXPECT_EQ(shard.shard.counters().connections.get(), 10'001U);
  shard.advance(core::Limits{}.connect_timeout_milliseconds + 1'000);
  shard.turn();
  for (const auto& client : crowd) {
    ASSERT_TRUE(client->ended());
    EXPECT_THAT(client->received(), IsEmpty());
  }
  EXPECT_EQ(shard.shard.counters().connections.get(), 1U);
  EXPECT_EQ(shard.router.registrations.size(), 1U);
}

}  // namespace
}  // namespace mqttzoo::test
