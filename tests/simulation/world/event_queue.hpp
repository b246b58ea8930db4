#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "broker/core/ids.hpp"

namespace mqttzoo::sim {

/// The virtual clock and what is to happen on it. Events of one millisecond happen in the order in which they were
/// scheduled.
class EventQueue {
 public:
  using Event = std::function<void()>;

  core::Milliseconds now() const { return now_; }
  void set_now(core::Milliseconds now) { now_ = now; }

  void schedule(core::Milliseconds delay, Event event) {
    heap_.push_back({now_ + std::max<core::Milliseconds>(0, delay), ++last_, std::move(event)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  bool empty() const { return heap_.empty(); }
  core::Milliseconds next_time() const { return heap_.front().time; }
  Event take_next() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Event event = std::move(heap_.back().event);
    heap_.pop_back();
    return event;
  }
  void clear() { heap_.clear(); }

 private:
  struct Entry {
    core::Milliseconds time = 0;
    std::uint64_t order = 0;
    Event event;
  };
  static bool later(const Entry& a, const Entry& b) { return a.time != b.time ? a.time > b.time : a.order > b.order; }

  std::vector<Entry> heap_;
  core::Milliseconds now_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace mqttzoo::sim
