#include "broker/net/event_loop.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>

#include "broker/net/clock.hpp"

namespace mqttzoo::net {

namespace {

// Nothing is that far away; a wait is bounded so that the arithmetic of clocks cannot overflow.
constexpr core::Milliseconds longest_wait_ms = 60'000;

}  // namespace

EventLoop::EventLoop() : context_(std::make_unique<boost::asio::io_context>(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO)) {
  context_->get_executor().on_work_started();  // a wait without anything to wait for is a wait all the same
}

EventLoop::~EventLoop() = default;

void EventLoop::run(LoopClient& client) {
  while (!stopping_.load(std::memory_order_relaxed)) turn_once(client);
}

void EventLoop::turn_once(LoopClient& client) {
  wait(client);
  const core::Milliseconds now = steady_now();
  progress_.turn_begins(now);
  client.turn(now);
  progress_.turn_ends();
}

void EventLoop::wait(LoopClient& client) {
  // Announce the sleep first and look for work then; who brings work looks for the sleeper after. One of the two sees
  // the other.
  sleeping_.store(true);
  if (!client.has_work() && !stopping_.load()) {
    const core::Milliseconds wait_ms = std::min(client.next_deadline() - steady_now(), longest_wait_ms);
    if (wait_ms > 0) context_->run_one_for(std::chrono::milliseconds(wait_ms));
  }
  sleeping_.store(false, std::memory_order_relaxed);
  context_->poll();
}

void EventLoop::stop() {
  stopping_.store(true);
  wake();
}

void EventLoop::wake() {
  if (sleeping_.load() && sleeping_.exchange(false)) boost::asio::post(*context_, [] {});
}

}  // namespace mqttzoo::net
