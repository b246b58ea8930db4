#include "tests/simulation/scenarios/scenario.hpp"

/// What a broker may still do that nobody reaches, and for how long (P1, P3, P5).
namespace mqttzoo::sim {
namespace {

class Leases : public Scenario {
 protected:
  /// Nobody reaches A, so it will be removed; it reaches ZooKeeper.
  void isolate_a() {
    cut("a", "b");
    cut("a", "c");
  }
  void cut_a_from_zookeeper() { world_.cut_from_zookeeper("a", support::Loss::requests); }
  bool a_is_removed_within(Milliseconds limit) {
    return within(limit, [this] { return world_.views().back().view->members.size() == 2; });
  }
};

// A is removed, does not hear of it, and its lease holds: the client that it serves is let in nowhere else.
TEST_F(Leases, ARemovedBrokersConnectionIsTakenOverAfterItsFence) {
  Client& one = connected(client(id_at("b"), true), "a");
  isolate_a();
  pass(1'900);
  cut_a_from_zookeeper();
  one.connect("c");
  EXPECT_TRUE(a_is_removed_within(3'000));
  EXPECT_TRUE(world_.broker("a").lease_holds());
  pass(500);
  EXPECT_TRUE(world_.broker("a").lease_holds());
  EXPECT_FALSE(one.connected());
  EXPECT_TRUE(gets_in(one, "c", 10'000));
  heal();
}

// A is removed, reaches ZooKeeper, and the watch that would tell it of that is lost: no heartbeat wins it a lease.
TEST_F(Leases, ALostWatchDoesNotProlongTheLeaseOfARemovedBroker) {
  Client& publisher = connected(client("publisher"), "a");
  Client& subscriber = connected(client(id_at("b")), "b");
  pass(8'500);  // A reads the view every five seconds, whatever it hears: so it does shortly before it is removed
  isolate_a();
  world_.lose_watches("a");
  EXPECT_TRUE(a_is_removed_within(4'000));
  subscriber.subscribe("t", mqtt::QoS::at_least_once);
  EXPECT_TRUE(within(5'000, [&] { return subscriber.is_subscribed("t"); })) << "a fence is over in 3.3 s";
  const auto message = publisher.connected() ? publisher.publish("t", mqtt::QoS::at_least_once) : std::nullopt;
  pass(1'000);
  EXPECT_TRUE(!message || !acknowledged(*message));
  heal();
}

// What A may not match any more it keeps for the time after that: a will that it has as a home is not lost with the
// messages that nobody was sent.
TEST_F(Leases, AWillWaitsForTheRightToPublishIt) {
  Client& watcher = subscribed(connected(client(id_at("b")), "b"), "w/#");
  ClientOptions options;
  options.id = id_at("a");
  options.will_topic = "w/x";
  Client& mortal = connected(client(options), "a");
  const MessageIndex will = will_of(mortal);
  isolate_a();
  cut_a_from_zookeeper();
  pass(3'500);
  EXPECT_FALSE(world_.broker("a").lease_holds());
  mortal.lose();
  EXPECT_TRUE(a_is_removed_within(3'000));
  pass(100);
  heal();
  EXPECT_TRUE(within(5'000, [&] { return received(watcher, will) != 0; }));
  pass(2'000);
  EXPECT_EQ(received(watcher, will), 1);
}

}  // namespace
}  // namespace mqttzoo::sim
