#pragma once

#include <map>
#include <optional>
#include <vector>

#include "broker/cluster/shard_port.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// The Enter barrier, as one broker goes through it. On a new view all shards are told to enter it: from their answer
/// on they acknowledge nothing and refuse older views. Then the members are told Ready (by ControlLinks, after Enter
/// and all interest). When all other members have said Ready in this view, the shards are told to act.
///
/// Ready is a fact about an incarnation, so a broken link does not take it back; and as it comes behind Enter on its
/// link, none comes for a view that this broker has not entered. A broker that is not a member of the view enters it
/// too, but never acts. Lives on the control thread.
class ViewEntry {
 public:
  ViewEntry(std::uint16_t shard_count, core::Milliseconds ready_grace_ms, ControlPort& shards)
      : ready_grace_ms_(ready_grace_ms), shards_(shards), entered_(shard_count, 0) {}

  /// Who we are: what was said of Ready was said to somebody else.
  void identify(Incarnation self);
  /// The shards have forgotten the view: they are told of it again.
  void repeat();
  /// Begins to enter the view, unless it is not newer than the present one.
  bool enter(SharedView view);
  void shard_entered(core::ShardIndex shard, ViewNumber number);
  void ready(const Incarnation& member, ViewNumber number);
  void forget(const Incarnation& broker) { ready_.erase(broker); }

  /// Dates what began, tells the shards to act when it is time. True: they were told so just now.
  bool step(core::Milliseconds now);

  const SharedView& view() const { return view_; }
  ViewNumber number() const { return view_ ? view_->number : 0; }
  bool is_member() const { return view_ && view_->find(self_) != nullptr; }
  bool shards_have_entered() const;
  bool acts() const { return acting_; }
  /// Members that have not said Ready.
  std::vector<Incarnation> awaited() const;
  /// Those that have not done so in time, sorted.
  std::vector<Incarnation> overdue(core::Milliseconds now) const;
  /// Time in which we did not run ourselves is no evidence against the others.
  void forgive(core::Milliseconds gap);

 private:
  void tell_shards();

  const core::Milliseconds ready_grace_ms_;
  ControlPort& shards_;
  Incarnation self_;
  SharedView view_;
  std::vector<ViewNumber> entered_;          ///< per shard
  std::map<Incarnation, ViewNumber> ready_;  ///< the last Ready of each peer
  std::optional<core::Milliseconds> since_;
  bool acting_ = false;
};

}  // namespace mqttzoo::cluster
