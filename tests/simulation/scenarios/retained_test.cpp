#include "tests/simulation/scenarios/scenario.hpp"

/// Retained values (P4).
namespace mqttzoo::sim {
namespace {

using Retained = Scenario;

// Attack 10 (a): acknowledged at A, the watch of B is late.
TEST_F(Retained, ALateWatchDoesNotHideAValue) {
  Client& publisher = connected(client("publisher"), "a");
  const MessageIndex old = publish(publisher, "r/x", 1, true);
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(old); }));
  pass(1'000);
  world_.ensemble().set_apply_delay_ms(0, 700);
  const MessageIndex value = publish(publisher, "r/x", 1, true);
  EXPECT_TRUE(within(5'000, [&] { return acknowledged(value); }));
  Client& reader = subscribed(connected(client("reader"), "b"), "r/x");
  EXPECT_TRUE(within(5'000, [&] { return received(reader, value) == 1; }));
  EXPECT_EQ(received(reader, old), 0);
}

// Attack 10 (b): a value that is committed while a subscription is under way reaches it.
TEST_F(Retained, AValueAndASubscriptionThatMeet) {
  Client& publisher = connected(client("publisher"), "a");
  for (int delay = 0; delay < 20; ++delay) {
    Client& reader = connected(client("reader" + std::to_string(delay)), "b");
    reader.subscribe("r/x", mqtt::QoS::exactly_once);
    pass(delay);
    const MessageIndex value = publish(publisher, "r/x", 2, true);
    EXPECT_TRUE(within(5'000, [&] { return acknowledged(value) && received(reader, value) != 0; })) << delay;
    reader.disconnect();
  }
}

// Attack 10 (c): the reply to a commit is lost, and another broker has stored a newer value meanwhile.
TEST_F(Retained, ALostReplyDoesNotBringAnOldValueBack) {
  Client& first = connected(client("first"), "a");
  Client& second = connected(client("second"), "b");
  const MessageIndex old = publish(first, "r/x", 1, true);
  pass(3);
  world_.drop_from_zookeeper("a", support::Loss::replies);
  EXPECT_TRUE(within(10'000, [&] { return acknowledged(old); }));
  const MessageIndex value = publish(second, "r/x", 1, true);
  EXPECT_TRUE(within(5'000, [&] { return acknowledged(value); }));
  pass(5'000);
  Client& reader = subscribed(connected(client("reader"), "c"), "r/x");
  EXPECT_TRUE(within(1'000, [&] { return received(reader, value) == 1; }));
  EXPECT_EQ(received(reader, old), 0);
}

// Attack 15: a new leader of ZooKeeper's has a clock that is an hour behind. Values expire all the same.
TEST_F(Retained, AStepBackOfZooKeepersClockBringsNoExpiredValueBack) {
  Client& publisher = connected(client("publisher"), "a");
  const auto value = publisher.publish("r/x", mqtt::QoS::at_least_once, true, 14);
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(*value); }));
  world_.step_zookeepers_clock(-3'600'000);
  world_.start("d", 1);
  pass(17'000);
  for (const std::string& broker : world_.running())
    EXPECT_EQ(received(subscribed(connected(client("reader at " + broker), broker), "r/x"), *value), 0) << broker;
}

// Attack 15: and nobody is there any more who would know better than ZooKeeper's clock.
TEST_F(Retained, NorDoesARestartOfEverythingAfterIt) {
  Client& publisher = connected(client("publisher"), "a");
  const auto value = publisher.publish("r/x", mqtt::QoS::at_least_once, true, 14);
  EXPECT_TRUE(within(1'000, [&] { return acknowledged(*value); }));
  world_.step_zookeepers_clock(-3'600'000);
  pass(11'000);  // brokers look at it every ten seconds
  for (const std::string& broker : world_.running()) world_.kill(broker);
  pass(8'000);
  world_.start("a", 1);
  EXPECT_TRUE(converges());
  EXPECT_EQ(received(subscribed(connected(client("reader"), "a"), "r/x"), *value), 0);
}

// P8: without ZooKeeper no retained publish is acknowledged.
TEST_F(Retained, NothingIsStoredWithoutZooKeeper) {
  Client& publisher = connected(client({.id = "publisher", .version = mqtt::ProtocolVersion::v3_1_1}), "a");
  world_.pause_zookeeper(true);
  const MessageIndex value = publish(publisher, "r/x", 1, true);
  pass(8'000);
  EXPECT_FALSE(acknowledged(value));
  world_.pause_zookeeper(false);
  EXPECT_TRUE(within(10'000, [&] { return acknowledged(value); }));
}

}  // namespace
}  // namespace mqttzoo::sim
