#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Until when removed brokers are presumed to act. A removed incarnation may hold a lease that it won just before the
/// view changed; it wins no other one, since each heartbeat checks the view. So whoever sees it removed waits for the
/// lease and 10 % from then on, or until one of two things is certain:
/// - it said Left, which it does only after its lease was given back;
/// - its ephemeral is gone in a listing that was read after the removal: it has had no contact with ZooKeeper for more
///   than a lease, or took its name away itself after giving the lease back. (A listing from before the removal proves
///   nothing: the broker may have registered again and won a lease in between.)
///
/// Lives on the control thread. Bound: removed incarnations listed in the view, and members.
class Fences {
 public:
  explicit Fences(core::Milliseconds fence_ms) : fence_ms_(fence_ms) {}

  /// Seen removed (as of view `in_view`). Dated by the next step. No-op for one that is fenced already.
  void removed(const Incarnation& incarnation, ViewNumber in_view);
  /// It said Left; perhaps before it is removed.
  void left(const Incarnation& incarnation);
  /// All of /brokers was read after /view had been read as `view` or a later one, in the same session.
  void listed(ViewNumber view, const std::function<bool(const Incarnation&)>& registered);
  /// By a new view: forgets those that are not listed as removed, once their fence is over.
  void keep_only(const View& view);

  /// Dates what is new. Answers whose fence is over since the last step.
  std::vector<Incarnation> step(core::Milliseconds now);

  /// Fenced and not over.
  std::set<Incarnation> pending() const;
  bool is_over(const Incarnation& incarnation) const;
  /// Whose fence is over and who is still remembered: told to the shards again with each view.
  std::vector<Incarnation> over() const;
  /// Removed for so long that nobody in the cluster can need to fence it any more.
  bool is_older_than(const Incarnation& incarnation, core::Milliseconds age, core::Milliseconds now) const;

 private:
  struct Fence {
    ViewNumber in_view = 0;
    std::optional<core::Milliseconds> since;
    bool certain = false;  ///< by Left, or by the listing
    bool over = false;
  };

  const core::Milliseconds fence_ms_;
  std::map<Incarnation, Fence> fences_;
  std::set<Incarnation> left_;  ///< who said Left and is not removed yet
};

}  // namespace mqttzoo::cluster
