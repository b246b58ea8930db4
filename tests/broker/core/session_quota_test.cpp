#include "broker/core/session_quota.hpp"

#include "tests/broker/core/persistent_session.hpp"

namespace mqttzoo::test {
namespace {

using core::ConnectionFate;
using mqtt::ProtocolVersion;
using testing::ElementsAre;

core::Limits of_sessions(std::size_t most) {
  core::Limits limits;
  limits.session_quota = std::make_shared<core::SessionQuota>(most);
  return limits;
}

std::vector<std::string> answer_to_connect(ShardUnderTest& shard, std::string_view client_id,
                                           ProtocolVersion version = ProtocolVersion::v5) {
  ScriptedClient client(shard, version);
  client.send_connect(client_id);
  return client.received();
}

TEST(SessionQuota, GivesAsManyPlacesAsThereAre) {
  core::SessionQuota quota(2);
  EXPECT_TRUE(quota.take());
  EXPECT_TRUE(quota.take());
  EXPECT_FALSE(quota.take());
  quota.give_back();
  EXPECT_TRUE(quota.take());
  EXPECT_FALSE(quota.take());
}

TEST(SessionQuota, IsForAllShardsOfABroker) {
  const core::Limits limits = of_sessions(2);
  ShardUnderTest first(limits), second(limits);
  ScriptedClient one(first), two(second);
  one.connect("one");
  two.connect("two");
  for (ShardUnderTest* const shard : {&first, &second}) {
    EXPECT_THAT(answer_to_connect(*shard, "three"), ElementsAre("CONNACK Quota exceeded"));
    EXPECT_THAT(answer_to_connect(*shard, "old", ProtocolVersion::v3_1_1), ElementsAre("CONNACK Server unavailable"));
    EXPECT_EQ(shard->shard.counters().sessions_over_limit.get(), 2U);
  }
  one.disconnect();
  EXPECT_THAT(answer_to_connect(second, "three"), ElementsAre("CONNACK Success"));
}

TEST(SessionQuota, CountsClientsThatAreAway) {
  const Properties hour;
  ShardUnderTest shard(of_sessions(1));
  {
    ScriptedClient first(shard);
    first.connect("me", hour.start());
    first.lose();
  }
  EXPECT_THAT(answer_to_connect(shard, "other"), ElementsAre("CONNACK Quota exceeded"));
  ScriptedClient refused(shard);
  refused.send_connect("another", hour.start());
  EXPECT_THAT(refused.received(), ElementsAre("CONNACK Quota exceeded"));
  ScriptedClient again(shard);
  again.send_connect("me", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success with session"));
  again.lose();
  ScriptedClient anew(shard);
  anew.send_connect("me", hour.start());
  EXPECT_THAT(anew.received(), ElementsAre("CONNACK Success"));
  anew.lose();
  shard.advance(core::Milliseconds{3600} * 1000);
  EXPECT_THAT(answer_to_connect(shard, "other"), ElementsAre("CONNACK Success"));
}

TEST(SessionQuota, WhoIsRefusedLeavesNoWill) {
  ShardUnderTest shard(of_sessions(0));
  ScriptedClient client(shard);
  mqtt::Will will;
  will.topic = "will";
  client.send_connect("me", {.will = will});
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Quota exceeded"));
  ASSERT_EQ(shard.router.unregistrations.size(), 1U);
  EXPECT_EQ(shard.router.unregistrations[0].second, ConnectionFate::disconnected);
}

}  // namespace
}  // namespace mqttzoo::test
