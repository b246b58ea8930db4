#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mqttzoo::ops {

/// Looks every second, from a thread of its own, whether a loop has been in one turn for too long: a stuck process must
/// not keep its connections, which it no longer serves, nor look alive to ZooKeeper, whose pings a C library sends.
/// Time is counted in looks: while the whole process is stopped nobody is stuck.
class Watchdog {
 public:
  struct Loop {
    std::string name;
    /// What names its present turn, e.g. when it began; negative while it waits. Called on the watchdog's thread.
    std::function<std::int64_t()> turn;
  };
  using OnStuck = std::function<void(const std::string& name)>;

  /// `on_stuck` is expected to end the process; it is called again with each look while a loop is stuck.
  Watchdog(std::vector<Loop> loops, std::int64_t limit_ms, std::int64_t look_every_ms, OnStuck on_stuck);
  ~Watchdog();

 private:
  struct Watched {
    Loop loop;
    std::int64_t turn = -1;
    std::int64_t looks = 0;  ///< that have seen this turn before
  };
  void watch(std::int64_t limit_ms, std::int64_t look_every_ms);

  std::vector<Watched> loops_;
  const OnStuck on_stuck_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace mqttzoo::ops
