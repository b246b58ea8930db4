// The end of sessions that outlive their connections: v5 3.1.2.11.2, 3.14.2.2.2.
#include "tests/broker/core/persistent_session.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using testing::ElementsAre;

// v5 [MQTT-3.1.2-23], 3.1.2.11.2
TEST_F(PersistentSession, EndsWhenItsExpiryIntervalHasPassed) {
  const Properties ten_seconds(10);
  ScriptedClient first(shard);
  first.send_connect("me", ten_seconds.resume());
  first.received();
  first.subscribe("a", 1);
  shard.advance(60'000);  // it counts from the end of the connection
  publish("1");
  EXPECT_THAT(first.received(), ElementsAre("PUBLISH a 1 qos1 #1"));
  first.lose();
  shard.advance(9'999);
  EXPECT_EQ(sessions(), 1U);
  EXPECT_EQ(shard.shard.next_deadline(), shard.now.steady + 1);
  shard.advance(1);
  EXPECT_EQ(sessions(), 0U);
  EXPECT_EQ(shard.shard.counters().sessions_expired.get(), 1U);
  EXPECT_EQ(drops(shard, DropReason::session_ended), 1U);
  EXPECT_EQ(shard.router.interest.back(), "-a");
}

TEST_F(PersistentSession, AConnectionInTimeStopsTheExpiry) {
  const Properties ten_seconds(10);
  ScriptedClient first(shard), second(shard);
  first.send_connect("me", ten_seconds.resume());
  first.lose();
  shard.advance(9'000);
  second.send_connect("me", ten_seconds.resume());
  shard.advance(9'000);
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session"));
  EXPECT_EQ(sessions(), 1U);
}

// v5 3.14.2.2.2
TEST_F(PersistentSession, DisconnectChangesTheExpiryInterval) {
  ScriptedClient shorter(shard), longer(shard);
  shorter.send_connect("shorter", hour.resume());
  longer.send_connect("longer", hour.resume());
  const Properties none(0), five_hours(5 * 3600);
  shorter.send(mqtt::Disconnect{.reason = {}, .properties = none.resume().properties});
  longer.send(mqtt::Disconnect{.reason = {}, .properties = five_hours.resume().properties});
  EXPECT_EQ(sessions(), 1U);
  shard.advance(core::Milliseconds{4} * 3600 * 1000);
  EXPECT_EQ(sessions(), 1U);
  shard.advance(core::Milliseconds{1} * 3600 * 1000);
  EXPECT_EQ(sessions(), 0U);
}

// v5 3.1.2.11.2, 3.2.2.3.2
TEST(PersistentSessions, AreKeptNoLongerThanTheBrokerWants) {
  core::Limits limits;
  limits.session_expiry_seconds_max = 60;
  ShardUnderTest shard(limits);
  const Properties hour, half_a_minute(30);
  ScriptedClient five(shard), brief(shard), three(shard, ProtocolVersion::v3_1_1);
  five.send_connect("five", hour.resume());
  brief.send_connect("brief", half_a_minute.resume());
  three.send_connect("three", {.clean_start = false});
  five.received();
  brief.received();
  EXPECT_EQ(five.connack_number(PropertyId::session_expiry_interval), 60U);
  EXPECT_EQ(brief.connack_number(PropertyId::session_expiry_interval), std::nullopt);
  EXPECT_EQ(shard.router.registrations[2].second.session_expiry_seconds, 60U);
}

TEST(PersistentSessions, AreBounded) {
  core::Limits limits;
  limits.sessions_max = 1;
  ShardUnderTest shard(limits);
  const Properties hour;
  ScriptedClient one(shard), two(shard), clean(shard);
  one.send_connect("one", hour.resume());
  two.send_connect("two", hour.resume());
  clean.connect("clean");
  EXPECT_THAT(two.received(), ElementsAre("CONNACK Quota exceeded"));
  EXPECT_EQ(shard.shard.counters().sessions_over_limit.get(), 1U);
}

}  // namespace
}  // namespace mqttzoo::test
