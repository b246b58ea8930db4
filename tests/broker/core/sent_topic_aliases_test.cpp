#include "broker/core/sent_topic_aliases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::PropertyId;
using testing::ElementsAre;

TEST(SentTopicAliases, GoToTheFirstTopics) {
  core::SentTopicAliases aliases(2);
  EXPECT_EQ(aliases.find("a"), 0);
  EXPECT_EQ(aliases.next(), 1);
  aliases.set_next("a");
  aliases.set_next("b");
  EXPECT_EQ(aliases.find("a"), 1);
  EXPECT_EQ(aliases.find("b"), 2);
  EXPECT_EQ(aliases.next(), 0);
}

class SentAliases : public testing::Test {
 protected:
  void connect(std::uint16_t topic_alias_maximum, std::uint32_t maximum_packet_size = 0) {
    mqtt::PropertyWriter properties;
    properties.add_number(PropertyId::topic_alias_maximum, topic_alias_maximum);
    if (maximum_packet_size != 0) properties.add_number(PropertyId::maximum_packet_size, maximum_packet_size);
    client.connect("client", {.properties = properties.view()}).subscribe("#");
    publisher.connect("publisher");
  }
  void publish(std::string_view topic, std::string_view payload = "x") { publisher.publish(topic, payload); }

  ShardUnderTest shard;
  ScriptedClient client{shard}, publisher{shard};
};

// v5 [MQTT-3.1.2-26], [MQTT-3.1.2-27], [MQTT-3.3.2-11]
TEST_F(SentAliases, KeepToTheClientsMaximum) {
  connect(1);
  for (const char* topic : {"one", "two", "one"}) publish(topic);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH one x {Topic Alias=1}", "PUBLISH two x", "PUBLISH  x {Topic Alias=1}"));
}

TEST_F(SentAliases, AreNotSetForAClientThatTakesNone) {
  connect(0);
  publish("one");
  publish("one");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH one x", "PUBLISH one x"));
}

TEST_F(SentAliases, KeepToOurOwnMaximum) {
  connect(65'535);
  for (int i = 1; i <= 11; ++i) publish("topic/" + std::to_string(i));
  const auto received = client.received();
  EXPECT_EQ(received[9], "PUBLISH topic/10 x {Topic Alias=10}");
  EXPECT_EQ(received[10], "PUBLISH topic/11 x");
}

// v5 [MQTT-3.1.2-24]: a packet that only its alias would make too large goes without.
TEST_F(SentAliases, DoNotMakeAPacketTooLarge) {
  connect(5, 70);
  const std::string payload(58, 'x');
  publish("one", payload);    // 69 bytes with its alias
  publish("seven", payload);  // 71 would be too many
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH one " + payload + " {Topic Alias=1}", "PUBLISH seven " + payload));
}

TEST_F(SentAliases, AreLeftOutWhereTheTopicIsShorter) {
  connect(5, 70);
  const std::string payload(64, 'x');
  publish("a");
  publish("a", payload);  // 70 bytes, 72 with its alias
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x {Topic Alias=1}", "PUBLISH a " + payload));
}

}  // namespace
}  // namespace mqttzoo::test
