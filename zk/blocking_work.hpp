#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace mqttzoo::zk {

/// Runs what may block for seconds, each piece on a thread of its own: resolving names when a session is opened, and
/// zookeeper_close, which waits for the network and for name resolution under way. A piece that outlasts the wait is
/// left to finish alone; it must own all that it touches.
class BlockingWork {
 public:
  void run(std::function<void()> work) {
    {
      const std::lock_guard lock(state_->mutex);
      ++state_->running;
    }
    std::thread([state = state_, work = std::move(work)]() mutable {
      work();
      work = nullptr;  // what it owns goes before it counts as done
      const std::lock_guard lock(state->mutex);
      --state->running;
      state->finished.notify_all();
    }).detach();
  }

  /// False when something still runs after `patience`.
  bool wait(std::chrono::milliseconds patience) {
    std::unique_lock lock(state_->mutex);
    return state_->finished.wait_for(lock, patience, [this] { return state_->running == 0; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable finished;
    int running = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace mqttzoo::zk
