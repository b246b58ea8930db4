#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;

class Lease : public testing::Test {
 protected:
  Lease() {
    zoo.start({"A", "B"});
    a().subscribe("local");
    b().subscribe("#");
    zoo.settle();
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  cluster::LeaseDeadline& lease() { return zoo["A"].lease; }
  RouterCluster zoo;
};

// The clock is read again after everything was matched. A process that hung in between acknowledges
// nothing.
TEST_F(Lease, APauseWithinTheTurnDoesNotAcknowledgeAStaleMatch) {
  b().turn([&] { b().router.interest_removed("#"); });
  zoo.settle();
  lease().extend_to(zoo.now_ms + 100);
  a().pause_ms = 200;
  const auto ticket = a().publish("local", "1", 1);
  EXPECT_EQ(a().core.payloads(), "1");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.now_ms += 200;
  lease().extend_to(zoo.now_ms + 1000);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket))
      << "the lease came back in the same view: everybody waited for this broker";
}

TEST_F(Lease, AnswersThatArriveAfterALapseWaitForTheLease) {
  const auto ticket = a().publish("t", "1", 1);
  lease().end();
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  EXPECT_LE(a().router.next_deadline(), zoo.now_ms + 10) << "nobody tells a router that the lease is back";
  lease().extend_to(cluster::LeaseDeadline::for_ever);
  zoo.advance(20);
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

// P3: the grant was on its way for so long that others may serve the session by now.
TEST_F(Lease, AGrantThatIsReadAfterALapseAdmitsNobody) {
  zoo.change_view({"A", "B"}, "B");
  zoo.links.stall("B", "A");
  const auto persistent = a().connect("one", {}, 0, [](auto& registration) { registration.clean_start = false; });
  const auto clean = a().connect("two");
  zoo.settle();
  lease().end();
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(persistent));
  EXPECT_TRUE(a().core.admitted(clean)) << "P8";
  EXPECT_LE(a().router.next_deadline(), zoo.now_ms + 10) << "nobody tells a router that the lease is back";
  lease().extend_to(zoo.now_ms + 1000);
  zoo.advance(20);
  EXPECT_TRUE(a().core.admitted(persistent));
}

// P8: live QoS 0 goes on, what would be acknowledged is held.
TEST_F(Lease, WithoutALeaseQos1IsHeldAndQos0Flows) {
  lease().end();
  const auto ticket = a().publish("t", "one", 1);
  a().publish("t", "zero", 0);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "zero");
  EXPECT_EQ(a().counters.held_now.get(), 1u);
  lease().extend_to(cluster::LeaseDeadline::for_ever);
  zoo.advance(20);
  EXPECT_EQ(b().core.payloads(), "zero one");
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(a().counters.held_now.get(), 0u);
}

TEST_F(Lease, HeldMessagesAreBoundedToo) {
  cluster::RouterLimits limits;
  limits.unfinished_messages_max = 2;
  RouterCluster small(limits);
  small.start({"A"});
  TestShard& shard = small["A"].shard();
  small["A"].lease.end();
  shard.publish("t", "1", 1);
  shard.publish("t", "2", 1);
  EXPECT_TRUE(shard.router.must_pause());
  EXPECT_EQ(shard.core.published_reasons[shard.publish("t", "3", 1)], ReasonCode::quota_exceeded);
  small["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  small.advance(20);
  EXPECT_FALSE(shard.router.must_pause());
  EXPECT_EQ(shard.core.resumed, 1);
}

// P3: a home that lost its lease grants nothing, and says so.
TEST_F(Lease, AHomeWithoutALeaseGrantsNothing) {
  const cluster::SharedView view = zoo.change_view({"A", "B"}, "A");
  lease().end();
  const auto serial = b().connect(zoo.client_at(view, "A"));
  zoo.settle();
  EXPECT_FALSE(b().core.admitted(serial));
  lease().extend_to(cluster::LeaseDeadline::for_ever);
  zoo.advance(20);
  EXPECT_TRUE(b().core.admitted(serial));
  EXPECT_EQ(b().counters.admitted_without_home.get(), 0u);
}

// P8: with ZooKeeper away clean sessions are admitted all the same.
TEST_F(Lease, CleanSessionsAreAdmittedWithoutAnyLease) {
  lease().end();
  zoo["B"].lease.end();
  const cluster::SharedView view = zoo.next_view({"A", "B"});
  const auto here = a().connect(zoo.client_at(view, "A"));
  const auto there = a().connect(zoo.client_at(view, "B"));
  zoo.advance(900);
  EXPECT_FALSE(a().core.admitted(here) || a().core.admitted(there));
  zoo.advance(200);
  EXPECT_TRUE(a().core.admitted(here) && a().core.admitted(there));
  EXPECT_EQ(a().counters.admitted_without_home.get(), 2u);
}

// ---------------------------------------------------------------- removed from the view

TEST_F(Lease, AReincarnatedBrokerForgetsAndEndsAll) {
  zoo.links.stall("B", "A");
  const auto unanswered = a().publish("t", "1", 1);
  zoo.settle();
  lease().end();
  const auto held = a().publish("t", "2", 1);
  const auto connected = a().connect("one");
  zoo.settle();
  zoo.reincarnate("A");
  zoo.settle();
  EXPECT_EQ(a().counters.publishes_forgotten.get(), 2u);
  EXPECT_EQ(a().core.registered_reasons.at(connected), ReasonCode::server_unavailable);
  zoo.links.heal("B", "A");
  zoo.introduce_all();
  zoo.settle();
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.change_view({"A", "B"});
  EXPECT_FALSE(a().core.acknowledged(unanswered) || a().core.acknowledged(held));
  const auto fresh = a().publish("t", "3", 1);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 3") << "number 1 of another incarnation is another message";
  EXPECT_TRUE(a().core.acknowledged(fresh));
}

TEST_F(Lease, AReincarnatedBrokerEndsEstablishedConnections) {
  const auto serial = a().connect("one");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(serial));
  zoo.reincarnate("A");
  zoo.settle();
  EXPECT_EQ(a().core.evicted_reasons.at(serial), ReasonCode::server_shutting_down);
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

}  // namespace
}  // namespace mqttzoo::test
