#include <gmock/gmock.h>

#include "tests/broker/cluster/shard/sessions.hpp"

// P8 with `coordination_loss serve`: what a broker does whose lease was waived, and what it gives up for it.
namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;

class ServeWithoutLease : public Sessions {
 protected:
  static cluster::RouterLimits limits() {
    cluster::RouterLimits limits;
    limits.coordination_grace_ms = 5'000;
    limits.serves_without_lease = true;
    return limits;
  }
  ServeWithoutLease() : Sessions(1, limits()) { b().subscribe("#"); }
  void lose_zookeeper() {
    for (const char* const name : {"A", "B", "C"}) {
      zoo[name].lease.extend_to(zoo.now_ms);
      zoo[name].lease.waive(true);
    }
  }
  void reach_zookeeper() {
    for (const char* const name : {"A", "B", "C"}) {
      zoo[name].lease.extend_to(cluster::LeaseDeadline::for_ever);
      zoo[name].lease.waive(false);
    }
    zoo.advance(20);
  }
};

TEST_F(ServeWithoutLease, PublishesAreDeliveredAndAcknowledged) {
  lose_zookeeper();
  zoo.advance(10);
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().core.payloads(), "1");
}

TEST_F(ServeWithoutLease, SessionsAreServedForAsLongAsItTakes) {
  const auto before = connect(a());
  lose_zookeeper();
  zoo.advance(60'000);
  EXPECT_FALSE(a().core.evicted(before));
  EXPECT_TRUE(b().core.admitted(connect(b(), "new")));
  const auto second = connect(b());
  EXPECT_TRUE(a().core.evicted(before)) << "who can be reached is taken over as ever";
  EXPECT_TRUE(b().core.admitted(second));
}

TEST_F(ServeWithoutLease, TheWaiverEndsAndTheGraceBeginsThen) {
  const auto serial = connect(a());
  lose_zookeeper();
  zoo.advance(60'000);
  zoo["A"].lease.waive(false);
  zoo.advance(4'900);
  EXPECT_FALSE(a().core.evicted(serial)) << "not at once, however long it was served without a lease";
  zoo.advance(200);
  EXPECT_EQ(a().core.evicted_reasons.at(serial), ReasonCode::server_busy);
}

// Nobody takes a dead member out of the view.
TEST_F(ServeWithoutLease, MembersOutOfReachAreDoneWithout) {
  lose_zookeeper();
  zoo.links.cut("A", "B");
  zoo.settle();
  const auto waiting = a().publish("t", "1", 1);
  zoo.settle();
  zoo.advance(900);
  EXPECT_FALSE(a().core.acknowledged(waiting)) << "a link may break for a moment";
  zoo.advance(200);
  EXPECT_TRUE(a().core.acknowledged(waiting));
  const auto later = a().publish("t", "2", 1);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(later));
  EXPECT_EQ(a().counters.dropped_unreachable.get(), 2u) << "lost, and counted";
}

TEST_F(ServeWithoutLease, WithoutTheWaiverNobodyIsDoneWithout) {
  for (const char* const name : {"A", "B", "C"}) zoo[name].lease.extend_to(zoo.now_ms);
  zoo.links.cut("A", "B");
  const auto waiting = a().publish("t", "1", 1);
  zoo.advance(60'000);
  EXPECT_FALSE(a().core.acknowledged(waiting));
  reach_zookeeper();
  EXPECT_FALSE(a().core.acknowledged(waiting)) << "until the next view, or the link";
}

TEST_F(ServeWithoutLease, AMemberThatIsReachedAgainCountsAgain) {
  lose_zookeeper();
  zoo.links.cut("A", "B");
  zoo.advance(1'100);
  const auto without = a().publish("t", "lost", 1);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(without));
  zoo.links.heal("A", "B");
  zoo.advance(100);
  const auto with = a().publish("t", "kept", 1);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(with));
  EXPECT_EQ(b().core.payloads(), "kept");
  zoo.links.cut("A", "B");
  reach_zookeeper();
  const auto again = a().publish("t", "held", 1);
  zoo.advance(2'000);
  EXPECT_FALSE(a().core.acknowledged(again)) << "with a lease every member counts";
}

// P3 is given up for those who cannot be asked; they are asked again when they are reached.
TEST_F(ServeWithoutLease, AConnectionOutOfReachDoesNotKeepItsSessionFromANewOne) {
  const auto old = connect(a());
  lose_zookeeper();
  a().core.unregisters_evicted = false;  // its frontend hangs behind the cut
  zoo.links.cut("A", "C");
  zoo.settle();
  const auto fresh = b().connect("me", {}, 0, persistent);
  zoo.advance(900);
  EXPECT_FALSE(b().core.admitted(fresh));
  zoo.advance(2'000);
  EXPECT_TRUE(b().core.admitted(fresh));
  EXPECT_TRUE(b().core.admissions.at(fresh).session_present);
  EXPECT_TRUE(a().core.evicted(old)) << "its frontend saw the link break";
  session().told.clear();
  a().core.unregisters_evicted = true;
  zoo.links.heal("A", "C");
  zoo.advance(100);
  b().turn([&] { b().core.connections.at(fresh).session->on_puback(5); });
  zoo.settle();
  EXPECT_THAT(session().told, testing::Contains("PUBACK #5")) << "the old one's end leaves the new one alone";
  EXPECT_FALSE(b().core.evicted(fresh));
}

TEST_F(ServeWithoutLease, AHomeOutOfReachIsStillNeeded) {
  lose_zookeeper();
  zoo.links.cut("A", "C");
  zoo.settle();
  const auto serial = a().connect("me", {}, 0, persistent);
  zoo.advance(5'000);
  EXPECT_EQ(a().core.registered_reasons.at(serial), ReasonCode::server_unavailable);
}

}  // namespace
}  // namespace mqttzoo::test
