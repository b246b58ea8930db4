#include "zk/timer_thread.hpp"

namespace mqttzoo::zk {

TimerThread::TimerThread(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)), thread_([this] { run(); }) {}

TimerThread::~TimerThread() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void TimerThread::after(std::chrono::milliseconds delay, Mailbox::Event event) {
  {
    const std::lock_guard lock(mutex_);
    due_.emplace(Clock::now() + delay, std::move(event));
  }
  changed_.notify_one();
}

void TimerThread::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      changed_.wait(lock);
    } else if (const auto next = due_.begin(); next->first > Clock::now()) {
      // A copy: the entry may be gone, or no longer the first, when the wait ends.
      const auto until = next->first;
      changed_.wait_until(lock, until);
    } else {
      auto node = due_.extract(next);
      mailbox_->push(std::move(node.mapped()));
    }
  }
}

}  // namespace mqttzoo::zk
