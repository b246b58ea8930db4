#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/cluster/control/control_cluster.hpp"

namespace mqttzoo::cluster::harness {
namespace {

TEST(FirstStart, OneBrokerIsAViewByItself) {
  ControlCluster cluster;
  cluster.start("a");
  ASSERT_TRUE(cluster.converges(1000)) << cluster.describe();
  const ControlStatus status = cluster.status("a");
  EXPECT_EQ(status.incarnation, (Incarnation{"a", 1}));
  EXPECT_EQ(status.view_number, 1u);
  EXPECT_TRUE(status.controller);
  EXPECT_TRUE(status.acting);
  EXPECT_EQ(status.cluster, "cluster-1");
}

TEST(FirstStart, ThreeInAnyOrder) {
  std::vector<std::string> names{"a", "b", "c"};
  std::uint64_t seed = 1;
  do {
    ControlCluster cluster({.seed = seed++, .limits = {}});
    for (const std::string& name : names) {
      cluster.start(name);
      cluster.run_for(static_cast<core::Milliseconds>(cluster.random(300)));
    }
    ASSERT_TRUE(cluster.converges(5000)) << cluster.describe();
    EXPECT_EQ(cluster.view_in_zookeeper()->members.size(), 3u);
    EXPECT_TRUE(cluster.view_in_zookeeper()->removed.empty());
  } while (std::next_permutation(names.begin(), names.end()));
}

}  // namespace
}  // namespace mqttzoo::cluster::harness
