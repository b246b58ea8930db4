#include "broker/core/ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>

namespace mqttzoo::core {
namespace {

TEST(Ring, OwnsNothingUntilTheFirstPush) {
  Ring<int> ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(ring.size(), 0U);
}

TEST(Ring, KeepsOrderWhileItGrowsAndWrapsAround) {
  Ring<int> ring;
  std::deque<int> model;
  int next = 0;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < round % 13; ++i) {
      ring.push_back(next);
      model.push_back(next++);
    }
    for (int i = 0; i < round % 11 && !model.empty(); ++i) {
      ASSERT_EQ(ring.front(), model.front());
      ring.pop_front();
      model.pop_front();
    }
    ASSERT_EQ(ring.size(), model.size());
    for (std::size_t i = 0; i < model.size(); ++i) ASSERT_EQ(ring[i], model[i]);
  }
}

TEST(Ring, PopDestroysWhatWasThere) {
  Ring<std::shared_ptr<int>> ring;
  const auto value = std::make_shared<int>(7);
  ring.push_back(value);
  ring.push_back(nullptr);
  ring.pop_front();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Ring, GivesALargeBlockBackWhenItRunsEmpty) {
  Ring<std::shared_ptr<int>> ring;
  const auto value = std::make_shared<int>(7);
  for (int i = 0; i < 1000; ++i) ring.push_back(value);
  EXPECT_EQ(value.use_count(), 1001);
  while (!ring.empty()) ring.pop_front();
  ring.push_back(value);
  EXPECT_EQ(ring.front(), value);
  ring.clear();
  EXPECT_EQ(value.use_count(), 1);
}

TEST(Ring, MovesAsAWhole) {
  Ring<int> ring;
  ring.push_back(1);
  Ring<int> moved(std::move(ring));
  EXPECT_EQ(moved.front(), 1);
  EXPECT_TRUE(ring.empty());
}

}  // namespace
}  // namespace mqttzoo::core
