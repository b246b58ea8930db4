#pragma once

#include <optional>
#include <set>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/office.hpp"
#include "broker/cluster/ensemble/view_watch.hpp"
#include "broker/cluster/view/next_view.hpp"
#include "broker/cluster/view/reachability.hpp"

namespace mqttzoo::cluster {

/// How long this broker has been in contact with ZooKeeper's quorum without a gap, by writes that succeeded (reads and
/// pings prove nothing). Only who has been so for a lease may say of others that they are gone: after an outage all
/// sessions may have ended at once, and those that come back first must not remove the rest.
class QuorumContact {
 public:
  explicit QuorumContact(const ControlLimits& limits) : limits_(limits) {}
  void step(core::Milliseconds now, bool connected, bool success);
  bool suffices(core::Milliseconds now) const { return since_ && now - *since_ >= limits_.lease_ms; }

 private:
  const ControlLimits& limits_;
  std::optional<core::Milliseconds> since_;
  core::Milliseconds last_ = 0;
};

/// Holds the office when it falls to this broker, and then decides the next view (next_view.hpp) from what stands in
/// ZooKeeper. Lives on the control thread.
class Controller {
 public:
  Controller(Coordinator& coordinator, PartitionIndex partitions, const ControlLimits& limits,
             ControlReporter& reporter);

  struct Basis {
    Incarnation self;  ///< registered, or epoch 0
    bool draining = false;
    const ViewWatch::Reading* reading = nullptr;  ///< nullptr: not read in this session
    bool reading_is_current = false;
    const BrokerRecords* brokers = nullptr;
    bool brokers_are_current = false;
    const View* entered = nullptr;      ///< the view that this broker is in
    std::set<Incarnation> forgettable;  ///< removed ones that nobody needs to fence any more
    bool heartbeat_succeeded = false;   ///< since the last step
  };

  void session_began();
  void step(core::Milliseconds now, bool connected, const Basis& basis);
  bool is_held() const { return office_.is_held(); }
  bool take_view_touched() { return office_.take_view_touched(); }
  void forgive(core::Milliseconds gap) { reachability_.forgive(gap); }

 private:
  bool is_eligible(const Basis& basis) const;
  void decide(core::Milliseconds now, const Basis& basis);
  bool may_start_over(core::Milliseconds now);

  const PartitionIndex partitions_;
  const ControlLimits& limits_;
  ControlReporter& reporter_;
  Office office_;
  QuorumContact contact_;
  Reachability reachability_;
  ViewNumber last_view_ = 0;
  core::Milliseconds last_view_at_ = 0;
  std::optional<core::Milliseconds> nothing_to_go_by_since_;
};

}  // namespace mqttzoo::cluster
