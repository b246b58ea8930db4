#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "zk/options.hpp"

namespace mqttzoo::zk {

/// The one way from every other thread (the C client's, timers, blocking work) to the control thread: events run there
/// in the order in which they were pushed, one post per batch. Once shut, nothing runs any more, so an event may point
/// to the coordinator that owns the mailbox.
///
/// Unbounded by itself; what is pushed is bounded by requests in flight, watches set and the rate of log lines.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Event = std::function<void()>;

  explicit Mailbox(Post post) : post_(std::move(post)) {}

  /// Any thread. False after shut(): the event is dropped.
  bool push(Event event);
  /// Control thread, also from inside an event. Drops what is waiting and never calls post again.
  void shut();

 private:
  void run_batch();

  std::mutex mutex_;
  Post post_;
  std::vector<Event> waiting_;
  bool posted_ = false;
  std::atomic<bool> shut_ = false;
};

}  // namespace mqttzoo::zk
