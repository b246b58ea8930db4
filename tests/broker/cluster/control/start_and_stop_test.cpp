#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/cluster/control/control_cluster.hpp"

namespace mqttzoo::cluster::harness {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> members(const SharedView& view) {
  std::vector<std::string> names;
  for (const Member& member : view->members) names.push_back(member.incarnation.text());
  return names;
}

ControlCluster& three(ControlCluster& cluster) {
  for (const char* const name : {"a", "b", "c"}) cluster.start(name);
  EXPECT_TRUE(cluster.converges(5000)) << cluster.describe();
  return cluster;
}

TEST(StartAndStop, OneBrokerIsAViewByItself) {
  ControlCluster cluster;
  cluster.start("a");
  ASSERT_TRUE(cluster.converges(1000)) << cluster.describe();
  const ControlStatus status = cluster.status("a");
  EXPECT_EQ(status.incarnation, (Incarnation{"a", 1}));
  EXPECT_EQ(status.view_number, 1u);
  EXPECT_TRUE(status.controller);
  EXPECT_TRUE(status.acting);
  EXPECT_EQ(status.cluster, "cluster-1");
  EXPECT_EQ(cluster.at("a").shards()[1].cluster(), "cluster-1");
}

TEST(StartAndStop, ThreeInAnyOrder) {
  std::vector<std::string> names{"a", "b", "c"};
  std::uint64_t seed = 1;
  do {
    ControlCluster cluster({.seed = seed++, .limits = {}});
    for (const std::string& name : names) {
      cluster.start(name);
      cluster.run_for(static_cast<core::Milliseconds>(cluster.random(300)));
    }
    ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
    EXPECT_THAT(members(cluster.view_in_zookeeper()), ElementsAre("a#1", "b#1", "c#1"));
    EXPECT_TRUE(cluster.view_in_zookeeper()->removed.empty());
    for (const std::string& name : names) EXPECT_EQ(cluster.status(name).cluster, cluster.status("a").cluster);
  } while (std::next_permutation(names.begin(), names.end()));
}

TEST(StartAndStop, BeforeZooKeeper) {
  ControlCluster cluster;
  cluster.ensemble().pause();
  for (const char* const name : {"a", "b", "c"}) cluster.start(name);
  cluster.run_for(20'000);
  const Readiness readiness = cluster.at("b").control().readiness(cluster.now());
  EXPECT_FALSE(readiness.ready);
  EXPECT_THAT(readiness.reasons, Contains("no connection with ZooKeeper"));
  EXPECT_THAT(readiness.reasons, Contains(HasSubstr("QoS 1 and 2 and SUBSCRIBE are not answered")));
  cluster.ensemble().resume();
  EXPECT_TRUE(cluster.converges(5000)) << cluster.describe();
}

TEST(StartAndStop, AJoinerTakesItsShareAndDisturbsNobody) {
  ControlCluster cluster;
  cluster.start("a");
  cluster.start("b");
  ASSERT_TRUE(cluster.converges(5000));
  cluster.start("c");
  ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
  EXPECT_THAT(members(cluster.view_in_zookeeper()), ElementsAre("a#1", "b#1", "c#1"));
  const auto has_its_share = [&] {
    const SharedView view = cluster.view_in_zookeeper();
    return std::count(view->primaries.begin(), view->primaries.end(), 2) == 21;
  };
  EXPECT_TRUE(cluster.run_until(has_its_share, 5000)) << "it learns them first";
  EXPECT_EQ(cluster.at("a").shards()[0].reincarnations, 0);
  EXPECT_EQ(cluster.logged("a", "not linked with b#1"), 0u);
}

// b acts in the view before, by its lease, and sends QoS 1 and 2 to the members of that one.
TEST(StartAndStop, AJoinersSubscriptionsWaitForMembersThatHaveNotHeardOfIt) {
  ControlCluster cluster;
  cluster.start("a");
  cluster.start("b");
  ASSERT_TRUE(cluster.converges(5000));
  cluster.run_for(1000);
  cluster.start("c");
  cluster.at("c").want(0, "f");
  ASSERT_TRUE(cluster.run_until([&] { return cluster.view_in_zookeeper()->find({"c", 1}) != nullptr; }, 3000));
  cluster.cut_from_zookeeper("b");
  cluster.network().cut("a", "b");
  cluster.network().cut("c", "b");
  cluster.run_for(500);
  const auto& c = cluster.at("c").shards()[0];
  ASSERT_EQ(c.view()->number, cluster.view_in_zookeeper()->number) << cluster.describe();
  ASSERT_TRUE(cluster.at("c").lease().holds(cluster.now()));
  ASSERT_TRUE(cluster.at("b").lease().holds(cluster.now()));
  EXPECT_EQ(cluster.at("b").shards()[0].view()->find({"c", 1}), nullptr);
  EXPECT_FALSE(c.is_settled("f"));
  EXPECT_TRUE(cluster.run_until([&] { return c.is_settled("f"); }, 10'000)) << cluster.describe();
  EXPECT_FALSE(cluster.at("b").lease().holds(cluster.now()));
}

TEST(StartAndStop, WhoStopsCleanlyIsNotWaitedFor) {
  ControlCluster cluster;
  three(cluster);
  cluster.run_for(5000);  // a controller removes nobody before it has been in contact for a lease time
  const core::Milliseconds before = cluster.now();
  cluster.at("b").leave();
  EXPECT_FALSE(cluster.at("b").lease().holds(cluster.now()));
  ASSERT_TRUE(cluster.run_until([&] { return cluster.at("b").has_left; }, 1000)) << cluster.describe();
  cluster.kill("b");
  const auto is_over = [&] {
    return cluster.at("a").shards()[0].is_over({"b", 1}) && cluster.at("c").shards()[1].is_over({"b", 1});
  };
  ASSERT_TRUE(cluster.run_until([&] { return cluster.has_converged() && is_over(); }, 1000)) << cluster.describe();
  EXPECT_LT(cluster.now() - before, 1000);
}

TEST(StartAndStop, HomesMoveAwayFromWhoDrains) {
  ControlCluster cluster;
  three(cluster);
  cluster.run_for(1000);
  cluster.at("c").deliver([&] { cluster.at("c").control().drain(cluster.now()); });
  EXPECT_THAT(cluster.at("c").control().readiness(cluster.now()).reasons, Contains("this broker is being stopped"));
  const auto is_relieved = [&] {
    const SharedView view = cluster.view_in_zookeeper();
    return std::count(view->primaries.begin(), view->primaries.end(), 2) == 0;
  };
  ASSERT_TRUE(cluster.run_until(is_relieved, 6000)) << cluster.describe();
  EXPECT_THAT(members(cluster.view_in_zookeeper()), ElementsAre("a#1", "b#1", "c#1"));
  cluster.run_for(2000);
  EXPECT_TRUE(cluster.is_acting("a"));
}

TEST(StartAndStop, TheControllerMayStopToo) {
  ControlCluster cluster;
  three(cluster);
  const auto names = cluster.names();
  const auto controller =
      std::find_if(names.begin(), names.end(), [&](const auto& name) { return cluster.status(name).controller; });
  ASSERT_NE(controller, names.end());
  cluster.stop_cleanly(*controller);
  EXPECT_TRUE(cluster.converges(5000)) << cluster.describe();
}

TEST(StartAndStop, AllStopAndStartAgain) {
  ControlCluster cluster;
  three(cluster);
  for (const char* const name : {"a", "b", "c"}) cluster.stop_cleanly(name);
  for (const char* const name : {"c", "b", "a"}) cluster.start(name);
  ASSERT_TRUE(cluster.converges(8000)) << cluster.describe();
  EXPECT_THAT(members(cluster.view_in_zookeeper()), ElementsAre("a#2", "b#2", "c#2"));
}

TEST(StartAndStop, AllAreKilledAndStartAgain) {
  ControlCluster cluster;
  three(cluster);
  for (const char* const name : {"a", "b", "c"}) cluster.kill(name);
  for (const char* const name : {"b", "c", "a"}) cluster.start(name);
  ASSERT_TRUE(cluster.converges(15'000)) << cluster.describe();
}

TEST(StartAndStop, AKilledBrokerIsReplacedWhenItsSessionEnds) {
  ControlCluster cluster;
  three(cluster);
  cluster.kill("b");
  ASSERT_TRUE(cluster.converges(6000)) << cluster.describe();
  EXPECT_THAT(members(cluster.view_in_zookeeper()), ElementsAre("a#1", "c#1"));
}

// The view names incarnations, so the new process is never taken for the old one.
TEST(StartAndStop, AQuickRestartUnderTheSameNameIsAnother) {
  ControlCluster cluster;
  three(cluster);
  cluster.kill("b");
  cluster.start("b");
  cluster.run_for(500);
  EXPECT_THAT(cluster.at("b").control().readiness(cluster.now()).reasons.front(),
              HasSubstr("the name b is taken by b#1"));
  ASSERT_TRUE(cluster.converges(10'000)) << cluster.describe();
  const auto names = members(cluster.view_in_zookeeper());
  EXPECT_THAT(names, ::testing::Not(Contains("b#1")));
  EXPECT_EQ(names.size(), 3u);
  EXPECT_EQ(cluster.logged("b", "the name b is taken"), 1u);
}

TEST(StartAndStop, ASecondProcessWithTheSameNameWaits) {
  ControlCluster cluster;
  three(cluster);
  cluster.start_as("impostor", "b");
  cluster.run_for(30'000);
  EXPECT_FALSE(cluster.is_acting("impostor"));
  EXPECT_EQ(cluster.logged("impostor", "the name b is taken by b#1 at b:1"), 1u);
  for (const char* const name : {"a", "b", "c"}) {
    EXPECT_TRUE(cluster.is_acting(name)) << name;
    EXPECT_EQ(cluster.status(name).view_number, cluster.status("a").view_number);
    EXPECT_EQ(cluster.logged(name, "not linked"), 0u);
  }
  cluster.kill("b");
  EXPECT_TRUE(cluster.converges(10'000)) << cluster.describe();
}

TEST(StartAndStop, LeavingDoesNotWaitForZooKeeperForEver) {
  ControlCluster cluster;
  three(cluster);
  cluster.cut_from_zookeeper("b");
  const core::Milliseconds before = cluster.now();
  cluster.at("b").leave();
  ASSERT_TRUE(cluster.run_until([&] { return cluster.at("b").has_left; }, 5000));
  EXPECT_LE(cluster.now() - before, ControlLimits{}.leave_max_ms + 100);
  EXPECT_EQ(cluster.logged("b", "leaving without ZooKeeper's answer"), 1u);
  EXPECT_EQ(cluster.logged("a", "b#1 has left"), 1u);
}

TEST(StartAndStop, FiveComeAndGoOneAfterTheOther) {
  ControlCluster cluster({.seed = 3, .shards = 1, .limits = {}});
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  for (const std::string& name : names) cluster.start(name);
  ASSERT_TRUE(cluster.converges(6000)) << cluster.describe();
  for (const std::string& name : names) {
    cluster.stop_cleanly(name);
    ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
    cluster.start(name);
    ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
  }
}

TEST(StartAndStop, OptionsThatCannotBeAreRefused) {
  ControlCluster cluster;
  EXPECT_THROW(cluster.start_as("x", ""), std::invalid_argument);
  EXPECT_THROW(cluster.start_as("x", "a/b"), std::invalid_argument);
  EXPECT_THROW(cluster.start_as("x", "a#1"), std::invalid_argument);
}

TEST(StartAndStop, AnEnsembleWhoseSessionsAreTooShortIsRefused) {
  ControlCluster cluster;
  cluster.start("a", {.timeout_ms = 3500});
  cluster.run_for(5000);
  EXPECT_THAT(cluster.at("a").cannot_take_part_because, HasSubstr("grants sessions of 3500 ms only"));
  EXPECT_FALSE(cluster.is_acting("a"));
  EXPECT_TRUE(cluster.ensemble().children("/").empty());
}

}  // namespace
}  // namespace mqttzoo::cluster::harness
