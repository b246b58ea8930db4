#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

namespace mqttzoo::support {

/// Lets the thread of a test be the control thread: what is posted runs inside run_until.
class ControlThread {
 public:
  std::function<void(std::function<void()>)> poster() {
    return [this](std::function<void()> task) {
      {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
      }
      posted_.notify_one();
    };
  }

  /// Runs what is posted until the condition holds. False when it does not within `patience`.
  bool run_until(const std::function<bool()>& condition,
                 std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
      std::vector<std::function<void()>> tasks;
      {
        std::unique_lock lock(mutex_);
        // Conditions on the world outside are looked at now and then.
        const auto next_look = std::min(deadline, std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
        posted_.wait_until(lock, next_look, [this] { return !tasks_.empty(); });
        tasks.swap(tasks_);
      }
      if (tasks.empty() && std::chrono::steady_clock::now() >= deadline) return condition();
      for (auto& task : tasks) task();
    }
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable posted_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace mqttzoo::support
