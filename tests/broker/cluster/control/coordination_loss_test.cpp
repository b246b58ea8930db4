#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/broker/cluster/control/control_cluster.hpp"

// P8: what a broker says that has lost ZooKeeper, and when it may go on all the same.
namespace mqttzoo::cluster::harness {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void start_three(ControlCluster& cluster) {
  for (const char* const name : {"a", "b", "c"}) cluster.start(name);
  ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
}

ControlCluster::Options serving() {
  ControlCluster::Options options;
  options.limits.serves_without_lease = true;
  return options;
}

TEST(CoordinationLoss, IsSaidWithinTheGraceAndAfterIt) {
  ControlCluster cluster;
  start_three(cluster);
  EXPECT_EQ(cluster.status("b").coordination, Coordination::held);
  cluster.ensemble().pause();
  cluster.run_for(10'000);
  EXPECT_EQ(cluster.status("b").coordination, Coordination::lost);
  EXPECT_THAT(cluster.status("b").readiness.reasons,
              Contains(HasSubstr("persistent sessions are refused, and those that are served end 30 s after")));
  cluster.run_for(25'000);
  EXPECT_EQ(cluster.status("b").coordination, Coordination::refusing);
  EXPECT_THAT(cluster.status("b").readiness.reasons, Contains(EndsWith("persistent sessions are refused")));
  cluster.ensemble().resume();
  EXPECT_TRUE(cluster.converges(10'000)) << cluster.describe();
  EXPECT_EQ(cluster.status("b").coordination, Coordination::held);
  EXPECT_TRUE(cluster.status("b").readiness.ready);
}

TEST(CoordinationLoss, ServesOnWhereThatIsSet) {
  ControlCluster cluster(serving());
  start_three(cluster);
  cluster.ensemble().pause();
  cluster.run_for(10'000);
  for (const char* const name : {"a", "b", "c"}) {
    const ControlStatus status = cluster.status(name);
    EXPECT_EQ(status.coordination, Coordination::serving) << cluster.describe();
    EXPECT_TRUE(status.acting);
    EXPECT_TRUE(status.readiness.ready);
    EXPECT_THAT(status.readiness.degraded, Contains(HasSubstr("acknowledged messages can be lost")));
    EXPECT_EQ(cluster.logged(name, "serves on without it"), 1u);
  }
  cluster.ensemble().resume();
  EXPECT_TRUE(cluster.converges(10'000)) << cluster.describe();
  for (const char* const name : {"a", "b", "c"}) {
    EXPECT_EQ(cluster.status(name).coordination, Coordination::held);
    EXPECT_THAT(cluster.status(name).readiness.degraded, IsEmpty());
    EXPECT_EQ(cluster.logged(name, "no longer serves without ZooKeeper"), 1u);
    EXPECT_EQ(cluster.status(name).incarnation.epoch, 1u) << "nobody was removed meanwhile";
  }
}

TEST(CoordinationLoss, WhoWasRemovedMeanwhileFindsOutWhenItReturns) {
  ControlCluster cluster(serving());
  start_three(cluster);
  cluster.cut_from_zookeeper("c");
  ASSERT_TRUE(cluster.run_until([&] { return cluster.status("a").members.size() == 2; })) << cluster.describe();
  cluster.run_for(5'000);
  EXPECT_EQ(cluster.status("a").coordination, Coordination::held);
  EXPECT_EQ(cluster.status("c").coordination, Coordination::serving);
  cluster.heal_to_zookeeper("c");
  EXPECT_TRUE(cluster.converges(20'000)) << cluster.describe();
  EXPECT_GT(cluster.status("c").incarnation.epoch, 1u) << "a new one";
  EXPECT_EQ(cluster.status("c").coordination, Coordination::held);
}

// It has not lost ZooKeeper, it has lost time: somebody else may act for it.
TEST(CoordinationLoss, WhoStoodStillDoesNotServeOn) {
  ControlCluster cluster(serving());
  start_three(cluster);
  cluster.stall("c");
  cluster.run_for(10'000);
  cluster.resume("c");
  bool served = false;
  cluster.run_until(
      [&] {
        served |= cluster.status("c").coordination == Coordination::serving;
        return cluster.has_converged();
      },
      20'000);
  EXPECT_FALSE(served);
  EXPECT_TRUE(cluster.has_converged()) << cluster.describe();
  EXPECT_EQ(cluster.logged("c", "serves on without it"), 0u);
}

TEST(CoordinationLoss, WhoWasNeverAMemberHasNothingToServe) {
  ControlCluster cluster(serving());
  cluster.ensemble().pause();
  cluster.start("a");
  cluster.run_for(40'000);
  EXPECT_EQ(cluster.status("a").coordination, Coordination::refusing);
  EXPECT_FALSE(cluster.status("a").readiness.ready);
  cluster.ensemble().resume();
  EXPECT_TRUE(cluster.converges(10'000)) << cluster.describe();
}

}  // namespace
}  // namespace mqttzoo::cluster::harness
