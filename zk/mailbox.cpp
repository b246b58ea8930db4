#include "zk/mailbox.hpp"

namespace mqttzoo::zk {

bool Mailbox::push(Event event) {
  const std::lock_guard lock(mutex_);
  if (shut_) return false;
  waiting_.push_back(std::move(event));
  if (!posted_) {
    posted_ = true;
    // Under the lock, so that shut() leaves no call of post behind.
    post_([self = shared_from_this()] { self->run_batch(); });
  }
  return true;
}

void Mailbox::shut() {
  std::vector<Event> dropped;
  const std::lock_guard lock(mutex_);
  shut_ = true;
  dropped.swap(waiting_);
}

void Mailbox::run_batch() {
  std::vector<Event> batch;
  {
    const std::lock_guard lock(mutex_);
    posted_ = false;
    batch.swap(waiting_);
  }
  for (auto& event : batch) {
    if (shut_) return;
    event();
  }
}

}  // namespace mqttzoo::zk
