#include <algorithm>

#include "tests/simulation/scenarios/scenario.hpp"

/// Takeovers, wills and homes (P3, P5, P8).
namespace mqttzoo::sim {
namespace {

using Homes = Scenario;

TEST_F(Homes, ATakeoverEndsTheOldConnectionBeforeConnack) {
  Client& one = connected(client("twin", true), "a");
  connected(one, "b");
  EXPECT_EQ(world_.broker("a").shard(0).counters().connections.get(), 0u);
}

// Attack 7: A is cut off and never hears of the takeover; it must not act any more when B's connection is accepted.
TEST_F(Homes, ATakeoverOfACutOffConnectionWaitsForTheFence) {
  Client& one = connected(client(id_at("c"), true), "a");
  cut("a", "b");
  cut("a", "c");
  world_.cut_from_zookeeper("a", support::Loss::requests);
  const Milliseconds begun = world_.now();
  one.connect("b");
  EXPECT_TRUE(gets_in(one, "b", 20'000));
  EXPECT_GT(world_.now() - begun, 2'000) << "the lease of the old frontend was not waited for";
  heal();
}

// A broker dies while ZooKeeper is away, so nobody can remove it: its clean clients must get in elsewhere.
TEST_F(Homes, ACleanSessionDoesNotWaitForADeadBrokerThatNobodyCanRemove) {
  const std::string id = id_at("c");
  connected(client(id), "a");
  world_.pause_zookeeper(true);
  world_.kill("a");
  pass(500);
  Client& again = client(id);
  again.connect("b");
  EXPECT_TRUE(within(3'000, [&] { return again.connected(); }));
  world_.pause_zookeeper(false);
  world_.start("a", 1);
  EXPECT_TRUE(converges());
  EXPECT_TRUE(again.connected());
}

// The home dies, and with it the connection to its session; the frontend has the will, and sees to it at the next home.
TEST_F(Homes, TheWillOfASessionOutlivesItsHome) {
  Client& watcher = subscribed(connected(client(id_at("b")), "b"), "w/#");
  ClientOptions options;
  options.id = id_at("c");
  options.persistent = true;
  options.will_topic = "w/x";
  Client& mortal = connected(client(options), "a");
  const MessageIndex will = will_of(mortal);
  world_.kill("c");
  EXPECT_TRUE(within(15'000, [&] { return received(watcher, will) != 0; }));
  pass(5'000);
  EXPECT_EQ(received(watcher, will), 1);
  EXPECT_EQ(world_.broker("a").shard(0).router_counters().connections_now.get(), 0u);
}

TEST_F(Homes, AWillIsPublishedOnceWhenItsFrontendDies) {
  Client& watcher = subscribed(connected(client(id_at("b")), "b"), "w/#", 2);
  ClientOptions options;
  options.id = id_at("c");
  options.will_topic = "w/x";
  options.will_qos = mqtt::QoS::exactly_once;
  const MessageIndex will = will_of(connected(client(options), "a"));
  world_.kill("a");
  EXPECT_TRUE(within(15'000, [&] { return received(watcher, will) != 0; }));
  pass(5'000);
  EXPECT_EQ(received(watcher, will), 1);
}

// A client that comes while its old connection stands somewhere, as it may after a change of its network, is let in.
TEST_F(Homes, TheNewerConnectionWins) {
  for (const bool persistent : {false, true}) {
    Client& one = connected(client(id_at(persistent ? "b" : "c"), persistent), "a");
    pass(6'000);
    for (const char* const broker : {"b", "c", "a"}) {
      one.connect(broker);
      EXPECT_TRUE(within(1'000, [&] { return one.connected(); })) << broker;
    }
  }
}

// A client gives up on A, which asks its home again and again, and comes to C. What A asked is under way for long: when
// it arrives, the connection at A has lost already.
TEST_F(Homes, ALateRequestOfARefusedConnectionDoesNotWin) {
  Client& one = connected(client(id_at("c"), true), "b");
  cut("b", "c");  // so that A's connection has to wait for the end of B's
  one.connect("a");
  pass(900);
  world_.network().cut("a", "c");
  pass(200);
  one.connect("c");
  pass(200);
  world_.network().heal_all();
  EXPECT_TRUE(within(1'000, [&] { return one.connected(); }));
  std::uint64_t registrations = 0;
  for (const std::string& broker : world_.running())
    registrations += world_.broker(broker).shard(0).router_counters().registrations_now.get();
  EXPECT_EQ(registrations, 1u);
}

// Homes move to a broker that joins, and the wills with them.
TEST_F(Homes, AWillWhoseHomeHasMovedIsPublishedOnce) {
  Client& watcher = subscribed(connected(client("watcher"), "b"), "w/#", 2);
  std::vector<Client*> mortals;
  for (int i = 0; i < 32; ++i) {
    ClientOptions options;
    options.id = "mortal" + std::to_string(i);
    options.will_topic = "w/" + std::to_string(i);
    options.will_qos = mqtt::QoS::exactly_once;
    mortals.push_back(&connected(client(options), "a"));
  }
  world_.start("d", 1);
  EXPECT_TRUE(converges());
  std::vector<MessageIndex> wills;
  for (Client* const mortal : mortals) {
    wills.push_back(will_of(*mortal));
    mortal->lose();
  }
  pass(10'000);
  for (const MessageIndex will : wills) EXPECT_EQ(received(watcher, will), 1) << will;
}

// A enters the view in which sessions move, and does not act in it yet, for want of B's word: all others do.
TEST_F(Homes, AConnectionWhoseSessionMovesEndsBeforeTheNextHomeActs) {
  std::vector<Client*> all;
  for (int i = 0; i < 32; ++i) all.push_back(&connected(client("many" + std::to_string(i), true), "a"));
  world_.start("d", 1);
  EXPECT_TRUE(within(10'000, [&] { return world_.views().back().view->members.size() == 4; }));
  for (const StreamRef& stream : world_.network().between("a", "b")) {
    const bool is_bs = stream->ends[Stream::opener].place == "b";
    if (stream->port == Port::control) world_.network().stall(stream, is_bs ? Stream::opener : Stream::acceptor, 800);
  }
  pass(20);
  for (Client* const one : all) one->connect("b");
  pass(700);
  EXPECT_GT(std::count_if(all.begin(), all.end(), [](const Client* one) { return one->connected(); }), 0);
  pass(1'000);
}

// A home hangs, and with it the answers to its frontends. Its clients get in elsewhere; when it goes on it has nothing
// to say any more.
TEST_F(Homes, AHungHomeIsReplaced) {
  Client& one = connected(client(id_at("c"), true), "a");
  world_.pause("c");
  one.lose();
  EXPECT_TRUE(gets_in(one, "b", 10'000));
  world_.resume("c");
  heal();
  EXPECT_TRUE(within(10'000, [this] { return is_balanced(); }));  // which moves its session once more
  pass(1'500);
  EXPECT_TRUE(gets_in(one, "b", 1'000));
  pass(2'000);
  EXPECT_TRUE(one.connected());
}

TEST_F(Homes, ACleanSessionDoesNotWaitForAHungHome) {
  Client& one = client(id_at("c"));
  world_.pause("c");
  EXPECT_TRUE(gets_in(one, "b", 4'500)) << "a hung controller is missed when its session with ZooKeeper ends";
  pass(8'000);
  world_.resume("c");
  heal();
  pass(2'000);
  EXPECT_TRUE(one.connected());
}

// A frontend has told the home that hangs of a lost connection. Nobody else hears of it: the will may be lost, as with
// a home that dies, but does not come twice.
TEST_F(Homes, AWillThatAHungHomeWasToldOfDoesNotComeTwice) {
  Client& watcher = subscribed(connected(client(id_at("b")), "b"), "w/#", 2);
  ClientOptions options;
  options.id = id_at("c");
  options.will_topic = "w/x";
  options.will_qos = mqtt::QoS::exactly_once;
  Client& mortal = connected(client(options), "a");
  const MessageIndex will = will_of(mortal);
  world_.pause("c");
  mortal.lose();
  pass(9'000);
  EXPECT_EQ(world_.views().back().view->members.size(), 2u);
  world_.resume("c");
  heal();
  pass(5'000);
  EXPECT_LE(received(watcher, will), 1);
}

// A session that moves is no fault of its client's.
TEST_F(Homes, ASessionThatMovesIsNoProtocolError) {
  for (int i = 0; i < 64; ++i) connected(client("many" + std::to_string(i), true), "a");
  world_.start("d", 1);
  EXPECT_TRUE(converges());
  for (const std::string& broker : world_.running())
    EXPECT_EQ(world_.broker(broker).shard(0).counters().protocol_errors.get(), 0u) << broker;
}

}  // namespace
}  // namespace mqttzoo::sim
