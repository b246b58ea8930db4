#include "broker/ops/watchdog.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

namespace mqttzoo::ops {
namespace {

TEST(Watchdog, A_loop_that_stays_in_one_turn_is_stuck) {
  std::promise<std::string> stuck;
  std::atomic<bool> told{false};
  Watchdog watchdog({{"control", [] { return -1; }}, {"shard 0", [] { return 12345; }}}, 5, 1,
                    [&](const std::string& name) {
                      if (!told.exchange(true)) stuck.set_value(name);
                    });
  EXPECT_EQ(stuck.get_future().get(), "shard 0");
}

TEST(Watchdog, A_loop_that_waits_or_turns_is_not) {
  std::promise<void> looked_often;
  std::atomic<std::int64_t> looks{0};
  std::atomic<bool> told{false};
  {
    Watchdog watchdog({{"turns",
                        [&]() -> std::int64_t {
                          if (++looks == 50) looked_often.set_value();
                          return looks;  // another turn each time
                        }},
                       {"waits", [] { return -1; }}},
                      5, 1, [&](const std::string&) { told = true; });
    looked_often.get_future().wait();
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace mqttzoo::ops
