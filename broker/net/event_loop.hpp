#pragma once

#include <atomic>
#include <memory>

#include "broker/core/ids.hpp"
#include "broker/net/loop_progress.hpp"

namespace boost::asio {
class io_context;
}

namespace mqttzoo::net {

/// What a loop turns for.
class LoopClient {
 public:
  virtual ~LoopClient() = default;
  /// All the work: what became ready, letters, deadlines. `now` was read after the wait.
  virtual void turn(core::Milliseconds now) = 0;
  /// There is work that nobody will wake the loop for; asked before each wait.
  virtual bool has_work() = 0;
  /// When the next turn is wanted at the latest.
  virtual core::Milliseconds next_deadline() = 0;
};

/// One thread's loop around one io_context. Handlers of the io_context only note what became ready; the turn that
/// follows does the work, so that all of it sees one clock read, and every effect of a turn leaves together at its end.
class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  boost::asio::io_context& context() { return *context_; }
  const LoopProgress& progress() const { return progress_; }

  /// Turns until stop().
  void run(LoopClient& client);
  /// One wait and one turn.
  void turn_once(LoopClient& client);
  /// From any thread: `run` returns after the present turn.
  void stop();
  /// From any thread: there is work (see LoopClient::has_work). Costs a system call only when the loop sleeps.
  void wake();

 private:
  void wait(LoopClient& client);

  std::unique_ptr<boost::asio::io_context> context_;
  LoopProgress progress_;
  alignas(64) std::atomic<bool> sleeping_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace mqttzoo::net
