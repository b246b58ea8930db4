#include "broker/core/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using core::EndCause;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

std::uint64_t drops(const ShardUnderTest& shard, DropReason reason) {
  return shard.shard.counters().drops[static_cast<std::size_t>(reason)].get();
}

/// Numbered messages, QoS 1 with Packet Identifier 1: they are answered at once.
void publish_numbers(ScriptedClient& publisher, int first, int last, int qos, std::string_view topic = "a") {
  for (int i = first; i <= last; ++i) publisher.publish(topic, std::to_string(i), qos, qos == 0 ? 0 : 1);
}

TEST(SessionSubscriptions, OfAllSessionsOfAShardAreBounded) {
  core::Limits limits;
  limits.filter_bytes_max = 100;
  limits.filter_overhead_bytes = 20;
  ShardUnderTest shard(limits);
  ScriptedClient one(shard), two(shard, mqtt::ProtocolVersion::v3_1_1);
  one.connect("one");
  two.connect("two");
  one.send_subscribe(std::string(30, 'a'), 0, 1);
  two.send_subscribe(std::string(20, 'b'), 0, 1);
  two.send_subscribe("c", 0, 2);
  one.send_subscribe("d", 0, 2);
  one.send_subscribe(std::string(30, 'a'), 1, 3);
  EXPECT_THAT(one.received(), ElementsAre("SUBACK #1 00", "SUBACK #2 97", "SUBACK #3 01"));
  EXPECT_THAT(two.received(), ElementsAre("SUBACK #1 00", "SUBACK #2 80"));
  two.unsubscribe(std::string(20, 'b'), 3);
  one.send_subscribe("d", 0, 4);
  EXPECT_THAT(one.received(), ElementsAre("SUBACK #4 00"));
}

// v5 [MQTT-3.3.4-9]
TEST(SessionWindow, NeverExceedsTheClientsReceiveMaximum) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::receive_maximum, 2);
  client.connect("me", {.properties = properties.view()}).subscribe("a", 1);
  publish_numbers(publisher, 1, 5, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 1 qos1 #1", "PUBLISH a 2 qos1 #2"));
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 3U);
  client.puback(2);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 3 qos1 #3"));
  client.puback(1);
  client.puback(3);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 4 qos1 #4", "PUBLISH a 5 qos1 #5"));
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST(SessionWindow, Qos2HoldsItsPlaceUntilPubcomp) {
  core::Limits limits;
  limits.in_flight_max = 1;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard, mqtt::ProtocolVersion::v3_1_1);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 2);
  publisher.publish("a", "1", 2, 1);
  publisher.publish("a", "2", 2, 2);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 1 qos2 #1"));
  client.pubrec(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBREL #1 Success"));
  client.pubcomp(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 2 qos2 #2"));
}

// QoS 0 does not wait for the window (order holds per QoS).
TEST(SessionWindow, Qos0PassesAFullWindow) {
  core::Limits limits;
  limits.in_flight_max = 1;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 1);
  publish_numbers(publisher, 1, 2, 1);
  publish_numbers(publisher, 3, 3, 0);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 1 qos1 #1", "PUBLISH a 3"));
  client.puback(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 2 qos1 #2"));
}

TEST(SessionWindow, Qos0StaysBehindRetainedMessagesThatWait) {
  core::Limits limits;
  limits.in_flight_max = 1;
  ShardUnderTest shard(limits);
  shard.router.store("a", "stored", 1);
  shard.router.store("b", "stored", 2);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("+", 1);
  publish_numbers(publisher, 1, 1, 0, "b");
  EXPECT_THAT(client.received(), IsEmpty());
  client.puback(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH b stored qos1 #2 retain", "PUBLISH b 1"));
}

TEST(SessionQueue, EndsACleanSessionAtItsLimitOfMessages) {
  core::Limits limits;
  limits.in_flight_max = 1;
  limits.queue_messages_max = 3;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), five(shard), three(shard, mqtt::ProtocolVersion::v3_1_1), other(shard);
  publisher.connect("publisher");
  five.connect("five").subscribe("a", 1);
  three.connect("three").subscribe("a", 1);
  other.connect("other").subscribe("a", 0);
  publish_numbers(publisher, 1, 4, 1);
  EXPECT_FALSE(five.ended());
  EXPECT_FALSE(three.ended());
  publish_numbers(publisher, 5, 5, 1);
  EXPECT_THAT(five.received(), ElementsAre("PUBLISH a 1 qos1 #1", "DISCONNECT Quota exceeded"));
  EXPECT_THAT(three.received(), ElementsAre("PUBLISH a 1 qos1 #1"));
  for (const ScriptedClient* client : {&five, &three}) {
    ASSERT_TRUE(client->ended());
    EXPECT_EQ(client->ended()->cause, EndCause::limit);
    EXPECT_EQ(client->ended()->reason, ReasonCode::quota_exceeded);
  }
  EXPECT_EQ(other.received().size(), 5U);  // nobody else is disturbed
  EXPECT_EQ(publisher.received().size(), 5U);
  EXPECT_EQ(drops(shard, DropReason::queue_full), 2U);
  EXPECT_EQ(drops(shard, DropReason::connection_ended), 8U);  // 3 in each queue, 1 in each window
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST(SessionQueue, EndsWhereMoreRetainedMessagesWaitThanMay) {
  core::Limits limits;
  limits.retained_waiting_max = 3;
  limits.queue_messages_max = 2;
  limits.in_flight_max = 1;
  ShardUnderTest bounded(limits);
  ScriptedClient reader(bounded);
  reader.connect("reader");
  bounded.router.holds_subscriptions = true;
  const auto settle_with = [&](std::size_t index, std::uint32_t count) {
    const core::SubscribeTicket ticket = bounded.router.subscriptions.at(index).first;
    bounded.shard.retained_read_begins(ticket);
    const std::vector<core::RetainedMatch> matches(count, {0, bounded.router.store("a", "x", 1)});
    bounded.shard.subscription_settled(ticket, matches);
    bounded.turn();
  };
  reader.send_subscribe("a", 1, 1);
  settle_with(0, 5);
  EXPECT_FALSE(reader.ended()) << "one is on its way, four wait";
  reader.send_subscribe("a", 1, 2);
  settle_with(1, 2);
  ASSERT_TRUE(reader.ended());
  EXPECT_EQ(reader.ended()->reason, mqtt::ReasonCode::quota_exceeded);
  EXPECT_EQ(bounded.shard.counters().drops[static_cast<std::size_t>(core::DropReason::queue_full)].get(), 2U);
}

TEST(SessionQueue, EndsACleanSessionAtItsLimitOfBytes) {
  core::Limits limits;
  limits.in_flight_max = 1;
  limits.queue_bytes_max = 3000;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 1);
  publisher.publish("a", "x", 1, 1);
  publisher.publish("a", std::string(1000, 'x'), 1, 1);
  publisher.publish("a", std::string(1000, 'x'), 1, 1);
  EXPECT_FALSE(client.ended());
  publisher.publish("a", std::string(1000, 'x'), 1, 1);
  EXPECT_TRUE(client.ended());
}

TEST(SessionQueue, DropsQos0WhileItIsHeldBackAndFull) {
  core::Limits limits;
  limits.queue_messages_max = 2;
  ShardUnderTest shard(limits);
  shard.router.holds_subscriptions = true;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me");
  client.send_subscribe("a", 0);
  const auto ticket = shard.router.subscriptions.at(0).first;
  shard.shard.retained_read_begins(ticket);
  publish_numbers(publisher, 1, 4, 0);
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(drops(shard, DropReason::queue_full), 2U);
  shard.shard.subscription_settled(ticket, {});
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "PUBLISH a 1", "PUBLISH a 2"));
}

// The retained store holds them already: subscribing to much is no reason to be thrown out.
TEST(SessionQueue, RetainedMessagesDoNotCountAgainstIt) {
  core::Limits limits;
  limits.in_flight_max = 1;
  limits.queue_messages_max = 3;
  ShardUnderTest shard(limits);
  for (int i = 0; i < 10; ++i) shard.router.store("a/" + std::to_string(i), "x", i + 1);
  ScriptedClient client(shard);
  client.connect("me");
  client.send_subscribe("#", 1);
  std::size_t received = client.received().size() - 1;
  for (std::uint16_t id = 1; id <= 10; ++id) {
    client.puback(id);
    received += client.received().size();
  }
  EXPECT_EQ(received, 10U);
  EXPECT_FALSE(client.ended());
}

// A client that takes nothing: QoS 0 is dropped, QoS 1 waits in the queue.
TEST(SessionOutput, IsBounded) {
  core::Limits limits;
  limits.output_bytes_max = 1000;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 1);
  client.stop_taking();
  const std::string payload(100, 'x');
  for (int i = 0; i < 15; ++i) publisher.publish("a", payload, 0);
  const std::size_t full = client.connection().output().size();
  EXPECT_GE(full, 1000U);
  EXPECT_LT(full, 1200U);
  EXPECT_EQ(drops(shard, DropReason::output_full), 5U);
  for (int i = 0; i < 5; ++i) publisher.publish("a", payload, 1, 1);
  EXPECT_EQ(client.connection().output().size(), full);
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 5U);
  client.take_again();
  EXPECT_EQ(client.received().size(), 15U);
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

// v5 [MQTT-3.1.2-24], [MQTT-3.1.2-25]: as if it had been sent.
TEST(SessionOutput, APacketLargerThanTheClientTakesIsDropped) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard), client(shard), other(shard);
  publisher.connect("publisher");
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::maximum_packet_size, 100);
  client.connect("me", {.properties = properties.view()}).subscribe("a", 1);
  other.connect("other").subscribe("a", 1);
  const std::size_t fits = 100 - 2 - 3 - 2 - 1;  // header, topic, identifier, property length
  for (const std::size_t size : {fits, fits + 1, fits}) publisher.publish("a", std::string(size, 'x'), 1, 1);
  publisher.publish("a", std::string(fits + 3, 'x'), 0);
  const auto received = client.received();
  ASSERT_EQ(received.size(), 2U);
  EXPECT_TRUE(received[1].ends_with("qos1 #2"));  // no identifier is lost
  EXPECT_EQ(drops(shard, DropReason::larger_than_client_takes), 2U);
  EXPECT_EQ(other.received().size(), 4U);
}

// v5 [MQTT-3.3.2-5], [MQTT-3.3.2-6]
TEST(SessionExpiry, TheRestOfTheTimeIsSentOnAndWhatExpiredIsNot) {
  core::Limits limits;
  limits.in_flight_max = 1;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 1);
  mqtt::PropertyWriter ten, five;
  ten.add_number(PropertyId::message_expiry_interval, 10);
  five.add_number(PropertyId::message_expiry_interval, 5);
  publisher.publish("a", "1", 1, 1, false, ten.view());
  publisher.publish("a", "2", 1, 1, false, five.view());
  publisher.publish("a", "3", 1, 1, false, ten.view());
  publisher.publish("a", "4", 1, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 1 qos1 #1 {Message Expiry Interval=10}"));
  shard.advance(5000);
  client.puback(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 3 qos1 #2 {Message Expiry Interval=5}"));
  client.puback(2);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 4 qos1 #3"));
  EXPECT_EQ(drops(shard, DropReason::expired), 1U);
}

TEST(SessionExpiry, WhatHasExpiredOnItsWayIsNotDelivered) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me").subscribe("a");
  for (const core::ClusterMilliseconds expires_at : {shard.now.cluster, shard.now.cluster + 1}) {
    core::RoutedMessage message({.topic = "a", .payload = "x", .properties = {}, .expires_at = expires_at});
    shard.shard.deliver(message);
    shard.turn();
  }
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x {Message Expiry Interval=1}"));
  EXPECT_EQ(drops(shard, DropReason::expired), 1U);
}

TEST(SessionEnd, TakesEverythingBack) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a/+", 1);
  client.subscribe("b", 1);
  client.lose();
  EXPECT_THAT(shard.router.interest, testing::UnorderedElementsAre("+a/+", "+b", "-a/+", "-b"));
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 0U);
  publish_numbers(publisher, 1, 3, 1, "b");
  EXPECT_EQ(publisher.received().size(), 3U);
}

// A thousand messages of mixed QoS through a small window arrive complete and in order per QoS.
TEST(SessionOrder, HoldsPerQosThroughASmallWindow) {
  core::Limits limits;
  limits.in_flight_max = 3;
  ShardUnderTest shard(limits);
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 2);
  std::vector<int> expected[3], got[3];
  std::vector<std::uint16_t> to_acknowledge;
  const auto look = [&] {
    for (const std::string& packet : client.received()) {
      int number = 0, qos = 0;
      unsigned id = 0;
      if (std::sscanf(packet.c_str(), "PUBLISH a %d qos%d #%u", &number, &qos, &id) >= 1) {
        got[qos].push_back(number);
        if (qos == 1) client.puback(static_cast<std::uint16_t>(id));
        if (qos == 2) client.pubrec(static_cast<std::uint16_t>(id));
      } else if (std::sscanf(packet.c_str(), "PUBREL #%u", &id) == 1) {
        client.pubcomp(static_cast<std::uint16_t>(id));
      }
    }
  };
  for (int i = 0; i < 1000; ++i) {
    const int qos = i * 7 % 3;
    expected[qos].push_back(i);
    publisher.publish("a", std::to_string(i), qos, qos == 0 ? 0 : 1);
    if (qos == 2) publisher.pubrel(1);
    if (i % 5 == 0) look();
  }
  while (!client.raw().empty()) look();
  for (int qos = 0; qos < 3; ++qos) EXPECT_EQ(got[qos], expected[qos]);
}

}  // namespace
}  // namespace mqttzoo::test
