#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/broker_directory.hpp"
#include "broker/cluster/ensemble/cluster_tree.hpp"
#include "broker/cluster/ensemble/controller.hpp"
#include "broker/cluster/ensemble/lease_keeper.hpp"
#include "broker/cluster/ensemble/membership.hpp"
#include "broker/cluster/ensemble/view_watch.hpp"

namespace mqttzoo::cluster {

/// All that this broker does with ZooKeeper for the cluster, in the order in which one needs the other: the tree, its
/// own registration, the view, the other brokers, the lease, the controller's office. Notices new sessions and an
/// ensemble that cannot carry our lease. Lives on the control thread.
class EnsembleSide {
 public:
  EnsembleSide(Coordinator& coordinator, std::string name, std::string id_if_new, PartitionIndex partitions,
               const ControlLimits& limits, LeaseDeadline& lease, ControlReporter& reporter);

  struct Basis {
    SharedView entered;  ///< the view that this broker is in
    bool loops_turn = false;
    BrokerRecord description;  ///< of this broker
    std::set<Incarnation> forgettable;
  };

  void step(core::Milliseconds now, const Basis& basis);
  /// This incarnation is over: it was removed from the view.
  void reincarnate();
  /// The broker acts no more and leaves: gives the lease back and takes its name away; nothing else is done from now
  /// on.
  void withdraw();
  bool is_withdrawn() const { return membership_.is_withdrawn(); }
  void reread_view() { view_.refresh(); }
  void reread_brokers() { directory_.refresh(); }

  bool is_connected() const;
  /// ZooKeeper says nothing, not even no.
  bool is_out_of_contact() const { return !is_connected() || lease_.awaits_answer(); }
  const std::string& cluster() const { return tree_.cluster(); }
  /// Registered under this incarnation; epoch 0: not registered.
  Incarnation registered_as() const;
  /// nullptr: there is none, or it was not read in this session.
  SharedView view() const;
  const BrokerRecords& brokers() const { return directory_.records(); }
  bool is_registered(const Incarnation& incarnation) const { return directory_.is_registered(incarnation); }
  /// Once after each listing of all brokers: the view that had been read before it.
  std::optional<ViewNumber> take_listing();

  bool is_controller() const { return controller_.is_held(); }
  core::Milliseconds lease_until() const { return lease_.lease_until(); }
  std::uint64_t heartbeats_missed() const { return lease_.missed(); }
  /// What keeps this broker from taking part, in plain words.
  std::optional<std::string> trouble() const;
  void forgive(core::Milliseconds gap) { controller_.forgive(gap); }

 private:
  void session_began();
  bool timeout_suffices();
  void renounce_if_unsure(const SharedView& view);
  void look_after_own_znode();
  LeaseKeeper::Basis lease_basis(const Basis& basis) const;

  Coordinator& coordinator_;
  const std::string name_;
  const ControlLimits& limits_;
  ControlReporter& reporter_;
  CallbackScope scope_;
  ClusterTree tree_;
  Membership membership_;
  ViewWatch view_;
  BrokerDirectory directory_;
  LeaseKeeper lease_;
  Controller controller_;
  std::int64_t session_ = 0;
  bool session_checked_ = false;  ///< whether our incarnation is still good after a session was lost
  bool withdrawing_ = false;
  bool said_timeout_ = false;
  ViewNumber last_number_read_ = 0;
  std::uint64_t passes_seen_ = 0;
  std::optional<std::uint64_t> passes_at_registration_;
  Coordinator::SessionState last_state_ = Coordinator::SessionState::connecting;
};

}  // namespace mqttzoo::cluster
