#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ProtocolVersion;
using testing::ElementsAre;
using testing::IsEmpty;

// v5 [MQTT-3.10.4-1] to [MQTT-3.10.4-6], v3.1.1 [MQTT-3.10.4-4], [MQTT-3.10.4-5]
TEST(Unsubscribe, IsAnsweredWhateverThereWas) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five").subscribe("a/+");
  five.unsubscribe("a/+", 3);
  five.unsubscribe("a/+", 4);
  EXPECT_THAT(five.received(), ElementsAre("UNSUBACK #3 00", "UNSUBACK #4 11"));
  five.publish("a/b", "x");
  EXPECT_THAT(five.received(), IsEmpty());
  EXPECT_THAT(shard.router.interest, ElementsAre("+a/+", "-a/+"));
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 0U);
  three.connect("three");
  three.unsubscribe("a", 5);
  EXPECT_THAT(three.received(), ElementsAre("UNSUBACK #5"));
}

TEST(Unsubscribe, InterestEndsWithTheLastSubscriber) {
  ShardUnderTest shard;
  ScriptedClient one(shard), two(shard);
  one.connect("one").subscribe("a");
  two.connect("two").subscribe("a");
  one.unsubscribe("a");
  EXPECT_THAT(shard.router.interest, ElementsAre("+a"));
  two.lose();
  EXPECT_THAT(shard.router.interest, ElementsAre("+a", "-a"));
}

}  // namespace
}  // namespace mqttzoo::test
