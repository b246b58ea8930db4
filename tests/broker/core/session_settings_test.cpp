// What settings change in the way of a message to its client.
#include "tests/broker/core/persistent_session.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ProtocolVersion;
using testing::ElementsAre;

core::Limits upgrading() {
  core::Limits limits;
  limits.upgrade_outgoing_qos = true;
  return limits;
}

core::Limits of_bytes_in_flight(std::size_t bytes) {
  core::Limits limits;
  limits.in_flight_bytes_max = bytes;
  return limits;
}

class BytesInFlight : public PersistentSession {
 protected:
  BytesInFlight() : PersistentSession(of_bytes_in_flight(10)) {}
};

TEST_F(BytesInFlight, AreBoundedForQos1And2) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ScriptedClient client(shard, version);
    client.connect("me").subscribe("a", 2);
    publish("12345678901", 2);
    publish("1", 1);
    publish("zero", 0);
    EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 12345678901 qos2 #1", "PUBLISH a zero"));
    client.pubrec(1);
    EXPECT_THAT(client.received(), ElementsAre("PUBREL #1 Success"));
    client.pubcomp(1);
    publish("123456789", 1);
    publish("2", 1);
    EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 1 qos1 #2", "PUBLISH a 123456789 qos1 #3"));
    client.puback(2);
    EXPECT_THAT(client.received(), ElementsAre("PUBLISH a 2 qos1 #4"));
    client.lose();
  }
}

TEST_F(BytesInFlight, AreBoundedForWhatIsSentAgain) {
  ScriptedClient first(shard);
  first.connect("me", hour.start()).subscribe("a", 1);
  publish("123456");
  publish("abcdef");
  publish("waits");
  EXPECT_EQ(first.received().size(), 2U);
  first.lose();
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a 123456 qos1 #1 dup",
                                             "PUBLISH a abcdef qos1 #2 dup"));
  second.puback(1);
  EXPECT_THAT(second.received(), ElementsAre("PUBLISH a waits qos1 #3"));
}

class UpgradedQos : public PersistentSession {
 protected:
  UpgradedQos() : PersistentSession(upgrading()) {}
};

TEST_F(UpgradedQos, IsThatOfTheSubscription) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ScriptedClient zero(shard, version), one(shard, version), two(shard, version);
    zero.connect("zero").subscribe("a", 0);
    one.connect("one").subscribe("a", 1);
    two.connect("two").subscribe("a", 2);
    publish("x", 0);
    publish("y", 1);
    publish("z", 2);
    EXPECT_THAT(zero.received(), ElementsAre("PUBLISH a x", "PUBLISH a y", "PUBLISH a z"));
    EXPECT_THAT(one.received(), ElementsAre("PUBLISH a x qos1 #1", "PUBLISH a y qos1 #2", "PUBLISH a z qos1 #3"));
    EXPECT_THAT(two.received(), ElementsAre("PUBLISH a x qos2 #1", "PUBLISH a y qos2 #2", "PUBLISH a z qos2 #3"));
    zero.lose();
    one.lose();
    two.lose();
  }
}

TEST_F(UpgradedQos, LetsQos0WaitForAClientThatIsAway) {
  ScriptedClient first(shard);
  first.connect("me", hour.start()).subscribe("a", 1);
  first.lose();
  publish("x", 0);
  EXPECT_EQ(drops(shard, core::DropReason::client_away), 0U);
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(), ElementsAre("CONNACK Success with session", "PUBLISH a x qos1 #1"));
}

TEST_F(UpgradedQos, HoldsForRetainedMessages) {
  shard.router.store("kept", "x", 1, mqtt::QoS::at_most_once);
  ScriptedClient client(shard);
  client.connect("me").send_subscribe("kept", 2);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 02", "PUBLISH kept x qos2 #1 retain"));
}

TEST_F(UpgradedQos, HoldsForSharedSubscriptions) {
  ScriptedClient client(shard);
  client.connect("me").subscribe("$share/group/a", 2);
  core::RoutedMessage message(shard.router.store("a", "x", 1, mqtt::QoS::at_most_once));
  EXPECT_EQ(shard.shard.deliver_to_share("$share/group/a", message, true), core::SharedDelivery::taken);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x qos2 #1"));
}

TEST_F(UpgradedQos, OfARetainedMessageIsThatOfItsLiveCopy) {
  shard.router.holds_subscriptions = true;
  ScriptedClient client(shard);
  client.connect("me").send_subscribe("kept", 1);
  const auto ticket = shard.router.subscriptions.back().first;
  shard.shard.retained_read_begins(ticket);
  core::RoutedMessage live(shard.router.store("kept", "x", 1, mqtt::QoS::at_most_once));
  shard.shard.deliver(live);
  shard.shard.subscription_settled(ticket, shard.router.find_retained({"kept"}));
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 01", "PUBLISH kept x qos1 #1 retain"));
}

// v5 [MQTT-3.3.2-5], [MQTT-3.3.2-6]: a Message Expiry Interval of 0 has passed as soon as anything has to be waited
// for.
class ExpiryAtOnce : public PersistentSession {
 protected:
  explicit ExpiryAtOnce(const core::Limits& limits = {}) : PersistentSession(limits) {
    none.add_number(mqtt::PropertyId::message_expiry_interval, 0);
  }
  void publish_now(std::string_view payload, int qos, bool retain = false) {
    publisher.publish("a", payload, qos, static_cast<std::uint16_t>(qos), retain, none.view());
    if (qos == 2) publisher.pubrel(2);
  }
  mqtt::PropertyWriter none;
};

TEST_F(ExpiryAtOnce, ReachesWhoCanBeSentTheMessageAtOnce) {
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five").subscribe("a", 2);
  three.connect("three").subscribe("a", 2);
  for (const int qos : {0, 1, 2}) publish_now("x", qos);
  EXPECT_THAT(five.received(),
              ElementsAre("PUBLISH a x {Message Expiry Interval=0}", "PUBLISH a x qos1 #1 {Message Expiry Interval=0}",
                          "PUBLISH a x qos2 #2 {Message Expiry Interval=0}"));
  EXPECT_THAT(three.received(), ElementsAre("PUBLISH a x", "PUBLISH a x qos1 #1", "PUBLISH a x qos2 #2"));
  EXPECT_EQ(drops(shard, core::DropReason::expired), 0U);
}

TEST_F(ExpiryAtOnce, DoesNotWaitForAClientThatIsAway) {
  ScriptedClient first(shard);
  first.connect("me", hour.start()).subscribe("a", 1);
  publish_now("sent", 1);
  EXPECT_EQ(first.received().size(), 1U);
  first.lose();
  publish_now("late", 1);
  publish("stays");
  EXPECT_EQ(drops(shard, core::DropReason::expired), 1U);
  ScriptedClient second(shard);
  second.send_connect("me", hour.resume());
  EXPECT_THAT(second.received(),
              ElementsAre("CONNACK Success with session", "PUBLISH a sent qos1 #1 dup {Message Expiry Interval=0}",
                          "PUBLISH a stays qos1 #2"));
}

TEST_F(ExpiryAtOnce, DoesNotWaitForAMemberOfASharedSubscription) {
  ScriptedClient client(shard);
  client.connect("me", hour.start()).subscribe("$share/group/a", 1);
  core::RoutedMessage message({.topic = "a",
                               .payload = "x",
                               .properties = {},
                               .qos = mqtt::QoS::at_least_once,
                               .expires_at = core::expires_at_once});
  EXPECT_EQ(shard.shard.deliver_to_share("$share/group/a", message, false), core::SharedDelivery::taken);
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x qos1 #1 {Message Expiry Interval=0}"));
  client.lose();
  EXPECT_EQ(shard.shard.deliver_to_share("$share/group/a", message, false), core::SharedDelivery::no_able_member);
}

class ExpiryAtOnceInASmallWindow : public ExpiryAtOnce {
 protected:
  ExpiryAtOnceInASmallWindow() : ExpiryAtOnce(window_of_one()) {}
  static core::Limits window_of_one() {
    core::Limits limits;
    limits.in_flight_max = 1;
    return limits;
  }
};

TEST_F(ExpiryAtOnceInASmallWindow, DoesNotWaitForRoom) {
  ScriptedClient client(shard);
  client.connect("me").subscribe("a", 1);
  publish("first");
  publish_now("late", 1);
  client.puback(1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a first qos1 #1"));
  publish_now("in time", 1);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a in time qos1 #2 {Message Expiry Interval=0}"));
  EXPECT_EQ(drops(shard, core::DropReason::expired), 1U);
}

/// What $SYS tells of sessions: who is away, and what they keep.
class Kept : public PersistentSession {
 protected:
  void expect(std::uint64_t away, std::uint64_t messages, std::uint64_t bytes, std::uint64_t in_flight) {
    const core::Counters& counters = shard.shard.counters();
    EXPECT_EQ(counters.sessions_away.get(), away);
    EXPECT_EQ(counters.kept_messages.get(), messages);
    EXPECT_EQ(counters.kept_bytes.get(), bytes);
    EXPECT_EQ(counters.messages_in_flight.get(), in_flight);
  }
};

TEST_F(Kept, InAPersistentSessionUntilItIsAcknowledged) {
  const Properties narrow(3600, 2);
  ScriptedClient first(shard);
  first.connect("me", narrow.start()).subscribe("a", 2);
  publish("1");
  publish("22", 2);
  publish("333");
  expect(0, 3, 6, 2);
  first.lose();
  publish("4444");
  expect(1, 4, 10, 2);
  ScriptedClient second(shard);
  second.send_connect("me", narrow.resume());
  expect(0, 4, 10, 2);
  second.puback(1);
  expect(0, 3, 9, 2);
  second.pubrec(2);
  expect(0, 2, 7, 2);
  second.pubcomp(2);
  expect(0, 2, 7, 2);
  second.lose();
  expect(1, 2, 7, 2);
  shard.advance(core::Milliseconds{3600} * 1000);
  expect(0, 0, 0, 0);
}

TEST_F(Kept, InACleanSessionUntilItIsSent) {
  const Properties narrow(0, 1);
  ScriptedClient client(shard);
  client.connect("me", narrow.start()).subscribe("a", 1);
  publish("1");
  publish("22");
  expect(0, 1, 2, 1);
  client.puback(1);
  expect(0, 0, 0, 1);
  publish("333");
  client.lose();
  expect(0, 0, 0, 0);
}

TEST_F(Kept, UntilTheSessionIsDiscarded) {
  ScriptedClient client(shard);
  client.connect("me", hour.start()).subscribe("a", 1);
  publish("1");
  expect(0, 1, 1, 1);
  shard.shard.discard_sessions([](std::string_view) { return false; });
  shard.turn();
  expect(0, 0, 0, 0);
}

TEST_F(PersistentSession, HasNoUpgradeUnlessToldSo) {
  ScriptedClient client(shard);
  client.connect("me").subscribe("a", 2);
  publish("x", 0);
  EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x"));
}

}  // namespace
}  // namespace mqttzoo::test
