#pragma once

#include <memory>
#include <optional>

#include "broker/core/ids.hpp"
#include "tests/simulation/world/event_queue.hpp"
#include "tests/simulation/world/random.hpp"

namespace mqttzoo::sim {

/// One thread of a broker's process: sleeps until it is woken or its deadline has come, then does one turn. A turn
/// takes no time, unless the thread is held up in it: then everything it does is done at its end, by the clock that it
/// read at its beginning.
class Loop {
 public:
  Loop(EventQueue& events, Random& random) : events_(events), random_(random), alive_(std::make_shared<bool>(true)) {}
  virtual ~Loop() { *alive_ = false; }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Something is there to be done.
  void wake() { wake_in(random_.below(2)); }
  /// No turn until resume. What is done then may still go by the time of now.
  void hold_up();
  void resume();
  bool is_held_up() const { return held_up_since_.has_value(); }

 protected:
  /// `begin` is the clock read after the wait, `now` the one read before the turn's end.
  virtual void turn(core::Milliseconds begin, core::Milliseconds now) = 0;
  virtual core::Milliseconds next_deadline() = 0;

  EventQueue& events_;
  Random& random_;

 private:
  void wake_in(core::Milliseconds delay);
  void run();

  std::shared_ptr<bool> alive_;
  std::optional<core::Milliseconds> wake_at_;
  std::optional<core::Milliseconds> held_up_since_;
  std::optional<core::Milliseconds> stale_begin_;
};

}  // namespace mqttzoo::sim
