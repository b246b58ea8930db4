#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "zk/mailbox.hpp"

namespace mqttzoo::zk {

/// Timers for a layer that has no event loop of its own: pushes events into the mailbox when they are due. There are
/// few (a retry, a notice, a deadline). There is no cancelling: an event looks whether it still matters.
class TimerThread {
 public:
  explicit TimerThread(std::shared_ptr<Mailbox> mailbox);
  /// Forgets what is not due yet.
  ~TimerThread();

  void after(std::chrono::milliseconds delay, Mailbox::Event event);

 private:
  using Clock = std::chrono::steady_clock;
  void run();

  std::shared_ptr<Mailbox> mailbox_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, Mailbox::Event> due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace mqttzoo::zk
