#include "broker/ops/line_limit.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::ops {
namespace {

TEST(LineLimit, A_burst_passes_then_a_few_per_second) {
  LineLimit limit;
  for (int i = 0; i < LineLimit::burst; ++i) EXPECT_TRUE(limit.passes(1'000'000));
  EXPECT_FALSE(limit.passes(1'000'000));
  EXPECT_FALSE(limit.passes(1'000'499));
  EXPECT_TRUE(limit.passes(1'000'500));
  EXPECT_FALSE(limit.passes(1'000'500));
}

TEST(LineLimit, What_did_not_pass_is_counted_once) {
  LineLimit limit;
  for (int i = 0; i < LineLimit::burst + 7; ++i) (void)limit.passes(0);
  EXPECT_EQ(limit.take_suppressed(), 7U);
  EXPECT_EQ(limit.take_suppressed(), 0U);
}

TEST(LineLimit, Quiet_restores_the_burst_and_no_more) {
  LineLimit limit;
  for (int i = 0; i < LineLimit::burst; ++i) (void)limit.passes(0);
  int passed = 0;
  while (limit.passes(86'400'000)) ++passed;
  EXPECT_EQ(passed, LineLimit::burst);
}

}  // namespace
}  // namespace mqttzoo::ops
