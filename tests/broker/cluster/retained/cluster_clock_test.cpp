#include "broker/cluster/cluster_clock.hpp"

#include <gtest/gtest.h>

#include <random>

namespace mqttzoo::cluster {
namespace {

constexpr core::ClusterMilliseconds wall = 1'700'000'000'000;

TEST(ClusterClock, BeforeContactItIsTheWallClock) {
  ClusterClock clock(1'000, wall);
  EXPECT_EQ(clock.now(), wall);
  clock.advance(1'500);
  EXPECT_EQ(clock.now(), wall + 500);
  EXPECT_FALSE(clock.has_contact());
}

TEST(ClusterClock, TheFirstSampleMayCorrectTheWallClockBackwards) {
  ClusterClock clock(1'000, wall + 3'600'000);
  clock.advance(2'000);
  clock.sample(1'980, 2'000, wall);
  EXPECT_EQ(clock.now(), wall + 10);  // stamped in the middle
  EXPECT_TRUE(clock.has_contact());
  EXPECT_LE(clock.error_ms(), 12);
}

TEST(ClusterClock, TheMoreExactSampleCounts) {
  ClusterClock clock(0, wall);
  clock.sample(0, 10, wall + 5);
  clock.advance(20);
  clock.sample(20, 1'020, wall + 620);  // agrees within its error
  EXPECT_EQ(clock.offset().load(), wall);
  clock.advance(2'000);
  clock.sample(1'998, 2'000, wall + 2'003);
  EXPECT_EQ(clock.offset().load(), wall + 4);
}

TEST(ClusterClock, StepsForwardAtOnce) {
  ClusterClock clock(0, wall);
  clock.sample(0, 2, wall + 1);
  clock.advance(1'000);
  clock.sample(1'000, 1'002, wall + 61'001);
  EXPECT_EQ(clock.now(), wall + 61'000);
}

TEST(ClusterClock, NeverStepsBack) {
  ClusterClock clock(0, wall);
  clock.sample(0, 2, wall + 3'601);
  ClusterTime shard(clock.offset());
  core::ClusterMilliseconds last = 0;
  core::ClusterMilliseconds last_at_shard = 0;
  for (core::Milliseconds now = 2; now < 2'000'000; now += 7) {
    clock.advance(now);
    if (now % 10'003 < 7) clock.sample(now - 1, now, wall + now);  // 3.6 s behind
    EXPECT_GE(clock.now(), last);
    EXPECT_GE(shard.now(now), last_at_shard);
    last = clock.now();
    last_at_shard = shard.now(now);
  }
  // It has slowed down until both agreed again.
  EXPECT_LE(clock.ahead_ms(), 1);
  EXPECT_NEAR(static_cast<double>(clock.now() - wall), 2'000'000, 20);
}

TEST(ClusterClock, SlowsDownByOnePartIn200) {
  ClusterClock clock(0, wall);
  clock.sample(0, 2, wall + 100'001);
  clock.advance(10);
  clock.sample(8, 10, wall + 9);
  const auto before = clock.now();
  clock.advance(20'010);
  EXPECT_EQ(clock.now() - before, 20'000 - 100);
}

TEST(ClusterClock, KeepsUpWithOtherBrokers) {
  ClusterClock clock(0, wall);
  clock.at_least(0, wall + 9'000);  // before contact nothing is known of them
  EXPECT_EQ(clock.now(), wall);
  clock.sample(0, 2, wall + 1);
  clock.advance(100);
  clock.at_least(100, wall + 5'000);
  EXPECT_EQ(clock.now(), wall + 5'000);
  EXPECT_EQ(clock.ahead_ms(), 4'900);
  clock.at_least(100, wall + 1);
  EXPECT_EQ(clock.now(), wall + 5'000);
}

TEST(ClusterClock, StaysWithinItsError) {
  std::mt19937 random(3);
  ClusterClock clock(0, wall + 50'000);
  const auto truth = [](core::Milliseconds steady) { return wall + steady + steady / 10'000; };  // 100 ppm faster
  core::Milliseconds now = 0;
  for (int round = 0; round < 2'000; ++round) {
    const auto sent = now + random() % 5'000;
    const auto stamped = sent + random() % 100;
    const auto received = stamped + random() % 100;
    clock.advance(received);
    clock.sample(sent, received, truth(stamped));
    now = received;
    EXPECT_LE(std::abs(clock.now() - truth(now)), clock.error_ms()) << round;
    EXPECT_LE(clock.error_ms(), 110);
  }
}

}  // namespace
}  // namespace mqttzoo::cluster
