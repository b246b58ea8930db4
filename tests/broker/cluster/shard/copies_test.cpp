// Homes whose clients are kept by a second broker.
#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using cluster::SharedView;
using core::ConnectionFate;

/// Connections at A, C is home of everything and A and B keep copies. B is subscribed to all wills.
class Copies : public testing::Test {
 protected:
  Copies() {
    zoo.keeps_copies = true;
    zoo.start({"A", "B", "C"});
    view = zoo.change_view({"A", "B", "C"}, "C");
    view = zoo.change_view({"A", "B", "C"}, "C");
    b().subscribe("will/#");
    zoo.settle();
  }
  std::uint64_t connect(const std::string& client_id = "one",
                        const std::function<void(core::Registration&)>& change = {}) {
    zoo.now_ms += 1;
    const auto serial = a().connect(client_id, "will/" + client_id, 1, change);
    zoo.settle();
    return serial;
  }
  /// The home dies, B becomes it.
  void lose_home() {
    const cluster::Incarnation removed = zoo["C"].incarnation;
    zoo.kill("C");
    std::vector<cluster::PartitionIndex> all;
    for (cluster::PartitionIndex i = 0; i < view->primaries.size(); ++i) all.push_back(i);
    view = zoo.change_view({"A", "B"}, "B", {{removed, view->number, all}});
    zoo["B"].tell(cluster::FenceOver{removed});
    zoo.settle();
  }
  std::string wills() { return b().core.payloads(); }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  RouterCluster zoo;
  SharedView view;
};

TEST_F(Copies, AreSecondariesAfterASnapshot) {
  for (cluster::PartitionIndex i = 0; i < view->primaries.size(); ++i) {
    EXPECT_EQ(view->copies_of(i), (cluster::PartitionCopies{{0, true}, {1, true}}));
  }
  EXPECT_EQ(c().counters.partitions_now.get(), view->primaries.size());
  EXPECT_EQ(b().counters.copies_now.get(), view->primaries.size());
}

TEST_F(Copies, NobodyIsLetInBeforeAllHaveTheConnection) {
  zoo.links.stall("C", "B");
  const auto serial = connect();
  EXPECT_FALSE(a().core.admitted(serial));
  EXPECT_GT(c().counters.log_bytes_now.get(), 0U);
  zoo.links.heal("C", "B");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(serial));
  EXPECT_EQ(c().counters.log_bytes_now.get(), 0U);
}

// P5: the frontend and the home die at once.
TEST_F(Copies, AWillOutlivesItsFrontendAndItsHome) {
  connect();
  const cluster::Incarnation frontend = zoo["A"].incarnation;
  const cluster::Incarnation home = zoo["C"].incarnation;
  zoo.kill("A");
  zoo.kill("C");
  zoo.change_view({"B"}, "B", {{frontend, view->number, {}}, {home, view->number, {0, 1, 2, 3, 4, 5, 6, 7}}});
  EXPECT_EQ(wills(), "");
  zoo["B"].tell(cluster::FenceOver{frontend});
  zoo["B"].tell(cluster::FenceOver{home});
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
}

// P5, v5 3.1.3.2.2
TEST_F(Copies, AWillDelayGoesOnAtTheNextHome) {
  const auto delayed = [](core::Registration& registration) {
    registration.clean_start = false;
    registration.session_expiry_seconds = 100;
    registration.will.delay_seconds = 10;
  };
  a().disconnect(connect("one", delayed), ConnectionFate::lost);
  zoo.settle();
  zoo.advance(4'000);
  lose_home();
  EXPECT_EQ(wills(), "");
  zoo.advance(5'000);
  EXPECT_EQ(wills(), "");
  zoo.advance(1'500);
  EXPECT_EQ(wills(), "will of one");
}

// Never after a DISCONNECT that was answered, never twice: P5.
TEST_F(Copies, WhatTheHomeHasSettledStaysSettled) {
  a().disconnect(connect("one"), ConnectionFate::disconnected);
  a().disconnect(connect("two"), ConnectionFate::lost);
  zoo.settle();
  EXPECT_EQ(wills(), "will of two");
  lose_home();
  EXPECT_EQ(wills(), "will of two");
  EXPECT_EQ(b().counters.registrations_now.get(), 0U);
}

// P3: a connection that the old home has let in is known to the new one.
TEST_F(Copies, ATakeoverIsDecidedByTheNextHome) {
  const auto serial = connect();
  lose_home();
  const auto later = b().connect("one");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(serial));
  EXPECT_TRUE(b().core.admitted(later));
}

// ---------------------------------------------------------------- a partition moves

// The old home may act for a while; but it lets nobody in whom its copies do not know.
TEST_F(Copies, ANewHomeWaitsForTheFencesThatItsClaimsSay) {
  const auto old = c().connect("at C");
  zoo.settle();
  ASSERT_TRUE(c().core.admitted(old));
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.kill("C");
  zoo.change_view({"A", "B"}, "B", {{removed, view->number + 1, {}}});
  zoo.now_ms += 1;
  const auto taken_over = a().connect("at C");
  const auto other = a().connect("nowhere");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(other));
  EXPECT_FALSE(a().core.admitted(taken_over)) << "C may still serve it";
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(taken_over));
}

// B begins without what C had, and A becomes the home before the fences are over: it has B's log, and knows no more.
TEST_F(Copies, TellTheNextHomeWhatTheirsBeganWithout) {
  zoo.add("D");
  zoo.introduce_all();
  zoo.settle();
  zoo.keeps_copies = false;
  view = zoo.change_view({"A", "B", "C", "D"}, "C");
  const auto old = zoo["D"].shard().connect("one");
  zoo.settle();
  ASSERT_TRUE(zoo["D"].shard().core.admitted(old));
  const cluster::Incarnation frontend = zoo["D"].incarnation;
  const cluster::Incarnation home = zoo["C"].incarnation;
  zoo.kill("D");
  zoo.kill("C");
  zoo.keeps_copies = true;
  const std::vector<cluster::RemovedMember> removed = {{home, view->number + 1, {}}, {frontend, view->number + 1, {}}};
  view = zoo.change_view({"A", "B"}, "B", removed);
  for (const char* const name : {"A", "B"}) zoo[name].tell(cluster::FenceOver{home});
  zoo.settle();
  view = zoo.change_view({"A", "B"}, "A", removed);
  ASSERT_TRUE(view->copies_of(0).front().in_sync) << "B handed over";
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_FALSE(b().core.admitted(fresh)) << "D may still serve it";
  zoo["A"].tell(cluster::FenceOver{frontend});
  zoo.settle();
  EXPECT_TRUE(b().core.admitted(fresh));
}

TEST_F(Copies, APartitionMovesWithItsClients) {
  const auto serial = connect();
  view = zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(b().counters.registrations_now.get(), 1U);
  EXPECT_EQ(c().counters.registrations_now.get(), 0U);
  EXPECT_EQ(c().counters.copies_now.get(), view->primaries.size()) << "it is a secondary at once";
  view = zoo.change_view({"A", "B", "C"}, "C");
  EXPECT_EQ(c().counters.registrations_now.get(), 1U);
  a().disconnect(serial, ConnectionFate::lost);
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
}

// The Unregister is on its way to the old home while the partition moves.
TEST_F(Copies, AnUnregisterThatTheMoveOvertookStillCounts) {
  const auto serial = connect();
  zoo.links.stall("A", "C");
  a().disconnect(serial, ConnectionFate::lost);
  zoo.settle();
  view = zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(wills(), "will of one");
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
  EXPECT_EQ(b().counters.registrations_now.get(), 0U);
}

// A frontend is removed, and the home of its clients changes, in the same view.
TEST_F(Copies, WillsOfARemovedFrontendMoveWithTheirHome) {
  connect();
  const cluster::Incarnation removed = zoo["A"].incarnation;
  zoo.kill("A");
  zoo.change_view({"B", "C"}, "B", {{removed, view->number, {}}});
  EXPECT_EQ(wills(), "");
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo["C"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
}

// A removed broker that was the home of its own clients: the next home publishes their wills, so it must not.
TEST_F(Copies, ARemovedHomeLeavesItsOwnClientsWillsToTheNextOne) {
  c().connect("one", "will/one", 1);
  zoo.settle();
  const cluster::Incarnation removed = zoo["C"].incarnation;
  zoo.change_view({"A", "B"}, "B", {{removed, view->number, {0, 1, 2, 3, 4, 5, 6, 7}}});
  zoo["B"].tell(cluster::FenceOver{removed});
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
  zoo.reincarnate("C");
  zoo.introduce_all();
  zoo.settle();
  zoo["C"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.change_view({"A", "B", "C"}, "B");
  EXPECT_EQ(wills(), "will of one");
}

// A home that was passed by in a view that nobody acted in.
TEST_F(Copies, AHomeThatDidNotActElsewhereKeepsItsClaims) {
  const auto old = connect();
  const SharedView skipped = zoo.next_view({"A", "B", "C"}, "B");
  zoo.enter("C", skipped);
  zoo.settle();
  zoo.change_view({"A", "B", "C"}, "C");
  EXPECT_EQ(c().counters.registrations_now.get(), 1U);
  zoo.now_ms += 1;
  const auto fresh = b().connect("one");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(old));
  EXPECT_TRUE(b().core.admitted(fresh));
}

// What its successor lacks is sent before anybody is Ready.
TEST_F(Copies, NothingIsLostWhereAPartitionMovesInTheMiddleOfIt) {
  const auto serial = connect();
  zoo.links.stall("C", "B");
  a().disconnect(serial, ConnectionFate::lost);
  zoo.settle();
  EXPECT_EQ(wills(), "");
  const SharedView next = zoo.next_view({"A", "B", "C"}, "B");
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, next);
  zoo.settle();
  EXPECT_EQ(c().counters.registrations_now.get(), 0U);
  zoo.links.heal("C", "B");
  zoo.settle();
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, next);
  zoo.settle();
  EXPECT_EQ(wills(), "will of one");
  EXPECT_EQ(b().counters.registrations_now.get(), 0U);
  EXPECT_EQ(a().counters.connections_now.get(), 0U);
}

TEST_F(Copies, TheNextHomeDoesNotWaitToBeAskedByAFrontendThatActsLast) {
  b().connect("one");
  zoo.settle();
  zoo.links.stall("C", "B");
  const auto serial = connect();  // waits for the other one to end
  const SharedView next = zoo.next_view({"A", "B", "C"}, "B");
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, next);
  zoo.links.heal("C", "B");
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(serial));
  for (const char* const name : {"B", "C"}) zoo.act(name, next);
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(serial));
}

// ---------------------------------------------------------------- limits

TEST_F(Copies, AreNotWaitedForWithoutEnd) {
  cluster::RouterLimits limits;
  limits.log_bytes_max = 100;
  RouterCluster small(limits);
  small.keeps_copies = true;
  small.start({"A", "B"});
  small.change_view({"A", "B"}, "B");
  small.change_view({"A", "B"}, "B");
  small.links.stall("B", "A");
  TestShard& b = small["B"].shard();
  const auto first = b.connect("1", std::string(100, 'x'));
  small.settle();
  const auto second = b.connect("2");
  small.settle();
  EXPECT_FALSE(b.core.registered_reasons.contains(first));
  EXPECT_EQ(b.core.registered_reasons.at(second), mqtt::ReasonCode::server_busy);
  EXPECT_EQ(b.counters.registrations_refused_full.get(), 1U);
}

}  // namespace
}  // namespace mqttzoo::test
