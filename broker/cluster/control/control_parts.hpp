#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/control/control.hpp"
#include "broker/cluster/control/control_links.hpp"
#include "broker/cluster/ensemble/ensemble_side.hpp"
#include "broker/cluster/interest/interest_board.hpp"
#include "broker/cluster/view/fences.hpp"
#include "broker/cluster/view/view_entry.hpp"

namespace mqttzoo::cluster {

/// What Control joins. Only control*.cpp include this.
///
/// Invariant: `self` is who this broker is for its peers and shards; epoch 0 until it registered for the first time,
/// and from its removal until it registered anew.
struct Control::Parts final : PeerWords {
  Parts(ControlOptions options, Coordinator* liveness, RetainedStore& retained, LinkTransport& transport,
        ControlPort& shards, LeaseDeadline& lease, ControlReporter& reporter);

  // control.cpp
  void start_alone();
  void notice_own_stall(core::Milliseconds now);
  void store_retained(core::ShardIndex from, StoreRetained&& letter);
  void read_retained(core::ShardIndex from, ReadRetained&& letter);
  void finish_leaving(core::Milliseconds now);
  void tell_all_shards(const ToShard& letter);
  bool loops_turn(core::Milliseconds now) const;

  // control_views.cpp: who we are, which view we are in, whom we know
  void follow_ensemble(core::Milliseconds now);
  void become(const Incarnation& incarnation);
  void enter(const SharedView& view);
  void fence_removed(const View* before, const View& view);
  bool was_removed_in(const View* before, const View& view) const;
  void give_up_incarnation();
  std::vector<Member> others_of(const View& view) const;
  void update_peers(core::Milliseconds now);
  bool lingers(const Incarnation& peer, core::Milliseconds now);
  void step_fences(core::Milliseconds now);
  void step_entry(core::Milliseconds now);
  void settle(core::Milliseconds now);
  BrokerRecord description(core::Milliseconds now) const;
  void copy_is_complete(const CopyComplete& letter);
  std::set<Incarnation> forgettable(core::Milliseconds now) const;
  void peer_enters(const SharedView& view) override;
  void peer_is_ready(const Incarnation& peer, ViewNumber number) override;
  void peer_left(const Incarnation& peer) override;

  // control_status.cpp
  std::vector<std::string> why_not_ready(core::Milliseconds now) const;
  std::vector<std::string> why_degraded() const;
  Readiness readiness(core::Milliseconds now) const;
  void follow_contact(core::Milliseconds now);
  Coordination coordination(core::Milliseconds now) const;
  std::string what_is_refused(core::Milliseconds now) const;
  ControlStatus status(core::Milliseconds now) const;
  void report_coordination(core::Milliseconds now);
  void report_changes(core::Milliseconds now);

  bool is_lone() const { return ensemble == nullptr; }
  bool is_member() const { return self.epoch != 0 && entry.is_member(); }
  bool lease_holds(core::Milliseconds now) const { return lease.holds(now); }

  const ControlOptions options;
  const ControlLimits limits;
  RetainedStore& retained;
  ControlPort& shards;
  LeaseDeadline& lease;
  ControlReporter& reporter;

  InterestBoard board;
  ControlLinks links;
  ViewEntry entry;
  Fences fences;
  std::unique_ptr<EnsembleSide> ensemble;  ///< nullptr: a lone broker
  CallbackScope scope;

  Incarnation self;
  std::string cluster;
  bool had_incarnation = false;  ///< the shards know one
  std::optional<core::Milliseconds> last_tick;
  std::optional<core::Milliseconds> loops_turned;
  std::map<Incarnation, core::Milliseconds> unwanted_since;  ///< peers that are neither registered nor members
  bool stranger_called = false;  ///< a Hello came from somebody unknown: read who is registered
  std::optional<core::Milliseconds> brokers_asked;
  std::uint64_t views_entered = 0;
  std::set<CompleteCopy> complete;  ///< learners of this broker's partitions in the view that it is in

  bool draining = false;
  bool leaving = false;
  std::optional<core::Milliseconds> leaving_since;
  std::function<void()> left;

  std::string last_reported;  ///< what state_changed was told of, in short
  Coordination last_coordination = Coordination::lost;
  bool had_lease = false;
  std::optional<core::Milliseconds> last_permitted;
  std::optional<core::Milliseconds> without_lease_since;
  std::optional<core::Milliseconds> out_of_contact_since;
};

}  // namespace mqttzoo::cluster
