#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using cluster::SharedView;
using core::ConnectionFate;
using mqtt::ReasonCode;

/// Three brokers; C is home of everything.
class Takeover : public testing::Test {
 protected:
  explicit Takeover(core::ShardIndex shards = 1, cluster::RouterLimits limits = {}) : zoo(limits) {
    zoo.start({"A", "B", "C"}, shards);
    view = zoo.change_view({"A", "B", "C"}, "C");
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  RouterCluster zoo;
  SharedView view;
};

TEST_F(Takeover, TheOldConnectionEndsBeforeTheNewOneIsAdmitted) {
  const auto old = a().connect("one");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(old));
  a().core.unregisters_evicted = false;
  zoo.now_ms += 1;
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_EQ(a().core.evicted_reasons.at(old), ReasonCode::session_taken_over);
  EXPECT_FALSE(b().core.admitted(fresh)) << "P3: one connection at a time";
  a().disconnect(old, ConnectionFate::taken_over);
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(fresh));
  EXPECT_EQ(c().counters.registrations_now.get(), 1u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(Takeover, WithinTheHomesOwnShard) {
  const auto old = c().connect("one");
  zoo.settle();
  const auto fresh = c().connect("one");
  zoo.settle();
  EXPECT_TRUE(c().core.evicted(old));
  EXPECT_TRUE(c().core.admitted(fresh));
}

// Places of connections are used again, so a later one may have a smaller serial.
TEST_F(Takeover, WithinAMillisecondOnOneShard) {
  core::Registration registration;
  registration.client_id = "one";
  for (const std::uint64_t serial : {900, 100}) {
    a().turn([&] { a().router.register_connection({0, serial}, registration); });
    zoo.settle();
  }
  EXPECT_TRUE(a().core.evicted(900));
  EXPECT_TRUE(a().core.admitted(100));
}

TEST_F(Takeover, OtherClientIdentifiersAreLeftAlone) {
  const auto one = a().connect("one");
  const auto two = b().connect("two");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(one) && b().core.admitted(two));
  EXPECT_EQ(a().counters.evictions.get() + b().counters.evictions.get(), 0u);
}

// Its client waits for CONNACK; what the clocks of two frontends say of milliseconds does not matter then.
TEST_F(Takeover, AConnectThatComesLateStillTakesOver) {
  zoo.links.stall("A", "C");
  const auto late = a().connect("one");
  zoo.now_ms += 1;
  const auto first_there = b().connect("one");
  zoo.settle();
  ASSERT_TRUE(b().core.admitted(first_there));
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_TRUE(b().core.evicted(first_there));
  EXPECT_TRUE(a().core.admitted(late));
  EXPECT_EQ(c().counters.registrations_now.get(), 1u);
  EXPECT_EQ(b().counters.connections_now.get(), 0u);
}

TEST_F(Takeover, OfThreeTheNewestWins) {
  const auto first = a().connect("one");
  zoo.settle();
  a().core.unregisters_evicted = false;
  zoo.now_ms += 1;
  const auto second = b().connect("one");
  zoo.settle();
  zoo.now_ms += 1;
  const auto third = c().connect("one");
  zoo.settle();
  EXPECT_EQ(b().core.registered_reasons.at(second), ReasonCode::session_taken_over) << "it was still waiting";
  EXPECT_FALSE(c().core.admitted(third));
  a().disconnect(first, ConnectionFate::taken_over);
  zoo.settle();
  EXPECT_TRUE(c().core.admitted(third));
}

// What the old connection still has to say does not concern the new one.
TEST_F(Takeover, TheOldConnectionsUnregisterDoesNotEndTheNewOne) {
  const auto old = a().connect("one", "will");
  zoo.settle();
  a().disconnect(old, ConnectionFate::disconnected);
  zoo.links.stall("A", "C");
  zoo.now_ms += 1;
  const auto fresh = a().connect("one");
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(fresh));
  zoo.links.cut("A", "C");
  zoo.links.heal("A", "C");
  zoo.settle();
  zoo.now_ms += 1;
  const auto next = b().connect("one");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(fresh)) << "its claim stood";
  EXPECT_TRUE(b().core.admitted(next));
}

TEST_F(Takeover, RequestsAndEvictionsSurviveBrokenLinks) {
  zoo.links.stall("A", "C");
  const auto old = a().connect("one");
  zoo.links.cut("A", "C");
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(old)) << "the Register was repeated";
  zoo.links.cut("A", "C");
  zoo.now_ms += 1;
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_FALSE(b().core.admitted(fresh));
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(old)) << "the Evict was repeated";
  EXPECT_TRUE(b().core.admitted(fresh));
}

TEST_F(Takeover, AnUnregisterSurvivesABrokenLink) {
  const auto serial = a().connect("one");
  zoo.settle();
  zoo.links.stall("A", "C");
  a().disconnect(serial, ConnectionFate::disconnected);
  zoo.links.cut("A", "C");
  EXPECT_EQ(c().counters.registrations_now.get(), 1u);
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(Takeover, AMovedHomeKnowsTheConnectionsThatStand) {
  const auto old = a().connect("one");
  zoo.settle();
  zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(b().counters.registrations_now.get(), 1u);
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
  zoo.now_ms += 1;
  const auto fresh = c().connect("one");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(old));
  EXPECT_TRUE(c().core.admitted(fresh));
}

TEST_F(Takeover, AGrantOfTheFormerHomeIsNoGrant) {
  zoo.links.stall("C", "A");
  const auto serial = a().connect("one");
  zoo.settle();
  zoo.links.stall("A", "B");
  zoo.change_view({"A", "B", "C"}, "B");
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(serial)) << "C let go of it";
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(serial));
  EXPECT_EQ(b().counters.registrations_now.get(), 1u);
}

// The frontend is cut off. Nobody can ask it, so its fence has to pass.
TEST_F(Takeover, OfARemovedBrokersConnectionWaitsForItsFence) {
  const auto old = a().connect("one");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(old));
  zoo.links.cut("A", "C");
  zoo.links.cut("A", "B");
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.change_view({"B", "C"}, "C", {{removed, view->number, {}}});
  zoo.now_ms += 1;
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_FALSE(b().core.admitted(fresh)) << "A may still serve it";
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(fresh));
}

// The home is cut off. The next one acts when its fence has passed; meanwhile clean sessions are admitted.
TEST_F(Takeover, ANewHomeWaitsForTheFenceOfTheOldOne) {
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.kill("C");
  std::vector<cluster::PartitionIndex> all;
  for (cluster::PartitionIndex i = 0; i < view->primaries.size(); ++i) all.push_back(i);
  zoo.change_view({"A", "B"}, "B", {{removed, view->number, all}});
  const auto early = a().connect("one");
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(early));
  zoo.advance(1100);
  EXPECT_TRUE(a().core.admitted(early)) << "P8";
  EXPECT_EQ(b().counters.registrations_granted.get(), 0u);
  const auto late = a().connect("two");
  zoo.settle();
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(late)) << "granted, not waited for";
  EXPECT_EQ(b().counters.registrations_granted.get(), 2u);
  EXPECT_EQ(a().counters.admitted_without_home.get(), 1u);
}

// Nobody has a copy of what the old home knew: not of the connection at A either, which was removed before.
TEST_F(Takeover, AHomeThatBeginsWithNothingWaitsForTheFencesOfAllThatWereRemoved) {
  const auto old = a().connect("one");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(old));
  const cluster::Incarnation frontend = zoo["A"].incarnation;
  const cluster::Incarnation home = zoo["C"].incarnation;
  zoo.kill("A");
  const SharedView without_frontend = zoo.change_view({"B", "C"}, "C", {{frontend, view->number + 1, {}}});
  zoo.kill("C");
  zoo.change_view({"B"}, "B", {{frontend, without_frontend->number, {}}, {home, without_frontend->number + 1, {}}});
  zoo["B"].tell(cluster::FenceOver{home});
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_FALSE(b().core.admitted(fresh)) << "A may still serve it";
  zoo["B"].tell(cluster::FenceOver{frontend});
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(fresh));
}

// Whoever is removed later was a member when the home began, and had ended its connections by then.
TEST_F(Takeover, AndForNoLaterOnes) {
  const cluster::Incarnation home = zoo["C"].incarnation;
  zoo.kill("C");
  const SharedView begun = zoo.change_view({"A", "B"}, "B", {{home, view->number + 1, {}}});
  zoo["B"].tell(cluster::FenceOver{home});
  const cluster::Incarnation later = zoo["A"].incarnation;
  zoo.kill("A");
  zoo.change_view({"B"}, "B", {{home, begun->number, {}}, {later, begun->number + 1, {}}});
  const auto serial = b().connect("one");
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(serial));
}

// P3 for clean sessions: doubles end when their homes meet, and the newer one wins.
TEST_F(Takeover, DoublesOfAPartitionEndWhenItHeals) {
  zoo.links.cut("A", "C");
  const auto older = a().connect("one");
  zoo.advance(500);
  const auto newer = b().connect("one");
  zoo.advance(1000);
  EXPECT_TRUE(a().core.admitted(older)) << "without its home";
  EXPECT_TRUE(b().core.admitted(newer));
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(a().core.evicted_reasons.at(older), ReasonCode::session_taken_over);
  EXPECT_FALSE(b().core.evicted(newer));
  EXPECT_EQ(c().counters.registrations_now.get(), 1u);
}

TEST_F(Takeover, ANewerConnectionWithoutAHomeWinsLater) {
  const auto older = b().connect("one");
  zoo.settle();
  zoo.links.cut("A", "C");
  zoo.now_ms += 1;
  const auto newer = a().connect("one");
  zoo.advance(1100);
  ASSERT_TRUE(a().core.admitted(newer));
  EXPECT_FALSE(b().core.evicted(older));
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_TRUE(b().core.evicted(older));
  EXPECT_FALSE(a().core.evicted(newer));
}

TEST_F(Takeover, BeforeTheFirstViewCleanSessionsAreAdmittedAndRegisteredLater) {
  RouterCluster young;
  young.add("A");
  TestShard& shard = young["A"].shard();
  const auto serial = shard.connect("one");
  young.advance(990);
  EXPECT_FALSE(shard.core.admitted(serial));
  young.advance(20);
  EXPECT_TRUE(shard.core.admitted(serial));
  young.change_view({"A"});
  EXPECT_EQ(shard.counters.registrations_granted.get(), 1u);
  EXPECT_FALSE(shard.core.evicted(serial));
}

TEST_F(Takeover, AConnectionThatLeavesBeforeItsAnswerLeavesNothing) {
  zoo.links.stall("C", "A");
  const auto serial = a().connect("one", "will");
  zoo.settle();
  EXPECT_EQ(c().counters.registrations_now.get(), 1u);
  a().disconnect(serial, ConnectionFate::lost);
  zoo.settle();
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
  EXPECT_FALSE(a().core.registered_reasons.contains(serial));
  EXPECT_EQ(c().counters.wills_published.get(), 0u) << "it was never admitted";
}

class TakeoverBounds : public Takeover {
 protected:
  TakeoverBounds()
      : Takeover(1, [] {
          cluster::RouterLimits limits;
          limits.registrations_max = 2;
          limits.connections_max = 3;
          return limits;
        }()) {}
};

TEST_F(TakeoverBounds, AFullHomeRefuses) {
  a().connect("one");
  a().connect("two");
  zoo.settle();
  const auto third = b().connect("three");
  zoo.settle();
  EXPECT_EQ(b().core.registered_reasons.at(third), ReasonCode::server_busy);
  EXPECT_EQ(c().counters.registrations_refused_full.get(), 1u);
}

TEST_F(TakeoverBounds, AFullFrontendRefuses) {
  zoo.links.cut("A", "C");
  for (const char* const client : {"one", "two", "three"}) a().connect(client);
  const auto fourth = a().connect("four");
  EXPECT_EQ(a().core.registered_reasons.at(fourth), ReasonCode::server_busy);
}

/// Four shards: link, home and connection are on different ones.
class TakeoverOfShards : public Takeover {
 protected:
  TakeoverOfShards() : Takeover(4) {}
};

TEST_F(TakeoverOfShards, FindsTheShardsOfHomeAndConnection) {
  for (int home = 0; home < 4; ++home) {
    const std::string client = zoo.client_at(view, "C", home);
    std::vector<std::pair<TestShard*, std::uint64_t>> connections;
    for (const char* const broker : {"A", "B", "C"}) {
      for (int shard = 0; shard < 4; ++shard) {
        TestShard& at = zoo[broker].shard(static_cast<std::size_t>(shard));
        zoo.now_ms += 1;
        connections.emplace_back(&at, at.connect(client));
        zoo.settle();
        ASSERT_TRUE(at.core.admitted(connections.back().second)) << broker << shard << " home " << home;
        if (connections.size() == 1) continue;
        const auto& [before, serial] = connections[connections.size() - 2];
        EXPECT_TRUE(before->core.evicted(serial)) << broker << shard << " home " << home;
      }
    }
    EXPECT_EQ(zoo["C"].shard(static_cast<std::size_t>(home)).counters.registrations_now.get(), 1u);
  }
}

// The second CONNECT comes after the first CONNACK; that the shards' numbers say otherwise does not matter.
TEST_F(TakeoverOfShards, TwoConnectsInOneMillisecond) {
  for (const std::size_t later : {0, 3}) {
    const std::string client = later == 0 ? "one" : "two";
    const auto old = zoo["A"].shard(3 - later).connect(client);
    zoo.settle();
    ASSERT_TRUE(zoo["A"].shard(3 - later).core.admitted(old));
    const auto fresh = zoo["A"].shard(later).connect(client);
    zoo.settle();
    EXPECT_TRUE(zoo["A"].shard(3 - later).core.evicted(old));
    EXPECT_TRUE(zoo["A"].shard(later).core.admitted(fresh));
  }
}

}  // namespace
}  // namespace mqttzoo::test
