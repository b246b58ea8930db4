#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Wins the lease that permits acts under P2, P3 and P4: every third of it one `multi{check(/view),
/// set(/leases/NAME)}`. Success permits until the time of *sending* + lease: whoever removes this broker from the view
/// does it after the check, and waits for longer than that. No heartbeat is sent by a broker that is no member, that
/// does not know the version of the view it is in, or whose event loops do not all turn (it may hang; others shall take
/// over). Lives on the control thread. Bound: three heartbeats in flight.
class LeaseKeeper {
 public:
  LeaseKeeper(Coordinator& coordinator, std::string name, const ControlLimits& limits, LeaseDeadline& deadline);

  struct Basis {
    /// Of the znode that holds the view which this broker has entered, as a member.
    std::optional<std::int32_t> view_version;
    bool loops_turn = false;
  };

  void session_began();
  /// Only while connected.
  void step(core::Milliseconds now, const Basis& basis);
  /// The broker acts no more: what is under way does not count either.
  void end();

  /// Once after a check failed: the view has changed, read it.
  bool take_view_changed() { return std::exchange(view_changed_, false); }
  /// Once after ZooKeeper took a heartbeat.
  bool take_success() { return std::exchange(succeeded_, false); }
  /// ZooKeeper has a heartbeat and has not answered it.
  bool awaits_answer() const { return in_flight_ > 0; }
  core::Milliseconds lease_until() const { return until_; }
  std::uint64_t missed() const { return missed_; }

 private:
  void beat(core::Milliseconds now, std::int32_t view_version);
  void answered(core::Milliseconds sent, CoordinatorStatus status, const std::vector<MultiResult>& parts);
  void create_lease();

  static constexpr int in_flight_max = 3;

  Coordinator& coordinator_;
  const std::string path_;
  const ControlLimits& limits_;
  LeaseDeadline& deadline_;
  CallbackScope scope_;
  int in_flight_ = 0;
  bool failed_ = false;
  bool creating_ = false;
  std::optional<core::Milliseconds> next_;
  std::optional<std::int32_t> refused_version_;  ///< of the view: ZooKeeper said that there is another
  core::Milliseconds until_ = 0;
  bool view_changed_ = false;
  bool succeeded_ = false;
  std::uint64_t missed_ = 0;
};

}  // namespace mqttzoo::cluster
