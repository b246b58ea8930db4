#include "tests/simulation/world/loop.hpp"

#include <algorithm>

namespace mqttzoo::sim {

namespace {

// The longest sleep that is worth an event.
constexpr core::Milliseconds sleep_max_ms = 3'600'000;

}  // namespace

void Loop::wake_in(core::Milliseconds delay) {
  const core::Milliseconds at = events_.now() + std::clamp<core::Milliseconds>(delay, 0, sleep_max_ms);
  if (wake_at_ && *wake_at_ <= at) return;
  wake_at_ = at;
  events_.schedule(at - events_.now(), [this, at, alive = alive_] {
    if (*alive && wake_at_ == at) run();
  });
}

void Loop::run() {
  wake_at_.reset();
  if (held_up_since_) return;
  const core::Milliseconds now = events_.now();
  const core::Milliseconds begin = stale_begin_.value_or(now);
  stale_begin_.reset();
  turn(begin, now);
  const core::Milliseconds next = next_deadline();
  if (next - now < sleep_max_ms) wake_in(std::max<core::Milliseconds>(1, next - now));
}

void Loop::hold_up() {
  if (!held_up_since_) held_up_since_ = events_.now();
}

void Loop::resume() {
  if (!held_up_since_) return;
  if (random_.one_in(2)) stale_begin_ = held_up_since_;
  held_up_since_.reset();
  wake_in(0);
}

}  // namespace mqttzoo::sim
