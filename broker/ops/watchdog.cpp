#include "broker/ops/watchdog.hpp"

#include <chrono>

namespace mqttzoo::ops {

Watchdog::Watchdog(std::vector<Loop> loops, std::int64_t limit_ms, std::int64_t look_every_ms, OnStuck on_stuck)
    : on_stuck_(std::move(on_stuck)) {
  for (Loop& loop : loops) loops_.push_back(Watched{.loop = std::move(loop)});
  thread_ = std::thread([this, limit_ms, look_every_ms] { watch(limit_ms, look_every_ms); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Watchdog::watch(std::int64_t limit_ms, std::int64_t look_every_ms) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, std::chrono::milliseconds(look_every_ms), [this] { return ending_; })) {
    for (Watched& watched : loops_) {
      const std::int64_t turn = watched.loop.turn();
      watched.looks = turn >= 0 && turn == watched.turn ? watched.looks + 1 : 0;
      watched.turn = turn;
      if (watched.looks * look_every_ms >= limit_ms) on_stuck_(watched.loop.name);
    }
  }
}

}  // namespace mqttzoo::ops
