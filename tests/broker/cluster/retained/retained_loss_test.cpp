#include <gmock/gmock.h>

#include "tests/broker/cluster/retained/retained_history.hpp"

/// Connections and sessions that break at every single step: nothing acknowledged is lost, nothing is written twice, no
/// credit is lost.
namespace mqttzoo::cluster {
namespace {

enum class Fault { none, lost_requests, lost_replies, expired_session };

struct Steps {
  std::uint64_t until_loaded = 0;
  std::uint64_t all = 0;
};

/// Two brokers write, delete, read and sweep the same topics; at step `fault_at` it happens to the first.
Steps run(Fault fault, std::uint64_t fault_at) {
  RetainedOptions options;
  options.bank_bytes = 60'000;  // small, so that credit moves
  options.lanes = 2;
  RetainedWorld world;
  auto& first = world.start("b1", options);
  auto& second = world.start("b2", options);
  first.store.hold_office({first.incarnation, second.incarnation});
  RetainedHistory history(world);
  world.on_step = [&] {
    if (world.steps != fault_at) return;
    if (fault == Fault::lost_requests) world.ensemble.drop(*first.bulk, support::Loss::requests);
    if (fault == Fault::lost_replies) world.ensemble.drop(*first.bulk, support::Loss::replies);
    if (fault == Fault::expired_session && world.ensemble.session_alive(first.bulk->session_id()))
      world.ensemble.expire(*first.bulk);
  };
  EXPECT_TRUE(world.run_until_loaded());
  Steps steps{world.steps, 0};
  for (int round = 0; round < 4; ++round) {
    const auto mark = std::to_string(round);
    history.put(first, "both", "first " + mark, mqtt::QoS::at_least_once, false);
    history.put(second, "both", "second " + mark, mqtt::QoS::at_least_once, false);
    history.put(first, "long", std::string(5'000, 'x') + mark, mqtt::QoS::exactly_once, false);
    history.put(first, "gone", round == 1 ? "" : "value " + mark, mqtt::QoS::at_least_once, false);
    world.run_for(8);
    history.read(second);
    history.read(first);
    history.put(second, "gone", "", mqtt::QoS::at_least_once, false);
    world.run_for(40);
  }
  EXPECT_TRUE(world.run_until([&] { return history.all_answered(); })) << "step " << fault_at;
  steps.all = world.steps;
  world.run_for(1'500);  // a sweep
  EXPECT_TRUE(world.run_until_loaded());
  history.check_end();
  return steps;
}

void run_at_every_step(Fault fault) {
  const auto steps = run(Fault::none, 0);
  // Most steps of loading are about empty buckets.
  for (std::uint64_t step = 1; step <= steps.all; step += step < steps.until_loaded - 30 ? 13 : 1) {
    run(fault, step);
    ASSERT_FALSE(::testing::Test::HasFailure()) << "at step " << step;
  }
}

TEST(RetainedLoss, NoFault) {
  const auto steps = run(Fault::none, 0);
  EXPECT_GT(steps.all, steps.until_loaded + 300);
}
TEST(RetainedLoss, LostRequestsAtEveryStep) { run_at_every_step(Fault::lost_requests); }
TEST(RetainedLoss, LostRepliesAtEveryStep) { run_at_every_step(Fault::lost_replies); }
TEST(RetainedLoss, AnExpiredSessionAtEveryStep) { run_at_every_step(Fault::expired_session); }

TEST(RetainedLoss, ALostReplyIsNotRepeatedOverALaterValue) {
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(first, "a", "0");
  world.ensemble.cut(*first.bulk, support::Loss::replies, 100);
  auto lost = first.put("a", "older");
  world.tick();
  ASSERT_TRUE(world.run_until([&] { return world.tree().at("a") == "older"; }));
  EXPECT_FALSE(lost->answer);
  world.put_and_wait(second, "a", "newer");
  world.ensemble.heal(*first.bulk);
  ASSERT_TRUE(world.run_until_answered({lost}));
  EXPECT_TRUE(lost->stored());
  EXPECT_LT(lost->message->retained_version(), world.ensemble.stat(retained_znode_path("a"))->modified_zxid);
  EXPECT_EQ(world.tree().at("a"), "newer");
  EXPECT_EQ(first.store.counters().replies_lost, 1u);
  EXPECT_EQ(world.read(first), (Values{{"a", "newer"}}));
}

TEST(RetainedLoss, TheBlockIsReturnedMeanwhile) {
  // The commit was carried out, the reply was lost, and the controller has emptied the block of the broker that it took
  // for dead: the broker still finds out, and with which version.
  RetainedWorld world;
  auto& first = world.start("b1");
  auto& second = world.start("b2");
  ASSERT_TRUE(world.run_until_loaded());
  world.put_and_wait(first, "a", "0");
  world.ensemble.cut(*first.bulk, support::Loss::replies, 100);
  auto lost = first.put("a", "1");
  world.tick();
  ASSERT_TRUE(world.run_until([&] { return world.tree().at("a") == "1"; }));
  const auto version = world.ensemble.stat(retained_znode_path("a"))->modified_zxid;
  second.store.hold_office({second.incarnation});
  world.run_for(10'000);
  EXPECT_EQ(world.credit_in_blocks(), 0u);
  first.store.set_incarnation({"b1", 2});
  world.ensemble.heal(*first.bulk);
  ASSERT_TRUE(world.run_until_answered({lost}));
  EXPECT_TRUE(lost->stored());
  EXPECT_EQ(lost->message->retained_version(), version);
  EXPECT_TRUE(world.put_and_wait(first, "a", "2")->stored());
  EXPECT_EQ(world.total_credit(), RetainedOptions().bank_bytes);
}

}  // namespace
}  // namespace mqttzoo::cluster
