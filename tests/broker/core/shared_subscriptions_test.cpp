// Shared Subscriptions of one shard: v5 4.8.2; the same for clients of v3.
#include <algorithm>

#include "tests/broker/core/persistent_session.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using core::SharedDelivery;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* group = "$share/g/a";

class SharedSubscription : public PersistentSession {
 protected:
  SharedSubscription() = default;
  explicit SharedSubscription(const core::Limits& limits) : PersistentSession(limits) {}

  core::ShareMembers members() const {
    const auto found = shard.router.shares.find(group);
    return found == shard.router.shares.end() ? core::ShareMembers() : found->second;
  }
  /// A member that may have so many messages unacknowledged.
  void join(ScriptedClient& client, std::string_view client_id, int qos = 1, std::uint16_t receive_maximum = 0) {
    const Properties properties(0, receive_maximum);
    client.send_connect(client_id, properties.start());
    client.received();
    client.subscribe(group, qos);
  }
};

TEST_F(SharedSubscription, GivesEachMessageToOneMemberInTurn) {
  ScriptedClient first(shard), second(shard, ProtocolVersion::v3_1_1), third(shard, ProtocolVersion::v3_1);
  join(first, "1", 0);
  second.connect("2").subscribe(group, 0);
  third.connect("3").subscribe(group, 0);
  EXPECT_EQ(members(), (core::ShareMembers{3, 3}));
  for (int i = 0; i < 9; ++i) publish(std::to_string(i), i % 3);
  EXPECT_EQ(first.received().size(), 3U);
  EXPECT_EQ(second.received().size(), 3U);
  EXPECT_EQ(third.received().size(), 3U);
}

TEST_F(SharedSubscription, IsApartFromOrdinaryOnes) {
  ScriptedClient both(shard);
  join(both, "1", 0);
  both.subscribe("a", 0);
  publish("x", 0);
  EXPECT_THAT(both.received(), ElementsAre("PUBLISH a x", "PUBLISH a x"));
}

TEST_F(SharedSubscription, HasNoRetainedMessages) {
  shard.router.store("a", "old", 1);
  ScriptedClient client(shard);
  join(client, "1");
  EXPECT_THAT(client.received(), IsEmpty());
}

// v5 [MQTT-4.8.2-3], 3.3.2.3.8, 3.8.3.1
TEST_F(SharedSubscription, KeepsTheOptionsOfEachMember) {
  ScriptedClient client(shard);
  client.connect("1");
  mqtt::Subscription subscription;
  subscription.topic_filter = group;
  subscription.qos = mqtt::QoS::at_least_once;
  subscription.retain_as_published = true;
  client.subscribe(subscription, 7);
  publisher.publish("a", "x", 2, 9, true);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x qos1 #1 retain {Subscription Identifier=7}"));
}

// v5 [MQTT-4.8.2-1], [MQTT-4.8.2-2]
TEST_F(SharedSubscription, NeedsANameAndAFilter) {
  ScriptedClient client(shard);
  client.connect("1");
  for (const char* const bad : {"$share//a", "$share/g", "$share/g/", "$share/+/a", "$share/g#/a", "$share/g/a#"}) {
    client.send_subscribe(bad);
    EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 8F")) << bad;
  }
}

TEST_F(SharedSubscription, EndsWithItsLastMember) {
  ScriptedClient first(shard), second(shard);
  join(first, "1");
  join(second, "2");
  EXPECT_EQ(shard.shard.counters().shared_subscriptions.get(), 2U);
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 2U);
  first.unsubscribe(group);
  EXPECT_EQ(members(), (core::ShareMembers{1, 1}));
  second.lose();
  EXPECT_EQ(members(), core::ShareMembers());
  EXPECT_EQ(shard.shard.counters().shared_subscriptions.get(), 0U);
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 0U);
  core::MessageView view;
  view.topic = "a";
  core::RoutedMessage message(view);
  EXPECT_EQ(shard.shard.deliver_to_share(group, message, false), SharedDelivery::no_member);
}

// ---------------------------------------------------------------- who is able

TEST_F(SharedSubscription, LeavesOutAMemberWhoseWindowIsFull) {
  ScriptedClient slow(shard), quick(shard);
  join(slow, "slow", 1, 2);
  join(quick, "quick");
  for (int i = 0; i < 10; ++i) publish(std::to_string(i));
  EXPECT_EQ(slow.received().size(), 2U);
  EXPECT_EQ(quick.received().size(), 8U);
  EXPECT_EQ(members(), (core::ShareMembers{2, 1}));
  slow.puback(1);
  EXPECT_EQ(members(), (core::ShareMembers{2, 2}));
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST_F(SharedSubscription, LeavesOutAMemberThatIsAway) {
  ScriptedClient away(shard), here(shard);
  away.send_connect("away", hour.resume());
  away.received();
  away.subscribe(group, 1);
  join(here, "here");
  away.lose();
  EXPECT_EQ(members(), (core::ShareMembers{2, 1}));
  for (int i = 0; i < 4; ++i) publish(std::to_string(i), i % 2);
  EXPECT_EQ(here.received().size(), 4U);
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST_F(SharedSubscription, QueuesForAMemberThatIsAwayIfThereIsNobodyElse) {
  ScriptedClient away(shard);
  away.send_connect("away", hour.resume());
  away.received();
  away.subscribe(group, 1);
  away.lose();
  publish("1");
  publish("0", 0);
  EXPECT_EQ(shard.router.shared_deliveries.back(), SharedDelivery::no_able_member) << "QoS 0 is not kept for it";
  ScriptedClient again(shard);
  again.send_connect("away", hour.resume());
  EXPECT_THAT(again.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1"));
}

TEST_F(SharedSubscription, DeclinesRatherThanKeepsWaiting) {
  ScriptedClient slow(shard);
  join(slow, "slow", 1, 1);
  shard.router.shares_to_able_only = true;
  publish("1");
  publish("2");
  EXPECT_THAT(shard.router.shared_deliveries, ElementsAre(SharedDelivery::taken, SharedDelivery::no_able_member));
  EXPECT_EQ(slow.received().size(), 1U);
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST_F(SharedSubscription, WaitsForAMemberIfNobodyIsAble) {
  ScriptedClient slow(shard);
  join(slow, "slow", 1, 1);
  publish("1");
  publish("2");
  EXPECT_EQ(members(), (core::ShareMembers{1, 0}));
  EXPECT_THAT(slow.received(), ElementsAre("PUBLISH a 1 qos1 #1"));
  slow.puback(1);
  EXPECT_THAT(slow.received(), ElementsAre("PUBLISH a 2 qos1 #2"));
  EXPECT_EQ(members(), (core::ShareMembers{1, 0}));
  slow.puback(2);
  EXPECT_EQ(members(), (core::ShareMembers{1, 1}));
}

// However many are away: only so many are asked for one message.
TEST_F(SharedSubscription, WaitsForAConnectedMemberRatherThanForOneThatIsAway) {
  for (int i = 0; i < 600; ++i) {
    ScriptedClient away(shard);
    away.send_connect("away " + std::to_string(i), hour.resume());
    away.received();
    away.subscribe(group, 1);
    away.lose();
  }
  ScriptedClient slow(shard);
  join(slow, "slow", 1, 1);
  for (int i = 0; i < 5; ++i) publish(std::to_string(i));
  EXPECT_EQ(members(), (core::ShareMembers{601, 0}));
  slow.received();
  for (std::uint16_t i = 1; i < 5; ++i) {
    slow.puback(i);
    EXPECT_EQ(slow.received().size(), 1U);
  }
}

TEST_F(SharedSubscription, LeavesOutAMemberThatTakesNothing) {
  ScriptedClient stuck(shard), quick(shard);
  join(stuck, "stuck", 0);
  join(quick, "quick", 0);
  stuck.stop_taking();
  const std::string large(shard.shard.counters().bytes_sent.get() + 1'000'000, 'x');
  for (int i = 0; i < 40; ++i) publish(large, 0);
  EXPECT_EQ(shard.shard.counters().drops[static_cast<std::size_t>(DropReason::output_full)].get(), 0U);
  EXPECT_GE(quick.received().size(), 25U);
  EXPECT_EQ(members(), (core::ShareMembers{2, 1}));
}

// v5 3.1.2.11.4: a member that takes it is looked for.
TEST_F(SharedSubscription, LooksForAMemberThatTakesLargePackets) {
  ScriptedClient small(shard), large(shard);
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::maximum_packet_size, 30);
  small.connect("small", {.properties = properties.view()});
  small.subscribe(group, 1);
  join(large, "large");
  for (int i = 0; i < 4; ++i) publish(std::string(50, 'x'));
  EXPECT_THAT(small.received(), IsEmpty());
  EXPECT_EQ(large.received().size(), 4U);
}

// ---------------------------------------------------------------- when a member ends

// v5 4.8.2: what was not acknowledged goes to another member; [MQTT-4.8.2-5]: but not QoS 2 that was sent.
TEST_F(SharedSubscription, GivesWhatAMemberHadToAnotherOne) {
  ScriptedClient leaving(shard), staying(shard);
  join(leaving, "leaving", 2, 3);
  publish("1");
  publish("2", 2);
  publish("3");
  publish("waits 1");
  publish("waits 2", 2);
  leaving.puback(1);  // "waits 1" is sent
  EXPECT_THAT(leaving.received(), ElementsAre("PUBLISH a 1 qos1 #1", "PUBLISH a 2 qos2 #2", "PUBLISH a 3 qos1 #3",
                                              "PUBLISH a waits 1 qos1 #4"));
  join(staying, "staying", 2);
  leaving.lose();
  EXPECT_THAT(shard.router.given_to_others, ElementsAre("3", "waits 1", "waits 2"));
  EXPECT_THAT(staying.received(),
              ElementsAre("PUBLISH a 3 qos1 #1", "PUBLISH a waits 1 qos1 #2", "PUBLISH a waits 2 qos2 #3"));
  EXPECT_EQ(drops(shard, DropReason::connection_ended), 1U) << "the QoS 2 message under way";
  EXPECT_EQ(shard.shard.counters().queued_messages.get(), 0U);
}

TEST_F(SharedSubscription, KeepsOrdinaryMessagesApartFromSharedOnes) {
  ScriptedClient leaving(shard), staying(shard);
  leaving.connect("leaving");
  leaving.subscribe("a", 1);
  publish("before");
  EXPECT_THAT(leaving.received(), ElementsAre("PUBLISH a before qos1 #1"));
  leaving.subscribe(group, 1);
  publish("both");
  join(staying, "staying");
  leaving.lose();
  EXPECT_THAT(shard.router.given_to_others, ElementsAre("both"));
  EXPECT_THAT(staying.received(), ElementsAre("PUBLISH a both qos1 #1"));
}

TEST_F(SharedSubscription, GivesAPersistentMembersMessagesOnWhenItExpires) {
  const Properties minute(60);
  ScriptedClient away(shard), staying(shard);
  away.send_connect("away", minute.resume());
  away.received();
  away.subscribe(group, 1);
  publish("sent");
  away.lose();
  publish("queued");
  join(staying, "staying");
  EXPECT_THAT(staying.received(), IsEmpty());
  shard.advance(61'000);
  EXPECT_THAT(staying.received(), ElementsAre("PUBLISH a sent qos1 #1", "PUBLISH a queued qos1 #2"));
}

// Or each one's messages would pass through all that end after it.
TEST_F(SharedSubscription, AtTheEndOfAllNothingGoesFromOneToTheNext) {
  ScriptedClient first(shard), second(shard);
  join(first, "1");
  join(second, "2");
  publish("1");
  publish("2");
  shard.shard.end_all(ReasonCode::server_shutting_down, shard.now);
  shard.turn();
  EXPECT_THAT(shard.router.shared_deliveries, ElementsAre(SharedDelivery::taken, SharedDelivery::taken,
                                                          SharedDelivery::no_member, SharedDelivery::no_member));
}

TEST_F(SharedSubscription, NothingGoesFromOneThatExpiresToTheNext) {
  const Properties minute(60);
  for (const char* const name : {"1", "2", "3"}) {
    ScriptedClient away(shard);
    away.send_connect(name, minute.resume());
    away.received();
    away.subscribe(group, 1);
    publish(name);
    away.lose();
  }
  shard.router.shared_deliveries.clear();
  shard.advance(61'000);
  EXPECT_EQ(sessions(), 0U);
  EXPECT_THAT(shard.router.shared_deliveries,
              ElementsAre(SharedDelivery::no_member, SharedDelivery::no_member, SharedDelivery::no_member));
}

// v5 [MQTT-4.8.2-6]
TEST_F(SharedSubscription, WhatAMemberRefusesGoesToNobody) {
  ScriptedClient refusing(shard), staying(shard);
  join(refusing, "refusing", 2);
  publish("1");
  publish("2", 2);
  join(staying, "staying", 2);
  refusing.send(mqtt::Puback{.packet_id = 1, .reason = ReasonCode::implementation_specific_error, .properties = {}});
  refusing.pubrec(2, ReasonCode::implementation_specific_error);
  refusing.lose();
  EXPECT_THAT(shard.router.given_to_others, IsEmpty());
  EXPECT_THAT(staying.received(), IsEmpty());
}

TEST_F(SharedSubscription, GoesOnAfterANewConnection) {
  ScriptedClient first(shard);
  first.send_connect("me", hour.resume());
  first.received();
  first.subscribe(group, 1);
  publish("1");
  first.lose();
  EXPECT_EQ(members(), (core::ShareMembers{1, 0}));
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 1 qos1 #1 dup"));
  EXPECT_EQ(members(), (core::ShareMembers{1, 1}));
}

// ---------------------------------------------------------------- limits

core::Limits few() {
  core::Limits limits;
  limits.shared_subscriptions_max = 2;
  limits.queue_messages_max = 2;
  limits.in_flight_max = 1;
  return limits;
}
class SharedLimits : public SharedSubscription {
 protected:
  SharedLimits() : SharedSubscription(few()) {}
};

TEST_F(SharedLimits, OnlySoManyPerClient) {
  ScriptedClient client(shard);
  client.connect("1");
  client.subscribe("$share/1/a");
  client.subscribe("$share/2/a");
  client.send_subscribe("$share/3/a");
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 97"));
  client.subscribe("$share/2/a", 1);
  client.subscribe("a");
}

TEST_F(SharedLimits, ALongFilterIsRefused) {
  ScriptedClient client(shard);
  client.connect("1");
  const std::string longest = "$share/g/" + std::string(1024 - 9, 'a');
  client.subscribe(longest);
  client.send_subscribe(longest + "a");
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 8F"));
}

// A full queue ends nobody's connection here: the next member would be next.
TEST_F(SharedLimits, WhatNoMemberHasRoomForIsLeftToTheRouter) {
  ScriptedClient client(shard);
  join(client, "1");
  for (int i = 0; i < 4; ++i) publish(std::to_string(i));
  EXPECT_EQ(shard.router.shared_deliveries.back(), SharedDelivery::no_able_member);
  EXPECT_EQ(
      std::count(shard.router.shared_deliveries.begin(), shard.router.shared_deliveries.end(), SharedDelivery::taken),
      3);
  EXPECT_FALSE(client.ended());
}

}  // namespace
}  // namespace mqttzoo::test
