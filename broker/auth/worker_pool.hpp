#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mqttzoo::auth {

/// Threads for what takes too long for a shard, with a bounded queue before them. Any thread may submit.
class WorkerPool {
 public:
  struct Bounds {
    unsigned threads = 1;
    std::size_t waiting_max = 0;
    std::size_t waiting_bytes_max = 0;
  };

  /// `begin` runs once in each thread.
  WorkerPool(const Bounds& bounds, const std::function<void()>& begin);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Waits for the jobs that are running; those that wait are dropped.
  ~WorkerPool();

  /// False: the queue is full. `bytes`: what the job keeps in memory.
  bool submit(std::size_t bytes, std::function<void()> job);

 private:
  struct Job {
    std::size_t bytes;
    std::function<void()> run;
  };

  void work();

  const Bounds bounds_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;        ///< under the mutex
  std::size_t waiting_bytes_ = 0;  ///< under the mutex
  bool stopping_ = false;          ///< under the mutex
  std::vector<std::thread> threads_;
};

}  // namespace mqttzoo::auth
