#pragma once

#include <functional>

#include "broker/cluster/control/control_companion.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo {

/// The clean stop: readiness first, then clients, then peers and ZooKeeper, each step bounded in time. Lives on the
/// control thread.
class NodeStop final : public cluster::ControlCompanion {
 public:
  struct Steps {
    std::function<void(core::Milliseconds now)> drain;
    std::function<void()> end_clients;
    /// Calls back when the others were told.
    std::function<void(core::Milliseconds now, std::function<void()> done)> leave;
    /// Calls back when the sessions with ZooKeeper are closed.
    std::function<void(std::function<void()> done)> close_sessions;
    std::function<void()> stop_loops;
  };

  explicit NodeStop(Steps steps) : steps_(std::move(steps)) {}

  /// Again: nothing more is waited for.
  void begin(core::Milliseconds now);
  void clients_gone();
  bool begun() const { return phase_ != Phase::running; }

  // cluster::ControlCompanion
  void turn_begins(core::Milliseconds) override {}
  void turn_ends(core::Milliseconds now) override;
  core::Milliseconds next_deadline() const override;

 private:
  enum class Phase : std::uint8_t { running, clients, leaving, closing, ended };

  void enter(Phase phase, core::Milliseconds now);

  const Steps steps_;
  Phase phase_ = Phase::running;
  bool step_done_ = false;
  core::Milliseconds deadline_ = 0;
};

}  // namespace mqttzoo
