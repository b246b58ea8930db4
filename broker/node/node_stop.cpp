#include "broker/node/node_stop.hpp"

#include "broker/net/clock.hpp"

namespace mqttzoo {

namespace {

// A client that does not take its DISCONNECT, a ZooKeeper that does not answer: others know after this that we are
// gone.
constexpr core::Milliseconds clients_ms = 3'000;
constexpr core::Milliseconds leave_ms = 3'000;
constexpr core::Milliseconds close_ms = 2'000;

}  // namespace

void NodeStop::begin(core::Milliseconds now) {
  if (begun()) return enter(Phase::ended, now);
  steps_.drain(now);
  enter(Phase::clients, now);
}

void NodeStop::clients_gone() {
  if (phase_ == Phase::clients) step_done_ = true;
}

void NodeStop::enter(Phase phase, core::Milliseconds now) {
  phase_ = phase;
  step_done_ = false;
  const auto done = [this, phase] {
    if (phase_ == phase) step_done_ = true;
  };
  switch (phase) {
    case Phase::running:
      return;
    case Phase::clients:
      deadline_ = now + clients_ms;
      return steps_.end_clients();
    case Phase::leaving:
      deadline_ = now + leave_ms;
      return steps_.leave(now, done);
    case Phase::closing:
      deadline_ = now + close_ms;
      return steps_.close_sessions(done);
    case Phase::ended:
      deadline_ = net::never;
      return steps_.stop_loops();
  }
}

void NodeStop::turn_ends(core::Milliseconds now) {
  if (phase_ == Phase::running || phase_ == Phase::ended) return;
  if (!step_done_ && now < deadline_) return;
  enter(static_cast<Phase>(static_cast<int>(phase_) + 1), now);
}

core::Milliseconds NodeStop::next_deadline() const {
  if (phase_ == Phase::running) return net::never;
  return step_done_ ? 0 : deadline_;
}

}  // namespace mqttzoo
