#include "broker/auth/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace mqttzoo::auth {
namespace {

void nothing() {}

TEST(WorkerPool, Runs_jobs_in_their_threads) {
  std::atomic<int> begun = 0;
  std::promise<std::thread::id> ran;
  WorkerPool pool({1, 10, 1000}, [&] { ++begun; });
  EXPECT_TRUE(pool.submit(1, [&] { ran.set_value(std::this_thread::get_id()); }));
  EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
  EXPECT_EQ(begun, 1);
}

TEST(WorkerPool, One_thread_keeps_the_order) {
  std::vector<int> order;
  std::promise<void> done;
  WorkerPool pool({1, 10, 1000}, nothing);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(pool.submit(1, [&, i] {
      order.push_back(i);
      if (i == 4) done.set_value();
    }));
  }
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

/// A pool of one thread that is busy until the test lets it go on.
struct BusyPool {
  explicit BusyPool(std::size_t waiting_max, std::size_t waiting_bytes_max)
      : pool({1, waiting_max, waiting_bytes_max}, nothing) {
    std::promise<void> begun;
    EXPECT_TRUE(pool.submit(1, [&] {
      begun.set_value();
      release.get_future().wait();
    }));
    begun.get_future().wait();
  }

  std::promise<void> release;
  WorkerPool pool;
};

TEST(WorkerPool, Full_at_its_number_of_jobs) {
  BusyPool busy(2, 1000);
  EXPECT_TRUE(busy.pool.submit(1, nothing));
  EXPECT_TRUE(busy.pool.submit(1, nothing));
  EXPECT_FALSE(busy.pool.submit(1, nothing));
  busy.release.set_value();
}

TEST(WorkerPool, Full_at_their_bytes) {
  BusyPool busy(100, 10);
  EXPECT_TRUE(busy.pool.submit(4, nothing));
  EXPECT_TRUE(busy.pool.submit(6, nothing));
  EXPECT_FALSE(busy.pool.submit(1, nothing));
  std::promise<void> empty;
  busy.release.set_value();
  while (!busy.pool.submit(1, [&] { empty.set_value(); })) std::this_thread::yield();
  empty.get_future().wait();
}

TEST(WorkerPool, Its_end_drops_what_waits) {
  const auto kept = std::make_shared<int>();
  std::atomic<int> ran = 0;
  {
    BusyPool busy(10, 1000);
    EXPECT_TRUE(busy.pool.submit(1, [&ran, kept] { ++ran; }));
    EXPECT_EQ(kept.use_count(), 2);
    // The pool ends while its thread is busy: the thread sees the end before it sees the next job, or after it.
    busy.release.set_value();
  }
  EXPECT_EQ(kept.use_count(), 1);
  EXPECT_LE(ran, 1);
}

}  // namespace
}  // namespace mqttzoo::auth
