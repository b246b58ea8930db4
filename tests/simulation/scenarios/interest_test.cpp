#include "tests/simulation/scenarios/scenario.hpp"

/// Subscriptions and publishes over views (P1, P2).
namespace mqttzoo::sim {
namespace {

using Interest = Scenario;

// Attack 5: B to A is cut, both alive in ZooKeeper. SUBACK at B must not come while A may publish without it.
TEST_F(Interest, NoSubackWhileAMemberDoesNotConfirm) {
  Client& subscriber = connected(client("subscriber"), "b");
  Client& publisher = connected(client("publisher"), "a");
  world_.network().cut("b", "a");
  pass(10);
  subscriber.subscribe("t", mqtt::QoS::at_least_once);
  pass(100);
  EXPECT_FALSE(subscriber.is_subscribed("t"));
  publish(publisher, "t");
  pass(5'000);
  world_.network().heal_all();
  EXPECT_TRUE(converges());
  EXPECT_TRUE(within(5'000, [&] { return subscriber.is_subscribed("t") || !subscriber.connected(); }));
}

// Attack 5: D joins while a SUBSCRIBE at B is under way; D publishes with it.
TEST_F(Interest, ANewMemberKnowsWhatWasGranted) {
  Client& subscriber = connected(client("subscriber"), "b");
  world_.start("d", 1);
  pass(20);
  subscribed(subscriber, "t");
  EXPECT_TRUE(converges());
  Client& publisher = connected(client("publisher"), "d");
  const MessageIndex message = publish(publisher, "t");
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(message) && received(subscriber, message) == 1; }));
}

// Attack 20: what was matched under a lease that has lapsed is not acknowledged, and goes on by itself.
TEST_F(Interest, NothingIsAcknowledgedWithoutALease) {
  subscribed(connected(client("subscriber"), "b"), "t");
  Client& publisher = connected(client("publisher"), "a");
  world_.pause_zookeeper(true);
  pass(4'000);
  const MessageIndex message = publish(publisher, "t");
  pass(1'000);
  EXPECT_FALSE(acknowledged(message));
  world_.pause_zookeeper(false);
  EXPECT_TRUE(within(10'000, [&] { return acknowledged(message); }));
}

// Attack 20: the clock was read before a pause, and is used after it.
TEST_F(Interest, APauseInATurnDoesNotOutwitTheLease) {
  Client& publisher = connected(client("publisher"), "a");
  world_.pause("a");
  const MessageIndex message = publish(publisher, "t");
  pass(8'000);
  Client& subscriber = subscribed(connected(client("subscriber"), "b"), "t");
  world_.resume("a");
  pass(10'000);
  // The publisher was answered before SUBACK, or not at all, or the subscriber has it.
  EXPECT_TRUE(!acknowledged(message) || received(subscriber, message) == 1);
}

// Attack 23: the event loops hang while the session with ZooKeeper lives.
TEST_F(Interest, AWedgedBrokerIsTakenOut) {
  subscribed(connected(client("subscriber"), "a"), "t");
  Client& publisher = connected(client("publisher"), "b");
  world_.hold_up_thread("a", 1, 15'000);
  pass(10);
  const MessageIndex message = publish(publisher, "t");
  EXPECT_TRUE(within(12'000, [&] { return acknowledged(message); })) << "before it goes on";
  pass(15'000);
  EXPECT_TRUE(converges());
}

// Attack 24: one broker that reaches nobody is taken out, and not the others.
TEST_F(Interest, TheMajorityStays) {
  Client& subscriber = subscribed(connected(client("subscriber"), "b"), "t");
  cut("a", "b");
  cut("a", "c");
  pass(8'000);
  Client& publisher = connected(client("publisher"), "c");
  const MessageIndex message = publish(publisher, "t", 2);
  EXPECT_TRUE(within(5'000, [&] { return acknowledged(message) && received(subscriber, message) == 1; }));
  world_.network().heal_all();
  EXPECT_TRUE(converges());
}

// Attack 18: ZooKeeper stands still, and ends all sessions at once; nobody loses what it has.
TEST_F(Interest, AllSessionsExpireAtOnce) {
  Client& subscriber = connected(client("subscriber", true), "b");
  subscribed(subscriber, "t");
  subscriber.disconnect();
  Client& publisher = connected(client("publisher"), "c");
  const MessageIndex message = publish(publisher, "t");
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(message); }));
  world_.pause_zookeeper(true);
  pass(4'500);
  world_.pause_zookeeper(false);
  for (const std::string& broker : world_.running()) world_.expire_sessions(broker);
  EXPECT_TRUE(converges());
  connected(subscriber, "a");
  EXPECT_TRUE(within(1'000, [&] { return received(subscriber, message) == 1; }));
}

// Attack 1: killed, and its pod is back within a second under the same name: another incarnation, that knows nothing.
TEST_F(Interest, ARestartUnderTheSameName) {
  Client& subscriber = subscribed(connected(client("subscriber"), "b"), "t");
  Client& publisher = connected(client("publisher"), "a");
  world_.kill("b");
  world_.start("b", 1);
  const MessageIndex message = publish(publisher, "t");
  EXPECT_TRUE(within(20'000, [&] { return acknowledged(message); }));
  EXPECT_FALSE(subscriber.connected());
  EXPECT_TRUE(converges());
  subscribed(connected(subscriber, "b"), "t");
  const MessageIndex next = publish(publisher, "t");
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(next) && received(subscriber, next) == 1; }));
}

}  // namespace
}  // namespace mqttzoo::sim
