#include "broker/auth/worker_pool.hpp"

#include <utility>

namespace mqttzoo::auth {

WorkerPool::WorkerPool(const Bounds& bounds, const std::function<void()>& begin) : bounds_(bounds) {
  for (unsigned i = 0; i < bounds.threads; ++i) {
    threads_.emplace_back([this, begin] {
      begin();
      work();
    });
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(std::size_t bytes, std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= bounds_.waiting_max || waiting_bytes_ + bytes > bounds_.waiting_bytes_max) return false;
    waiting_.push_back({bytes, std::move(job)});
    waiting_bytes_ += bytes;
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= job.bytes;
    lock.unlock();
    job.run();
    job.run = nullptr;  // what it kept goes before the lock comes
    lock.lock();
  }
}

}  // namespace mqttzoo::auth
