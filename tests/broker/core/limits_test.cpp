#include "broker/core/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using testing::ElementsAre;

// Each level may be a node of the tree, to be visited for a message. Filters without wildcards stand beside the tree.
TEST(Limits, LevelsOfFiltersWithWildcardsCount) {
  const core::Limits limits;
  EXPECT_EQ(limits.bytes_of_filter("a/b/c"), 5U);
  EXPECT_EQ(limits.bytes_of_filter("a/+/c"), 5U + 3 * limits.filter_level_bytes);
  EXPECT_EQ(limits.bytes_of_filter("a/#"), 3U + 2 * limits.filter_level_bytes);
  EXPECT_EQ(limits.cost_of_filter("a/b/c"), 5U + limits.filter_overhead_bytes);
}

TEST(Limits, DeepFiltersComeToAnEndBeforeShallowOnes) {
  core::Limits limits;
  limits.subscription_bytes_max = 1'000;
  limits.filter_level_bytes = 100;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me");
  for (const char* filter : {"a/b/c/d/e/f/g/h/i/j/k", "+/2/3/4/5/6/7/#", "+/+"}) client.send_subscribe(filter);
  EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00", "SUBACK #1 00", "SUBACK #1 97"));
  client.unsubscribe("+/2/3/4/5/6/7/#", 2);
  client.send_subscribe("+/+");
  EXPECT_THAT(client.received(), ElementsAre("UNSUBACK #2 00", "SUBACK #1 00"));
}

}  // namespace
}  // namespace mqttzoo::test
