#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using core::EndCause;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

std::uint64_t drops(const ShardUnderTest& shard, DropReason reason) {
  return shard.shard.counters().drops[static_cast<std::size_t>(reason)].get();
}

// v5 and v3.1.1 4.3.1
TEST(Publish, Qos0GetsNoAnswer) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a/b", "hello");
  EXPECT_THAT(client.received(), IsEmpty());
  ASSERT_EQ(shard.router.routed.size(), 1U);
  EXPECT_EQ(shard.router.routed[0].topic, "a/b");
  EXPECT_EQ(shard.router.routed[0].payload, "hello");
  EXPECT_EQ(shard.router.routed[0].publisher, core::client_key("me"));
  EXPECT_FALSE(shard.router.routed[0].retain);
  EXPECT_FALSE(shard.router.routed[0].ticket.refusable);
}

// v5 [MQTT-4.3.2-4], v3.1.1 [MQTT-4.3.2-2]
TEST(Publish, Qos1GetsPuback) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  five.publish("a", "x", 1, 7);
  EXPECT_THAT(five.received(), ElementsAre("PUBACK #7 Success"));
  EXPECT_TRUE(shard.router.routed[0].ticket.refusable);
  three.connect("three");
  three.publish("a", "x", 1, 7);
  EXPECT_THAT(three.received(), ElementsAre("PUBACK #7 Success"));
  EXPECT_FALSE(shard.router.routed[1].ticket.refusable);
}

// v5 [MQTT-4.3.3-8], [MQTT-4.3.3-11], v3.1.1 [MQTT-4.3.3-2]
TEST(Publish, Qos2GetsPubrecAndPubcomp) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 2, 7);
  EXPECT_THAT(client.received(), ElementsAre("PUBREC #7 Success"));
  client.pubrel(7);
  EXPECT_THAT(client.received(), ElementsAre("PUBCOMP #7 Success"));
  client.publish("a", "y", 2, 7);  // the identifier is free again
  EXPECT_THAT(client.received(), ElementsAre("PUBREC #7 Success"));
  EXPECT_EQ(shard.router.routed.size(), 2U);
}

// v5 [MQTT-4.3.3-10], v3.1.1 4.3.3
TEST(Publish, ARepeatedQos2PublishIsRoutedOnce) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 2, 7);
  client.publish("a", "x", 2, 7);
  EXPECT_THAT(client.received(), ElementsAre("PUBREC #7 Success", "PUBREC #7 Success"));
  EXPECT_EQ(shard.router.routed.size(), 1U);
  EXPECT_EQ(shard.shard.counters().repeated_publishes_ignored.get(), 1U);
}

TEST(Publish, AQos2PublishRepeatedBeforeItsAnswerIsAnsweredOnce) {
  ShardUnderTest shard;
  shard.router.holds_publishes = true;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 2, 7);
  client.publish("a", "x", 2, 7);
  shard.router.finish_publish(0);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBREC #7 Success"));
  EXPECT_EQ(shard.router.routed.size(), 1U);
}

TEST(Publish, TheAnswerToARepeatedQos2PublishIsDroppedIfReleasedMeanwhile) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 2, 7);
  shard.router.holds_publishes = true;
  client.publish("a", "y", 1, 8);  // holds back what comes after it
  client.publish("a", "x", 2, 7);
  client.pubrel(7);
  EXPECT_THAT(client.received(), ElementsAre("PUBREC #7 Success", "PUBCOMP #7 Success"));
  shard.router.finish_publish(0);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBACK #8 Success"));
  shard.router.holds_publishes = false;
  client.publish("a", "z", 2, 7);
  EXPECT_EQ(shard.router.routed.size(), 3U);
}

// v5 [MQTT-4.6.0-2], v3.1.1 [MQTT-4.6.0-2]
TEST(Publish, AnswersLeaveInOrderWhateverTheRouterDoes) {
  ShardUnderTest shard;
  shard.router.holds_publishes = true;
  ScriptedClient client(shard, ProtocolVersion::v3_1_1);
  client.connect("me");
  client.publish("a", "1", 1, 1);
  client.publish("a", "2", 2, 2);
  client.publish("a", "3", 1, 3);
  shard.router.finish_publish(2);
  shard.router.finish_publish(1);
  shard.turn();
  EXPECT_THAT(client.received(), IsEmpty());
  shard.router.finish_publish(0);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBACK #1 Success", "PUBREC #2 Success", "PUBACK #3 Success"));
}

// v5 3.4.2.1, 4.3.3: after an error the identifier is free.
TEST(Publish, Version5IsToldOfARefusal) {
  ShardUnderTest shard;
  shard.router.publish_reason = ReasonCode::quota_exceeded;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 1, 1);
  client.publish("a", "x", 2, 2);
  client.publish("a", "x", 2, 2);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBACK #1 Quota exceeded", "PUBREC #2 Quota exceeded", "PUBREC #2 Quota exceeded"));
  EXPECT_EQ(shard.router.routed.size(), 3U);
  shard.router.publish_reason = ReasonCode::no_matching_subscribers;
  client.publish("a", "x", 1, 3);
  client.publish("a", "x", 2, 4);
  EXPECT_THAT(client.received(), ElementsAre("PUBACK #3 No matching subscribers", "PUBREC #4 No matching subscribers"));
}

// v3.1.1 [MQTT-3.3.5-2]: an acknowledgement would be a lie.
TEST(Publish, Version3IsClosedWhereAPublishFailed) {
  ShardUnderTest shard;
  shard.router.publish_reason = ReasonCode::server_busy;
  ScriptedClient client(shard, ProtocolVersion::v3_1_1);
  client.connect("me");
  client.publish("a", "x", 1, 1);
  EXPECT_THAT(client.received(), IsEmpty());
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->reason, ReasonCode::server_busy);
}

// v5 3.3.2.3.4
TEST(Publish, TopicAliases) {
  ShardUnderTest shard;
  shard.rules.topic_alias_maximum = 2;
  ScriptedClient client(shard);
  client.connect("me");
  mqtt::PropertyWriter one, two, three;
  one.add_number(PropertyId::topic_alias, 1);
  two.add_number(PropertyId::topic_alias, 2);
  client.publish("first", "1", 0, 0, false, one.view());
  client.publish("second", "2", 0, 0, false, two.view());
  client.publish("", "3", 0, 0, false, one.view());
  client.publish("other", "4", 0, 0, false, one.view());
  client.publish("", "5", 0, 0, false, one.view());
  std::string routed;
  for (const auto& message : shard.router.routed) routed += message.topic + " ";
  EXPECT_EQ(routed, "first second first other other ");
  EXPECT_EQ(shard.router.routed[0].properties, "");
}

TEST(Publish, AnUnknownOrTooLargeTopicAliasEndsTheConnection) {
  ShardUnderTest shard;
  mqtt::PropertyWriter unknown, large;
  unknown.add_number(PropertyId::topic_alias, 3);
  large.add_number(PropertyId::topic_alias, 33);  // v5 [MQTT-3.3.2-9]
  ScriptedClient one(shard), two(shard);
  one.connect("one");
  one.publish("", "x", 0, 0, false, unknown.view());
  EXPECT_THAT(one.received(), ElementsAre("DISCONNECT Protocol Error"));
  two.connect("two");
  two.publish("a", "x", 0, 0, false, large.view());
  EXPECT_THAT(two.received(), ElementsAre("DISCONNECT Topic Alias invalid"));
}

// v5 [MQTT-3.3.4-7], [MQTT-3.3.4-8]
TEST(Publish, MoreThanReceiveMaximumIs0x93) {
  core::Limits limits;
  limits.receive_maximum = 2;
  ShardUnderTest shard(limits);
  shard.router.holds_publishes = true;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "1", 1, 1);
  client.publish("a", "2", 2, 2);
  client.publish("a", "0", 0);
  shard.router.finish_publish(0);
  shard.router.finish_publish(1);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBACK #1 Success", "PUBREC #2 Success"));
  client.publish("a", "3", 1, 3);  // the QoS 2 one still counts: it is not released
  EXPECT_FALSE(client.ended());
  client.publish("a", "4", 1, 4);
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Receive Maximum exceeded"));
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::limit);
}

TEST(Publish, AReleasedQos2PublishNoLongerCounts) {
  core::Limits limits;
  limits.receive_maximum = 1;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me");
  for (std::uint16_t id = 1; id < 10; ++id) {
    client.publish("a", "x", 2, id);
    client.pubrel(id);
  }
  EXPECT_FALSE(client.ended());
}

// A v3 client knows no Receive Maximum.
TEST(Publish, Version3IsNotReadWhileTooManyWaitForAnswers) {
  core::Limits limits;
  limits.receive_maximum = 4;
  ShardUnderTest shard(limits);
  shard.router.holds_publishes = true;
  ScriptedClient client(shard, ProtocolVersion::v3_1_1);
  client.connect("me");
  mqtt::ByteBuffer bytes;
  for (std::uint16_t id = 1; id <= 6; ++id) {
    mqtt::Publish publish;
    publish.qos = mqtt::QoS::at_least_once;
    publish.packet_id = id;
    publish.topic = "a";
    mqtt::encode(bytes, publish, client.version);
  }
  client.send_bytes(bytes.view());
  EXPECT_EQ(shard.router.routed.size(), 4U);
  EXPECT_TRUE(client.connection().reading_paused());
  shard.router.finish_publish(0);
  EXPECT_TRUE(client.connection().reading_paused());
  shard.router.finish_publish(1);
  EXPECT_EQ(shard.router.routed.size(), 6U);  // two were kept, and now there are four again
  EXPECT_TRUE(client.connection().reading_paused());
  for (std::size_t i = 2; i < 6; ++i) shard.router.finish_publish(i);
  EXPECT_FALSE(client.connection().reading_paused());
  shard.turn();
  EXPECT_EQ(client.received().size(), 6U);
}

TEST(Publish, PausesWhileTheRouterSaysSo) {
  ShardUnderTest shard;
  ScriptedClient qos0(shard), qos1(shard);
  qos0.connect("qos0");
  qos1.connect("qos1");
  shard.router.pauses = true;
  qos0.publish("a", "0");
  EXPECT_FALSE(qos0.connection().reading_paused());
  qos1.publish("a", "1", 1, 1);
  EXPECT_TRUE(qos1.connection().reading_paused());
  qos1.send_bytes(std::string("\xc0\x00", 2));  // PINGREQ: kept
  EXPECT_THAT(qos1.received(), ElementsAre("PUBACK #1 Success"));
  shard.shard.resume_reading();  // but the router is full again at once
  shard.turn();
  EXPECT_TRUE(qos1.connection().reading_paused());
  shard.router.pauses = false;
  shard.shard.resume_reading();
  shard.turn();
  EXPECT_FALSE(qos1.connection().reading_paused());
  EXPECT_THAT(qos1.received(), ElementsAre("PINGRESP"));
}

// The "200-level topics": a reason to whom it concerns.
TEST(Publish, ATopicWithTooManyLevelsIsRefusedAsTheVersionCan) {
  std::string deep = "a";
  for (int i = 1; i < 200; ++i) deep += "/a";
  ShardUnderTest shard;
  ScriptedClient five(shard), five0(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  five.publish(deep, "x", 1, 1);
  five.publish(deep, "x", 2, 2);
  EXPECT_THAT(five.received(), ElementsAre("PUBACK #1 Topic Name invalid", "PUBREC #2 Topic Name invalid"));
  five0.connect("five0");
  five0.publish(deep, "x");
  EXPECT_THAT(five0.received(), ElementsAre("DISCONNECT Topic Name invalid"));
  three.connect("three");
  three.publish(deep, "x", 1, 1);
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_TRUE(three.ended());
  EXPECT_THAT(shard.router.routed, IsEmpty());
}

TEST(Publish, TheDeepestTopicIsRouted) {
  core::Limits limits;
  limits.topic_levels_max = 4;
  limits.topic_bytes_max = 8;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a/b/c/de", "x", 1, 1);
  client.publish("a/b/c/d/", "x", 1, 2);
  client.publish("abcdefghi", "x", 1, 3);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBACK #1 Success", "PUBACK #2 Topic Name invalid", "PUBACK #3 Topic Name invalid"));
}

// v5 and v3.1.1 4.7.2
TEST(Publish, SysTopicsAreTheBrokersOwn) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  five.publish("$SYS/uptime", "x", 1, 1);
  five.publish("$SYS/uptime", "x", 2, 2);
  five.publish("$SYS/uptime", "x", 0);
  EXPECT_THAT(five.received(), ElementsAre("PUBACK #1 Not authorized", "PUBREC #2 Not authorized"));
  three.connect("three");
  three.publish("$SYS/uptime", "x", 2, 1);
  EXPECT_THAT(three.received(), ElementsAre("PUBREC #1 Success"));
  three.publish("$SYS/uptime", "again", 2, 1);
  EXPECT_THAT(three.received(), ElementsAre("PUBREC #1 Success"));
  EXPECT_THAT(shard.router.routed, IsEmpty()) << "nor by saying it twice";
  EXPECT_EQ(drops(shard, DropReason::not_authorized), 4U);
  five.publish("$other", "x", 1, 3);
  EXPECT_EQ(shard.router.routed.size(), 1U);
}

// v5 3.3.2.3: what belongs to one hop stays there, the rest travels in its order [MQTT-3.3.2-17].
TEST(Publish, PropertiesTravelExceptThoseOfTheHop) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard), subscriber(shard), old(shard, ProtocolVersion::v3_1_1);
  publisher.connect("publisher");
  subscriber.connect("subscriber").subscribe("a");
  old.connect("old").subscribe("a");
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::topic_alias, 1)
      .add_user_property("b", "2")
      .add_number(PropertyId::message_expiry_interval, 60)
      .add_string(PropertyId::content_type, "text")
      .add_user_property("a", "1");
  publisher.publish("a", "x", 0, 0, false, properties.view());
  EXPECT_THAT(subscriber.received(),
              ElementsAre("PUBLISH a x {Message Expiry Interval=60 User Property=b:2 Content Type=text "
                          "User Property=a:1}"));
  EXPECT_THAT(old.received(), ElementsAre("PUBLISH a x"));
  EXPECT_EQ(shard.router.routed[0].expires_at, shard.now.cluster + 60'000);
}

TEST(Publish, MalformedAndForbiddenOnes) {
  const struct {
    std::string bytes;
    const char* answer;
  } cases[] = {
      {std::string("\x36\x06\x00\x01"
                   "a\x00\x01\x00",
                   8),
       "DISCONNECT Malformed Packet"},  // QoS 3 [MQTT-3.3.1-4]
      {std::string("\x32\x06\x00\x01"
                   "a\x00\x00\x00",
                   8),
       "DISCONNECT Protocol Error"},                                               // Packet Identifier 0 [MQTT-2.2.1-3]
      {std::string("\x30\x04\x00\x01#\x00", 6), "DISCONNECT Topic Name invalid"},  // [MQTT-3.3.2-2]
      {std::string("\x30\x04\x00\x01\xff\x00", 6), "DISCONNECT Malformed Packet"},  // UTF-8 [MQTT-3.3.2-1]
      {std::string("\x30\x03\x00\x00\x00", 5), "DISCONNECT Protocol Error"},        // neither topic nor alias
  };
  for (const auto& one : cases) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.connect("me");
    client.send_bytes(one.bytes);
    EXPECT_THAT(client.received(), ElementsAre(one.answer));
    EXPECT_TRUE(client.ended());
    EXPECT_THAT(shard.router.routed, IsEmpty());
    EXPECT_EQ(shard.router.unregistrations.at(0).second, core::ConnectionFate::lost);
  }
}

}  // namespace
}  // namespace mqttzoo::test
