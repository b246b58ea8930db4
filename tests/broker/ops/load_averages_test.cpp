#include "broker/ops/load_averages.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace mqttzoo::ops {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;

TEST(LoadAverages, Begin_with_nothing) {
  LoadAverages load;
  EXPECT_THAT(load.averages(), Each(0.0));
  load.look(0, 0);
  load.look(0, 10'000);
  EXPECT_THAT(load.averages(), Each(0.0));
}

TEST(LoadAverages, Follow_the_rate_per_minute) {
  LoadAverages load;
  load.look(30, 60'000);
  EXPECT_THAT(load.averages(),
              ElementsAre(DoubleNear(30 * (1 - std::exp(-1.0)), 1e-9), DoubleNear(30 * (1 - std::exp(-0.2)), 1e-9),
                          DoubleNear(30 * (1 - std::exp(-1.0 / 15)), 1e-9)));
  for (int minute = 2; minute <= 200; ++minute) load.look(static_cast<std::uint64_t>(minute) * 30, minute * 60'000);
  EXPECT_THAT(load.averages(), Each(DoubleNear(30, 0.01)));
  load.look(200 * 30, 201 * 60'000);
  EXPECT_THAT(load.averages(), ElementsAre(DoubleNear(11.04, 0.01), DoubleNear(24.56, 0.01), DoubleNear(28.07, 0.01)));
}

// However often they are looked at, the same flow gives the same averages.
TEST(LoadAverages, Do_not_depend_on_when_they_are_looked_at) {
  LoadAverages often, once;
  for (int second = 1; second <= 60; ++second) often.look(static_cast<std::uint64_t>(second), second * 1000);
  once.look(60, 60'000);
  once.look(60, 60'000);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(often.averages()[i], once.averages()[i], 1e-9);
}

}  // namespace
}  // namespace mqttzoo::ops
