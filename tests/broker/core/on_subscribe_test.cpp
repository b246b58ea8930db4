#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using mqtt::RetainHandling;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

mqtt::Subscription subscription(std::string_view filter, int qos = 0) {
  mqtt::Subscription one;
  one.topic_filter = filter;
  one.qos = static_cast<mqtt::QoS>(qos);
  return one;
}

void send_subscribe(ScriptedClient& client, std::initializer_list<mqtt::Subscription> subscriptions) {
  mqtt::SubscriptionListWriter list;
  for (const mqtt::Subscription& one : subscriptions) list.add(one);
  client.send(mqtt::Subscribe{.packet_id = 5, .properties = {}, .subscriptions = list.list()});
}

// v5 and v3.1.1 [MQTT-3.8.4-1], [MQTT-3.8.4-6], [MQTT-3.9.3-1]
TEST(Subscribe, GrantsWhatIsAskedOneCodePerFilter) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ShardUnderTest shard;
    ScriptedClient client(shard, version);
    client.connect("me");
    send_subscribe(client, {subscription("a", 0), subscription("b/+", 1), subscription("c/#", 2)});
    EXPECT_THAT(client.received(), ElementsAre("SUBACK #5 00 01 02"));
    EXPECT_THAT(shard.router.interest, ElementsAre("+a", "+b/+", "+c/#"));
    EXPECT_EQ(shard.shard.counters().subscriptions.get(), 3U);
  }
}

TEST(Subscribe, AFilterIsRefusedWithoutTheOthers) {
  core::Limits limits;
  limits.subscriptions_max = 2;
  limits.topic_levels_max = 3;
  ShardUnderTest shard(limits);
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  const std::initializer_list<mqtt::Subscription> asked = {
      subscription("a/#/b"),   subscription("good"), subscription("a+"),       subscription("$share//a"),
      subscription("1/2/3/4"), subscription("#"),    subscription("too/many"), subscription("good", 1)};
  five.connect("five");
  send_subscribe(five, asked);
  EXPECT_THAT(five.received(), ElementsAre("SUBACK #5 8F 00 8F 8F 8F 00 97 01"));
  three.connect("three");
  send_subscribe(three, asked);
  EXPECT_THAT(three.received(), ElementsAre("SUBACK #5 80 00 80 80 80 00 80 01"));
}

TEST(Subscribe, AFilterWithTooManyLevelsIsRefused) {
  std::string deep = "+";
  for (int i = 1; i < 200; ++i) deep += "/+";
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.send_subscribe(deep);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 8F"));
  EXPECT_THAT(shard.router.subscriptions, IsEmpty());  // nothing to settle
}

TEST(Subscribe, TheBytesOfFiltersAreLimitedAndComeBack) {
  core::Limits limits;
  limits.subscription_bytes_max = 10;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me");
  send_subscribe(client, {subscription("12345"), subscription("67890"), subscription("x"), subscription("12345")});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #5 00 00 97 00"));
  client.unsubscribe("12345", 6);
  send_subscribe(client, {subscription("abcde"), subscription("x")});
  EXPECT_THAT(client.received(), ElementsAre("UNSUBACK #6 00", "SUBACK #5 00 97"));
}

TEST(Subscribe, TheFiltersOfOnePacketAreLimited) {
  core::Limits limits;
  limits.filters_per_subscribe_max = 2;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me");
  send_subscribe(client, {subscription("a"), subscription("a"), subscription("a")});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #5 00 00 97"));
}

TEST(Subscribe, SubackWaitsForTheCluster) {
  ShardUnderTest shard;
  shard.router.holds_subscriptions = true;
  ScriptedClient client(shard);
  client.connect("me");
  client.send_subscribe("a", 0, 1);
  client.send_subscribe("b", 0, 2);
  EXPECT_THAT(client.received(), IsEmpty());
  ASSERT_EQ(shard.router.subscriptions.size(), 2U);
  shard.shard.subscription_settled(shard.router.subscriptions[1].first, {});
  shard.shard.subscription_settled(shard.router.subscriptions[0].first, {});
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #2 00", "SUBACK #1 00"));
}

// v5 [MQTT-3.8.4-4], v3.1.1 [MQTT-3.8.4-5]: a publish before SUBACK may already come.
TEST(Subscribe, IsInEffectBeforeSuback) {
  ShardUnderTest shard;
  shard.router.holds_subscriptions = true;
  ScriptedClient client(shard);
  client.connect("me");
  client.send_subscribe("a");
  client.publish("a", "x");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x"));
}

TEST(Subscribe, ManyUnsettledOnesPauseReading) {
  core::Limits limits;
  limits.unsettled_subscribes_max = 4;
  ShardUnderTest shard(limits);
  shard.router.holds_subscriptions = true;
  ScriptedClient client(shard);
  client.connect("me");
  for (int i = 0; i < 4; ++i) client.send_subscribe("a");
  EXPECT_TRUE(client.connection().reading_paused());
  client.send_subscribe("a");
  EXPECT_EQ(shard.router.subscriptions.size(), 4U);
  for (int i = 0; i < 2; ++i) shard.shard.subscription_settled(shard.router.subscriptions[i].first, {});
  EXPECT_EQ(shard.router.subscriptions.size(), 5U);
  EXPECT_FALSE(client.connection().reading_paused());
}

// v5 [MQTT-3.8.4-3], v3.1.1 [MQTT-3.8.4-3]
TEST(Subscribe, AgainReplacesTheOptions) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me").subscribe("a", 1);
  client.publish("a", "1", 2, 1);
  client.pubrel(1);
  client.received();
  client.puback(1);
  client.subscribe("a", 0);
  client.publish("a", "2", 2, 1);
  EXPECT_THAT(client.received(), testing::Contains("PUBLISH a 2"));
  EXPECT_THAT(shard.router.interest, ElementsAre("+a"));
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 1U);
}

// v5 3.3.4: one copy, the highest QoS [MQTT-3.3.4-2], all identifiers [MQTT-3.3.4-3], [MQTT-3.3.4-4].
TEST(Subscribe, OverlappingSubscriptionsGiveOneMessage) {
  ShardUnderTest shard;
  ScriptedClient client(shard), publisher(shard);
  client.connect("me");
  client.subscribe(subscription("a/#", 0), 7);
  client.subscribe(subscription("a/+", 1), 300);
  client.subscribe(subscription("a/b", 0));
  publisher.connect("publisher");
  publisher.publish("a/b", "x", 2, 1);
  EXPECT_THAT(client.received(), ElementsAre(testing::AnyOf(
                                     "PUBLISH a/b x qos1 #1 {Subscription Identifier=7 Subscription Identifier=300}",
                                     "PUBLISH a/b x qos1 #1 {Subscription Identifier=300 Subscription Identifier=7}")));
}

// v5 [MQTT-3.8.3-3]
TEST(Subscribe, NoLocalKeepsTheOwnMessagesAway) {
  ShardUnderTest shard;
  ScriptedClient client(shard), other(shard);
  client.connect("me");
  mqtt::Subscription no_local = subscription("a");
  no_local.no_local = true;
  client.subscribe(no_local);
  other.connect("other");
  client.publish("a", "own");
  other.publish("a", "other's");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a other's"));
}

TEST(Subscribe, NoLocalOfOneSubscriptionLeavesTheOtherAlone) {
  ShardUnderTest shard;
  ScriptedClient client(shard), other(shard);
  client.connect("me");
  mqtt::Subscription no_local = subscription("a", 2);
  no_local.no_local = true;
  client.subscribe(no_local, 1);
  client.subscribe(subscription("+", 1), 2);
  other.connect("other");
  client.publish("a", "own", 2, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a own qos1 #1 {Subscription Identifier=2}", "PUBREC #1 Success"));
  other.publish("a", "other's", 2, 1);
  EXPECT_THAT(client.received(),
              ElementsAre("PUBLISH a other's qos2 #2 {Subscription Identifier=1 Subscription Identifier=2}"));
}

// v5 [MQTT-3.3.1-12], [MQTT-3.3.1-13], v3.1.1 [MQTT-3.3.1-9]
TEST(Subscribe, RetainAsPublished) {
  ShardUnderTest shard;
  ScriptedClient keeps(shard), clears(shard), old(shard, ProtocolVersion::v3_1_1), publisher(shard);
  mqtt::Subscription as_published = subscription("a");
  as_published.retain_as_published = true;
  keeps.connect("keeps").subscribe(as_published);
  clears.connect("clears").subscribe("a");
  old.connect("old").subscribe("a");
  publisher.connect("publisher");
  publisher.publish("a", "1", 0, 0, true);
  publisher.publish("a", "2", 0, 0, false);
  EXPECT_THAT(keeps.received(), ElementsAre("PUBLISH a 1 retain", "PUBLISH a 2"));
  EXPECT_THAT(clears.received(), ElementsAre("PUBLISH a 1", "PUBLISH a 2"));
  EXPECT_THAT(old.received(), ElementsAre("PUBLISH a 1", "PUBLISH a 2"));
}

// v5 [MQTT-3.3.1-8], v3.1.1 [MQTT-3.3.1-8]: RETAIN is set on what was stored.
TEST(Subscribe, RetainedMessagesComeAfterSuback) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ShardUnderTest shard;
    shard.router.store("a/1", "one", 1, mqtt::QoS::exactly_once);
    shard.router.store("a/2", "two", 2);
    shard.router.store("b", "three", 3);
    ScriptedClient client(shard, version);
    client.connect("me");
    client.send_subscribe("a/+", 1);
    EXPECT_THAT(client.received(),
                ElementsAre("SUBACK #1 01", "PUBLISH a/1 one qos1 #1 retain", "PUBLISH a/2 two qos1 #2 retain"));
  }
}

TEST(Subscribe, RetainedMessagesCarryTheIdentifier) {
  ShardUnderTest shard;
  shard.router.store("a", "x", 1);
  ScriptedClient client(shard);
  client.connect("me");
  client.send_subscribe(subscription("a"), 9);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "PUBLISH a x retain {Subscription Identifier=9}"));
}

// v5 3.8.3.1: [MQTT-3.3.1-9] to [MQTT-3.3.1-11]
TEST(Subscribe, RetainHandling) {
  ShardUnderTest shard;
  shard.router.store("a", "x", 1);
  ScriptedClient client(shard);
  client.connect("me");
  mqtt::Subscription always = subscription("a"), if_new = subscription("a"), never = subscription("+");
  if_new.retain_handling = RetainHandling::send_if_new;
  never.retain_handling = RetainHandling::do_not_send;
  client.send_subscribe(never);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00"));
  client.send_subscribe(if_new);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "PUBLISH a x retain"));
  client.send_subscribe(if_new);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00"));
  client.send_subscribe(always);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "PUBLISH a x retain"));
}

// Interest, then the read of what is retained; what comes live meanwhile waits for it.
class RetainedRead : public testing::Test {
 protected:
  RetainedRead() {
    publisher.connect("publisher");
    client.connect("me");
    shard.router.holds_subscriptions = true;
  }
  core::SubscribeTicket begin(std::size_t index) {
    const core::SubscribeTicket ticket = shard.router.subscriptions.at(index).first;
    shard.shard.retained_read_begins(ticket);
    return ticket;
  }
  void settle(core::SubscribeTicket ticket, std::vector<core::RetainedMatch> matches) {
    shard.shard.subscription_settled(ticket, std::move(matches));
    shard.turn();
  }

  ShardUnderTest shard;
  ScriptedClient publisher{shard};
  ScriptedClient client{shard};
};

TEST_F(RetainedRead, LiveMessagesWaitForIt) {
  client.send_subscribe("a", 1);
  publisher.publish("a", "before", 1, 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a before qos1 #1"));
  const auto ticket = begin(0);
  publisher.publish("a", "live 1", 1, 1);
  publisher.publish("a", "live 0", 0);
  EXPECT_THAT(client.received(), IsEmpty());
  settle(ticket, {{0, shard.router.store("a", "stored", 1)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 01", "PUBLISH a stored qos1 #2 retain",
                                             "PUBLISH a live 1 qos1 #3", "PUBLISH a live 0"));
  publisher.publish("a", "after");
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a after"));
}

TEST_F(RetainedRead, WhatIsNoNewerThanTheStoredValueIsDropped) {
  client.send_subscribe("#", 1);
  const auto ticket = begin(0);
  publisher.publish("a", "v1", 1, 1, true);
  publisher.publish("a", "v2", 1, 1, true);
  publisher.publish("b", "v3", 1, 1, true);
  publisher.publish("a", "v4", 1, 1, true);
  publisher.publish("a", "never stored", 1, 1);
  settle(ticket, {{0, shard.router.store("a", "v2", 2)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 01", "PUBLISH a v2 qos1 #1 retain", "PUBLISH b v3 qos1 #2",
                                             "PUBLISH a v4 qos1 #3", "PUBLISH a never stored qos1 #4"));
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST_F(RetainedRead, AValueSentAtALowerQosDoesNotReplaceALiveOne) {
  client.send_subscribe("a", 1, 1);
  settle(begin(0), {});
  client.received();
  client.send_subscribe("+", 0, 2);
  const auto ticket = begin(1);
  publisher.publish("a", "v1", 1, 1, true);
  settle(ticket, {{0, shard.router.store("a", "v1", 1)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #2 00", "PUBLISH a v1 retain", "PUBLISH a v1 qos1 #1"));
}

TEST_F(RetainedRead, TwoAtATime) {
  client.send_subscribe("a", 0, 1);
  client.send_subscribe("b", 0, 2);
  const auto first = begin(0);
  publisher.publish("a", "a1");
  const auto second = begin(1);
  publisher.publish("b", "b1");
  settle(first, {{0, shard.router.store("a", "stored a", 1)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "PUBLISH a stored a retain"));
  settle(second, {{0, shard.router.store("b", "stored b", 2)}});
  EXPECT_THAT(client.received(),
              ElementsAre("SUBACK #2 00", "PUBLISH b stored b retain", "PUBLISH a a1", "PUBLISH b b1"));
}

TEST_F(RetainedRead, AnUnsubscribeMeanwhileNeedsNoStoredValue) {
  client.send_subscribe("a", 0, 1);
  const auto ticket = begin(0);
  client.unsubscribe("a", 2);
  EXPECT_THAT(client.received(), ElementsAre("UNSUBACK #2 00"));
  settle(ticket, {{0, shard.router.store("a", "stored", 1)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00"));
}

TEST_F(RetainedRead, TheClientGoesMeanwhile) {
  client.send_subscribe("a", 0, 1);
  const auto ticket = begin(0);
  publisher.publish("a", "held");
  client.lose();
  settle(ticket, {});
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
  EXPECT_THAT(client.received(), IsEmpty());
}

TEST_F(RetainedRead, AnExpiredStoredValueIsNotSent) {
  core::MessageView view;
  view.topic = "a";
  view.payload = "old";
  view.expires_at = shard.now.cluster;
  client.send_subscribe("a");
  settle(begin(0), {{0, core::MessageRef::copy_of(view)}});
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00"));
}

TEST(Subscribe, MalformedOnes) {
  for (const std::string& bytes : {
           std::string("\x80\x06\x00\x01\x00\x00\x01"
                       "a\x00",
                       8),                                          // flags [MQTT-3.8.1-1]
           std::string("\x82\x03\x00\x01\x00", 5),                  // no filter [MQTT-3.8.3-2]
           std::string("\x82\x07\x00\x01\x00\x00\x01\xff\x00", 9),  // UTF-8 [MQTT-3.8.3-1]
           std::string("\x82\x07\x00\x01\x00\x00\x01"
                       "a\x03",
                       9),  // QoS 3
           std::string("\x82\x07\x00\x00\x00\x00\x01"
                       "a\x00",
                       9),                          // Packet Identifier 0
           std::string("\xa2\x03\x00\x01\x00", 5),  // UNSUBSCRIBE without filter [MQTT-3.10.3-2]
       }) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.connect("me");
    client.send_bytes(bytes);
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->cause, core::EndCause::protocol_error);
    EXPECT_THAT(shard.router.interest, IsEmpty());
  }
}

}  // namespace
}  // namespace mqttzoo::test
