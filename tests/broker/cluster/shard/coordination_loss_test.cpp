#include <gmock/gmock.h>

#include "tests/broker/cluster/shard/sessions.hpp"

// P8: what becomes of persistent sessions at a broker that has lost ZooKeeper.
namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;
using testing::HasSubstr;

constexpr core::Milliseconds grace_ms = 5'000;

class CoordinationLoss : public Sessions {
 protected:
  static cluster::RouterLimits limits() {
    cluster::RouterLimits limits;
    limits.coordination_grace_ms = grace_ms;
    return limits;
  }
  CoordinationLoss() : Sessions(1, limits()) {}
  void lose_zookeeper() {
    for (const char* const name : {"A", "B", "C"}) zoo[name].lease.extend_to(zoo.now_ms);
  }
  void reach_zookeeper() {
    for (const char* const name : {"A", "B", "C"}) zoo[name].lease.extend_to(cluster::LeaseDeadline::for_ever);
    zoo.advance(20);
  }
  std::uint64_t connect_later(TestShard& frontend, const std::string& client_id) {
    return frontend.connect(client_id, {}, 0, persistent);
  }
};

TEST_F(CoordinationLoss, ServedSessionsEndWhenTheGraceIsOver) {
  const auto far = connect(a());
  const auto near = connect(c(), "near");
  const auto clean = a().connect("clean");
  zoo.settle();
  lose_zookeeper();
  zoo.advance(grace_ms - 100);
  EXPECT_FALSE(a().core.evicted(far) || c().core.evicted(near)) << "within the grace";
  EXPECT_LE(a().router.next_deadline(), zoo.now_ms + 100) << "nothing else may happen until then";
  zoo.advance(200);
  // v5 3.14.2.1: DISCONNECT has no 0x88.
  EXPECT_EQ(a().core.evicted_reasons.at(far), ReasonCode::server_busy);
  EXPECT_THAT(a().core.evicted_details.at(far), HasSubstr("ZooKeeper"));
  EXPECT_EQ(c().core.evicted_reasons.at(near), ReasonCode::server_busy);
  EXPECT_FALSE(a().core.evicted(clean));
  EXPECT_EQ(a().counters.sessions_cut_off.get(), 1u);
  EXPECT_TRUE(c().core.sessions.contains("near")) << "the session waits for its client";
}

TEST_F(CoordinationLoss, HeartbeatsPutTheEndOff) {
  const auto serial = connect(a());
  for (int beat = 0; beat < 20; ++beat) {
    for (const char* const name : {"A", "B", "C"}) zoo[name].lease.extend_to(zoo.now_ms + 3'000);
    zoo.advance(1'000);
  }
  EXPECT_FALSE(a().core.evicted(serial));
  lose_zookeeper();
  zoo.advance(grace_ms - 100);
  reach_zookeeper();
  lose_zookeeper();
  zoo.advance(grace_ms - 100);
  EXPECT_FALSE(a().core.evicted(serial)) << "each loss has a grace of its own";
}

TEST_F(CoordinationLoss, NewOnesWaitWithinTheGraceAndAreToldWhy) {
  lose_zookeeper();
  zoo.advance(10);
  const auto serial = connect_later(a(), "late");
  zoo.advance(3'900);
  EXPECT_FALSE(a().core.registered_reasons.contains(serial));
  zoo.advance(200);
  EXPECT_EQ(a().core.registered_reasons.at(serial), ReasonCode::server_unavailable);
  EXPECT_THAT(a().core.admissions.at(serial).detail, HasSubstr("ZooKeeper"));
}

TEST_F(CoordinationLoss, AfterTheGraceTheyAreRefusedAtOnce) {
  lose_zookeeper();
  zoo.advance(grace_ms - 1'000);
  const auto waiting = connect_later(a(), "waiting");
  zoo.advance(900);
  EXPECT_FALSE(a().core.registered_reasons.contains(waiting));
  zoo.advance(200);
  EXPECT_EQ(a().core.registered_reasons.at(waiting), ReasonCode::server_unavailable) << "also who waits already";
  const auto late = connect_later(a(), "late");
  EXPECT_EQ(a().core.registered_reasons.at(late), ReasonCode::server_unavailable);
  EXPECT_EQ(a().counters.refused_without_home.get(), 2u);
  const auto clean = a().connect("clean");
  zoo.advance(1'100);
  EXPECT_TRUE(a().core.admitted(clean)) << "clean sessions are admitted, however long it takes";
}

TEST_F(CoordinationLoss, EverythingResumesWhenZooKeeperIsBack) {
  const auto before = connect(a());
  lose_zookeeper();
  zoo.advance(grace_ms + 100);
  ASSERT_TRUE(a().core.evicted(before));
  const auto refused = connect_later(a(), "me");
  ASSERT_EQ(a().core.registered_reasons.at(refused), ReasonCode::server_unavailable);
  reach_zookeeper();
  const auto after = connect(a());
  EXPECT_TRUE(a().core.admitted(after));
  EXPECT_FALSE(a().core.evicted(after));
}

/// A broker that has never reached ZooKeeper does not let anybody wait for ever either.
TEST_F(CoordinationLoss, ABrokerThatNeverHadALeaseRefusesToo) {
  zoo["A"].lease.end();
  zoo.advance(grace_ms + 100);
  const auto probe = a().connect("clean");
  zoo.settle();
  zoo.advance(grace_ms + 100);
  EXPECT_TRUE(a().core.admitted(probe));
  const auto serial = connect_later(a(), "me");
  EXPECT_EQ(a().core.registered_reasons.at(serial), ReasonCode::server_unavailable);
}

TEST_F(CoordinationLoss, WhoIsOutOfReachIsSaidInTheRefusal) {
  zoo.links.cut("A", "C");
  zoo.settle();
  const auto serial = connect_later(a(), "me");
  zoo.advance(5'000);
  EXPECT_THAT(a().core.admissions.at(serial).detail, HasSubstr("cannot be reached"));
  zoo["C"].lease.extend_to(zoo.now_ms);
  zoo.advance(10);
  const auto other = connect_later(b(), "other");
  zoo.advance(5'000);
  EXPECT_THAT(b().core.admissions.at(other).detail, HasSubstr("may not serve it now"));
}

}  // namespace
}  // namespace mqttzoo::test
