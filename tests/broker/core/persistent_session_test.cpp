// Sessions that outlive their connections: v5 3.1.2.4, 4.1, 4.4; v3.1.1 3.1.2.4, 4.1, 4.4.
#include "tests/broker/core/persistent_session.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

// v5 [MQTT-3.1.2-5], [MQTT-3.2.2-3]
TEST_F(PersistentSession, KeepsSubscriptionsAndMessages) {
  ScriptedClient first(shard);
  first.connect("me", hour.resume()).subscribe("a", 2);
  first.lose();
  publish("1", 1);
  publish("0", 0);
  publish("2", 2);
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 2U);
  EXPECT_EQ(drops(shard, DropReason::client_away), 1U);
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(),
              ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1", "PUBLISH a 2 qos2 #2"));
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

// v3.1.1 [MQTT-3.1.2-5], [MQTT-3.2.2-2]; v3.1 has no Session Present.
TEST_F(PersistentSession, OfVersion3HasNoEnd) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v3_1}) {
    const std::string client_id = version == ProtocolVersion::v3_1 ? "old" : "new";
    ScriptedClient first(shard, version);
    first.send_connect(client_id, {.clean_start = false});
    first.received();
    first.subscribe("a", 1);
    first.disconnect();
    publish("kept");
    shard.advance(core::Milliseconds{1000} * 3600 * 24 * 365);
    ScriptedClient second(shard, version);
    second.send_connect(client_id, {.clean_start = false});
    const auto received = second.received();
    ASSERT_EQ(received.size(), 2U);
    EXPECT_EQ(received[0], version == ProtocolVersion::v3_1 ? "CONNACK Success" : "CONNACK Success with session");
    EXPECT_EQ(received[1], "PUBLISH a kept qos1 #1");
    second.lose();
  }
}

// v5 [MQTT-3.1.2-4], v3.1.1 [MQTT-3.1.2-6]
TEST_F(PersistentSession, CleanStartBeginsANewOne) {
  ScriptedClient first(shard);
  first.connect("me", hour.start()).subscribe("a", 1);
  first.lose();
  publish("1");
  ScriptedClient second(shard);
  second.send_connect("me", hour.start());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success"));
  EXPECT_EQ(drops(shard, DropReason::session_ended), 1U);
  publish("2");
  EXPECT_THAT(second.received(), IsEmpty());
  EXPECT_EQ(sessions(), 1U);
}

// v3.1.1 [MQTT-3.1.2-6]: not resumed afterwards either.
TEST_F(PersistentSession, ACleanSessionEndsTheOneBefore) {
  ScriptedClient first(shard, ProtocolVersion::v3_1_1), second(shard, ProtocolVersion::v3_1_1),
      third(shard, ProtocolVersion::v3_1_1);
  first.connect("me", {.clean_start = false}).subscribe("a", 1);
  first.disconnect();
  second.connect("me").disconnect();
  EXPECT_EQ(sessions(), 0U);
  third.send_connect("me", {.clean_start = false});
  EXPECT_THAT(third.received(), ElementsAre("CONNACK Success"));
}

// v5 [MQTT-4.4.0-1], [MQTT-4.6.0-1]; v3.1.1 [MQTT-4.4.0-1]
TEST_F(PersistentSession, SendsAgainWhatWasNotAcknowledgedInOrder) {
  ScriptedClient first(shard);
  first.connect("me", hour.resume()).subscribe("a", 2);
  publish("1", 1);
  publish("2", 2);
  publish("3", 2);
  publish("4", 1);
  first.received();
  first.puback(1);
  first.pubrec(2);
  EXPECT_THAT(first.received(), ElementsAre("PUBREL #2 Success"));
  first.lose();
  publish("5", 1);
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(),
              ElementsAre("CONNACK Success with session", "PUBREL #2 Success", "PUBLISH a 3 qos2 #3 dup",
                          "PUBLISH a 4 qos1 #4 dup", "PUBLISH a 5 qos1 #5"));
  second.pubcomp(2);
  second.pubrec(3);
  second.pubcomp(3);
  second.puback(4);
  second.puback(5);
  EXPECT_THAT(second.received(), ElementsAre("PUBREL #3 Success"));
  second.lose();
  ScriptedClient third(shard);
  third.send_connect("me", hour.resume());
  EXPECT_THAT(third.received(), ElementsAre("CONNACK Success with session"));
}

// v5 [MQTT-3.3.4-9]
TEST_F(PersistentSession, SendsAgainNoMoreThanTheNewReceiveMaximum) {
  ScriptedClient first(shard);
  first.connect("me", hour.resume()).subscribe("a", 1);
  for (const char* payload : {"1", "2", "3"}) publish(payload);
  first.lose();
  publish("4");
  const Properties two_at_once(3600, 2);
  ScriptedClient second(shard);
  second.send_connect("me", two_at_once.resume());
  EXPECT_THAT(second.received(),
              ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1 dup", "PUBLISH a 2 qos1 #2 dup"));
  second.puback(1);
  EXPECT_THAT(second.received(), ElementsAre("PUBLISH a 3 qos1 #3 dup"));
  second.puback(3);
  EXPECT_THAT(second.received(), ElementsAre("PUBLISH a 4 qos1 #4"));
}

// v5 4.3.3, v3.1.1 4.3.3: exactly once through the end of a connection.
TEST_F(PersistentSession, KnowsTheQos2PublishesItHasReceived) {
  ScriptedClient first(shard), second(shard);
  first.send_connect("me", hour.resume());
  first.publish("b", "once", 2, 7);
  EXPECT_THAT(first.received(), ElementsAre("CONNACK Success", "PUBREC #7 Success"));
  first.lose();
  second.send_connect("me", hour.resume());
  second.publish("b", "once", 2, 7);
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBREC #7 Success"));
  EXPECT_EQ(shard.router.routed.size(), 1U);
  second.pubrel(7);
  EXPECT_THAT(second.received(), ElementsAre("PUBCOMP #7 Success"));
  second.publish("b", "another", 2, 7);
  EXPECT_EQ(shard.router.routed.size(), 2U);
}

TEST_F(PersistentSession, AnswersAQos2PublishThatWasRoutedWhenItsConnectionWasGone) {
  shard.router.holds_publishes = true;
  ScriptedClient first(shard), second(shard), third(shard);
  first.send_connect("me", hour.resume());
  first.publish("b", "once", 2, 7);
  first.lose();
  second.send_connect("me", hour.resume());
  second.publish("b", "once", 2, 7);
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session"));
  EXPECT_EQ(shard.router.routed.size(), 1U);
  shard.router.finish_publish(0);
  shard.turn();
  EXPECT_THAT(second.received(), ElementsAre("PUBREC #7 Success"));
  second.publish("b", "more", 2, 8);
  second.lose();
  shard.router.finish_publish(1);
  third.send_connect("me", hour.resume());
  third.publish("b", "more", 2, 8);
  EXPECT_THAT(third.received(), ElementsAre("CONNACK Success with session", "PUBREC #8 Success"));
  EXPECT_EQ(shard.router.routed.size(), 2U);
}

// v5 4.9: what an earlier connection left does not count.
TEST(PersistentSessions, CountReceiveMaximumPerConnection) {
  core::Limits limits;
  limits.receive_maximum = 2;
  ShardUnderTest shard(limits);
  const Properties hour;
  ScriptedClient first(shard), second(shard);
  first.send_connect("me", hour.resume());
  first.publish("b", "1", 2, 1);
  first.publish("b", "2", 2, 2);
  first.lose();
  second.send_connect("me", hour.resume());
  second.pubrel(1);
  second.pubrel(2);
  second.publish("b", "3", 2, 3);
  second.publish("b", "4", 2, 4);
  EXPECT_FALSE(second.ended());
  second.publish("b", "5", 2, 5);
  ASSERT_TRUE(second.ended());
  EXPECT_EQ(second.ended()->reason, ReasonCode::receive_maximum_exceeded);
}

TEST(PersistentSessions, DropWhatTheirQueueHasNoRoomFor) {
  core::Limits limits;
  limits.queue_messages_max = 2;
  limits.in_flight_max = 1;
  ShardUnderTest shard(limits);
  const Properties hour;
  ScriptedClient publisher(shard), first(shard), second(shard);
  publisher.connect("publisher");
  first.connect("me", hour.resume()).subscribe("a", 1);
  for (const char* payload : {"1", "2", "3", "4"}) publisher.publish("a", payload, 1, 1);
  EXPECT_FALSE(first.ended());
  first.lose();
  publisher.publish("a", "5", 1, 1);
  EXPECT_EQ(drops(shard, DropReason::queue_full), 2U);
  second.send_connect("me", hour.resume());
  second.puback(1);
  second.puback(2);
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1 dup",
                                             "PUBLISH a 2 qos1 #2", "PUBLISH a 3 qos1 #3"));
}

// Whoever acknowledges nothing keeps no more in memory than a queue may.
TEST(PersistentSessions, BoundTheBytesThatAreNotAcknowledged) {
  core::Limits limits;
  limits.queue_bytes_max = 3000;
  ShardUnderTest shard(limits);
  const Properties hour;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.send_connect("me", hour.resume());
  client.received();
  client.subscribe("a", 1);
  for (int i = 0; i < 5; ++i) publisher.publish("a", std::string(1000, 'x'), 1, 1);
  EXPECT_EQ(client.received().size(), 3U);
  client.puback(1);
  EXPECT_EQ(client.received().size(), 1U);
}

// Over several connections too.
TEST(PersistentSessions, BoundTheSubscribesThatWait) {
  core::Limits limits;
  limits.unsettled_subscribes_max = 2;
  ShardUnderTest shard(limits);
  shard.router.holds_subscriptions = true;
  const Properties hour;
  for (std::uint16_t i = 1; i <= 2; ++i) {
    ScriptedClient client(shard);
    client.send_connect("me", hour.resume());
    client.send_subscribe("a", 1, i);
    client.lose();
  }
  ScriptedClient client(shard);
  client.send_connect("me", hour.resume());
  client.send_subscribe("a", 1, 3);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success with session", "SUBACK #3 97"));
  EXPECT_EQ(shard.router.subscriptions.size(), 2U);
}

// v5 3.3.2.3.3
TEST_F(PersistentSession, DropsWhatExpiresWhileItWaits) {
  ScriptedClient first(shard);
  first.connect("me", hour.resume()).subscribe("a", 1);
  first.lose();
  mqtt::PropertyWriter expiry;
  expiry.add_number(PropertyId::message_expiry_interval, 10);
  publisher.publish("a", "short", 1, 9, false, expiry.view());
  publish("lasting");
  shard.advance(10'000);
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a lasting qos1 #2"));
  EXPECT_EQ(drops(shard, DropReason::expired), 1U);
}

TEST(PersistentSessions, KeepQos0WhereAsked) {
  core::Limits limits;
  limits.queue_qos0_messages = true;
  ShardUnderTest shard(limits);
  const Properties hour;
  ScriptedClient publisher(shard), first(shard), second(shard);
  publisher.connect("publisher");
  first.connect("me", hour.resume()).subscribe("a", 1);
  first.lose();
  publisher.publish("a", "0", 0);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 0"));
}

// The client did not get SUBACK and subscribes again.
TEST_F(PersistentSession, ASubscriptionThatSettlesWithoutItsConnectionIsNotAnswered) {
  shard.router.store("a", "stored", 1);
  ScriptedClient first(shard), second(shard);
  first.connect("me", hour.resume());
  shard.router.holds_subscriptions = true;
  first.send_subscribe("a", 1, 5);
  first.lose();
  second.send_connect("me", hour.resume());
  shard.router.settle_next();
  shard.turn();
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session"));
  publish("live");
  EXPECT_THAT(second.received(), ElementsAre("PUBLISH a live qos1 #1"));
  second.send_subscribe("a", 1, 6);
  shard.router.settle_next();
  shard.turn();
  EXPECT_THAT(second.received(), ElementsAre("SUBACK #6 01", "PUBLISH a stored qos1 #2 retain"));
}

// Live messages that came while retained ones were read wait for the next connection.
TEST_F(PersistentSession, LosesNothingWhenItsConnectionGoesWhileRetainedMessagesAreRead) {
  ScriptedClient first(shard), second(shard);
  first.connect("me", hour.resume());
  shard.router.holds_subscriptions = true;
  first.send_subscribe("a", 1, 5);
  shard.shard.retained_read_begins(shard.router.subscriptions.back().first);
  publish("live");
  first.lose();
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session"));
  shard.shard.subscription_settled(shard.router.subscriptions.back().first, {});
  shard.turn();
  EXPECT_THAT(second.received(), ElementsAre("PUBLISH a live qos1 #1"));
}

TEST_F(PersistentSession, EndsItsConnectionWhenItIsDiscarded) {
  ScriptedClient client(shard);
  client.send_connect("me", hour.resume());
  client.received();
  client.subscribe("a", 1);
  shard.shard.discard_sessions([](std::string_view) { return false; });
  shard.turn();
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->reason, ReasonCode::server_busy);
  EXPECT_EQ(sessions(), 0U);
  EXPECT_EQ(shard.shard.counters().sessions_discarded.get(), 1U);
  publish("1");
}

// v5 [MQTT-3.8.3-3]: by Client Identifier, so on a later connection too.
TEST_F(PersistentSession, NoLocalHoldsForTheClientNotForTheConnection) {
  ScriptedClient first(shard), second(shard);
  first.connect("me", hour.resume())
      .subscribe({.topic_filter = "a", .qos = mqtt::QoS::at_least_once, .no_local = true});
  first.publish("a", "own", 1, 1);
  EXPECT_THAT(first.received(), ElementsAre("PUBACK #1 Success"));
  first.lose();
  second.send_connect("me", hour.resume());
  second.publish("a", "own", 1, 1);
  publish("other");
  EXPECT_THAT(second.received(),
              ElementsAre("CONNACK Success with session", "PUBACK #1 Success", "PUBLISH a other qos1 #1"));
}

}  // namespace
}  // namespace mqttzoo::test
