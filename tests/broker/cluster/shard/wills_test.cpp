#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using cluster::SharedView;
using core::ConnectionFate;

/// Connections at A, C is home of everything, B is subscribed to all wills.
class Wills : public testing::Test {
 protected:
  Wills() {
    zoo.start({"A", "B", "C"});
    view = zoo.change_view({"A", "B", "C"}, "C");
    b().subscribe("will/#");
    zoo.settle();
  }
  std::uint64_t connect(int qos = 1, const std::function<void(core::Registration&)>& change = {}) {
    zoo.now_ms += 1;
    const auto serial = a().connect("one", "will/one", qos, change);
    zoo.settle();
    EXPECT_TRUE(a().core.admitted(serial));
    return serial;
  }
  void end(std::uint64_t serial, ConnectionFate fate) {
    a().disconnect(serial, fate);
    zoo.settle();
  }
  std::size_t wills() { return b().core.deliveries.size(); }
  std::vector<cluster::PartitionIndex> all_partitions() const {
    std::vector<cluster::PartitionIndex> all;
    for (cluster::PartitionIndex i = 0; i < view->primaries.size(); ++i) all.push_back(i);
    return all;
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  RouterCluster zoo;
  SharedView view;
};

// v5 3.1.2.5 and 3.14.2.1, v3.1.1 3.1.2.5
TEST_F(Wills, ArePublishedByFate) {
  end(connect(), ConnectionFate::disconnected);
  EXPECT_EQ(wills(), 0u) << "[MQTT-3.1.2-10]";
  end(connect(), ConnectionFate::lost);
  EXPECT_EQ(wills(), 1u);
  end(connect(), ConnectionFate::disconnected_with_will);
  EXPECT_EQ(wills(), 2u) << "v5 DISCONNECT 0x04";
  end(connect(), ConnectionFate::taken_over);
  EXPECT_EQ(wills(), 3u);
  EXPECT_EQ(b().core.deliveries[0].topic, "will/one");
  EXPECT_EQ(b().core.deliveries[0].payload, "will of one");
  EXPECT_EQ(c().counters.wills_published.get(), 3u);
  EXPECT_EQ(c().counters.wills_dropped.get(), 1u);
}

// The right to publish it may be gone by then, or another one at the home.
TEST_F(Wills, ThatItsClientMayNotPublishAnyMoreIsNotPublished) {
  const auto serial = connect();
  c().core.denies_wills = true;
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 0u);
  EXPECT_EQ(c().counters.wills_denied.get(), 1u);
  EXPECT_EQ(c().counters.wills_published.get(), 0u);
}

TEST_F(Wills, ATakeoverPublishesTheOldConnectionsWill) {
  connect();
  zoo.now_ms += 1;
  b().connect("one");
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, ADoubleThatLosesHasItsWillPublished) {
  zoo.links.cut("A", "C");
  a().connect("one", "will/one");
  zoo.advance(1100);
  const auto newer = b().connect("one");
  zoo.settle();
  ASSERT_TRUE(b().core.admitted(newer));
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
  zoo.links.cut("A", "C");
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(wills(), 1u) << "whatever is repeated";
}

// P5: the frontend dies. Only when it acts no more for certain is its connection lost.
TEST_F(Wills, OfADeadBrokersConnectionsArePublishedAfterItsFence) {
  connect();
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.kill("A");
  zoo.settle();
  EXPECT_EQ(wills(), 0u);
  zoo.change_view({"B", "C"}, "C", {{removed, view->number, {}}});
  EXPECT_EQ(wills(), 0u) << "A may still serve it, and be told DISCONNECT";
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
  zoo.change_view({"B", "C"}, "C", {{removed, view->number, {}}});
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, ABrokerWhoseFenceIsLongOverIsNotListedAnyMore) {
  connect();
  zoo.kill("A");
  zoo.change_view({"B", "C"}, "C");
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, AFenceThatIsOverBeforeTheViewIsEnteredCounts) {
  connect();
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.kill("A");
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 0u);
  zoo.change_view({"B", "C"}, "C", {{removed, view->number, {}}});
  EXPECT_EQ(wills(), 1u);
}

// The home dies, then the connection is lost.
TEST_F(Wills, SurviveTheirHome) {
  const auto serial = connect();
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.kill("C");
  zoo.change_view({"A", "B"}, "B", {{removed, view->number, all_partitions()}});
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 1u);
}

// The home died before anybody could tell it: the next one is told everything.
TEST_F(Wills, AConnectionLostWhileItsHomeIsAwayIsNotForgotten) {
  const auto serial = connect();
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.kill("C");
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 0u);
  zoo.change_view({"A", "B"}, "B", {{removed, view->number, all_partitions()}});
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(Wills, ADisconnectWhileTheHomeIsAwayDropsTheWill) {
  const auto serial = connect();
  zoo.links.cut("A", "C");
  end(serial, ConnectionFate::disconnected);
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(wills(), 0u);
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
}

// Published, the answer lost, the home dead: published twice. The request went out, so nobody else gets it.
TEST_F(Wills, NeverTwiceWhenTheHomeDiesAfterItWasTold) {
  const auto serial = connect();
  zoo.links.stall("C", "A");
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 1u);
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.kill("C");
  zoo.change_view({"A", "B"}, "B", {{removed, view->number, all_partitions()}});
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(Wills, NeverTwiceWhenTheUnregisterIsRepeated) {
  const auto serial = connect(2);
  zoo.links.stall("C", "A");
  end(serial, ConnectionFate::lost);
  zoo.links.cut("A", "C");
  zoo.links.heal("A", "C");
  zoo.settle();
  zoo.change_view({"A", "B", "C"}, "C");
  EXPECT_EQ(wills(), 1u);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(Wills, AWillOnItsWayIsNotDeliveredTwiceByAViewChange) {
  const auto serial = connect(2);
  zoo.links.stall("B", "C");
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 1u);
  zoo.links.heal("B", "C");
  zoo.change_view({"A", "B", "C"}, "C");
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, AQos0WillFlowsWhileNobodyActs) {
  const auto serial = connect(0);
  zoo["C"].lease.end();
  end(serial, ConnectionFate::lost);
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, ARetainedWillIsStored) {
  const auto serial = connect(1, [](core::Registration& registration) {
    core::MessageView will = registration.will.message->view();
    will.retain = true;
    registration.will.message = core::MessageRef::copy_of(will);
  });
  end(serial, ConnectionFate::lost);
  ASSERT_TRUE(zoo.retained.contains("will/one"));
  EXPECT_EQ(zoo.retained.at("will/one")->view().source, "one") << "for check_retain_source";
  ASSERT_EQ(wills(), 1u);
  EXPECT_TRUE(b().core.deliveries[0].retain);
  EXPECT_GT(b().core.deliveries[0].retained_version, 0);
}

// v5 3.1.3.2.4
TEST_F(Wills, TheirExpiryCountsFromTheirPublication) {
  const auto serial = connect(1, [](core::Registration& registration) {
    registration.will.has_message_expiry = true;
    registration.will.message_expiry_seconds = 30;
  });
  zoo.advance(60'000);
  end(serial, ConnectionFate::lost);
  ASSERT_EQ(wills(), 1u);
  EXPECT_EQ(b().core.deliveries[0].expires_at, zoo.now().cluster + 30'000);
  end(connect(1, [](core::Registration& registration) { registration.will.has_message_expiry = true; }),
      ConnectionFate::lost);
  EXPECT_EQ(b().core.deliveries.back().expires_at, core::expires_at_once);
}

// ---------------------------------------------------------------- Will Delay Interval (v5 3.1.3.2.2)

class WillDelay : public Wills {
 protected:
  std::uint64_t connect_delayed(std::uint32_t delay_seconds, std::uint32_t session_expiry_seconds) {
    return connect(1, [&](core::Registration& registration) {
      registration.session_expiry_seconds = session_expiry_seconds;
      registration.will.delay_seconds = delay_seconds;
    });
  }
  void connect_again(bool clean_start) {
    zoo.now_ms += 1;
    b().connect("one", {}, 0, [&](core::Registration& registration) { registration.clean_start = clean_start; });
    zoo.settle();
  }
};

TEST_F(WillDelay, PassesBeforeTheWillIsPublished) {
  end(connect_delayed(5, 60), ConnectionFate::lost);
  zoo.advance(4'990);
  EXPECT_EQ(wills(), 0u);
  zoo.advance(20);
  EXPECT_EQ(wills(), 1u);
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
}

TEST_F(WillDelay, EndsWithTheSession) {
  end(connect_delayed(60, 5), ConnectionFate::lost);
  zoo.advance(4'990);
  EXPECT_EQ(wills(), 0u);
  zoo.advance(20);
  EXPECT_EQ(wills(), 1u) << "the session expired";
  end(connect_delayed(60, 0), ConnectionFate::lost);
  EXPECT_EQ(wills(), 2u) << "the session ended with the connection";
}

TEST_F(WillDelay, AConnectionOfTheSessionCallsTheWillOff) {
  end(connect_delayed(5, 60), ConnectionFate::lost);
  zoo.advance(2'000);
  connect_again(/*clean_start=*/false);
  zoo.advance(10'000);
  EXPECT_EQ(wills(), 0u) << "v5 [MQTT-3.1.3-9]";
  EXPECT_EQ(c().counters.wills_dropped.get(), 1u);
}

TEST_F(WillDelay, ACleanStartEndsTheSessionAndTheDelay) {
  end(connect_delayed(5, 60), ConnectionFate::lost);
  connect_again(/*clean_start=*/true);
  EXPECT_EQ(wills(), 1u);
  zoo.advance(10'000);
  EXPECT_EQ(wills(), 1u);
}

TEST_F(WillDelay, ATakeoverOfTheSessionCallsTheWillOff) {
  connect_delayed(5, 60);
  connect_again(/*clean_start=*/false);
  zoo.advance(10'000);
  EXPECT_EQ(wills(), 0u);
}

// ---------------------------------------------------------------- this broker is removed

TEST_F(Wills, ABrokerThatWasItsOwnHomePublishesAfterItsReturn) {
  const SharedView own = zoo.change_view({"A", "B", "C"}, "A");
  connect();
  zoo.reincarnate("A");
  zoo.settle();
  EXPECT_EQ(wills(), 0u);
  zoo.introduce_all();
  zoo.settle();
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(wills(), 1u) << "nobody else knew of it";
}

// It hears of its own removal, and of its own fence, before it comes back.
TEST_F(Wills, ARemovedBrokerDoesNotPublishItsOwnClientsWillsTwice) {
  const SharedView own = zoo.change_view({"A", "B", "C"}, "A");
  connect();
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.enter("A", zoo.next_view({"B", "C"}, "C", {{removed, own->number, all_partitions()}}));
  zoo["A"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(a().counters.wills_published.get(), 0u) << "the client is still connected";
  zoo.reincarnate("A");
  zoo.introduce_all();
  zoo.settle();
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, ARemovedHomeDoesNotPublishWhatTheNextOneKeeps) {
  connect(0);
  const cluster::Incarnation home = zoo["C"].incarnation;
  const cluster::Incarnation frontend = zoo["A"].incarnation;
  const SharedView without_home = zoo.next_view({"A", "B"}, "B", {{home, view->number, all_partitions()}});
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, without_home);
  zoo.settle();
  for (const char* const name : {"A", "B"}) zoo.act(name, without_home);
  zoo["B"].tell(cluster::FenceOver{home});
  zoo.settle();
  EXPECT_EQ(b().counters.registrations_now.get(), 1u);
  const SharedView without_frontend = zoo.next_view({"B"}, "B", {{frontend, without_home->number, {}}});
  for (const char* const name : {"B", "C"}) {
    zoo.enter(name, without_frontend);
    zoo[name].tell(cluster::FenceOver{frontend});
  }
  zoo.settle();
  zoo.act("B", without_frontend);
  zoo.settle();
  EXPECT_EQ(c().counters.wills_published.get(), 0u);
  EXPECT_EQ(wills(), 1u);
}

TEST_F(Wills, ABrokerWhoseHomeIsElsewhereLeavesTheWillToIt) {
  connect();
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.change_view({"B", "C"}, "C", {{removed, view->number, {}}});
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), 1u);
  zoo.reincarnate("A");
  zoo.introduce_all();
  zoo.settle();
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.change_view({"A", "B", "C"}, "C");
  EXPECT_EQ(wills(), 1u);
}

}  // namespace
}  // namespace mqttzoo::test
