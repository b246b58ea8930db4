#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/view/broker_record.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Two members that are not linked, and who says so: a stalled broker accuses nobody.
struct PartedMembers {
  Incarnation first;
  Incarnation second;
  bool first_accuses = false;
  bool second_accuses = false;
  bool overdue = true;  ///< for longer than the grace: one of the two has to go
};

/// Remembers for the controller since when members are not linked, so that a short break parts nobody. One pair per two
/// members, at most.
class Reachability {
 public:
  explicit Reachability(core::Milliseconds grace_ms) : grace_ms_(grace_ms) {}

  /// Looks at the members of the view that are registered.
  void update(const View& view, const BrokerRecords& records, core::Milliseconds now);
  /// All pairs that are not linked, if any of them has not been for longer than the grace, or one said that the other
  /// is not Ready in this view (that one has waited already). The others do not say that somebody has to go, but who: a
  /// broker that all others lose in one moment is not seen to lose them in the same one.
  std::vector<PartedMembers> parted(core::Milliseconds now) const;

  /// Time in which we did not run ourselves is no evidence.
  void forgive(core::Milliseconds gap);
  void clear() { pairs_.clear(); }

 private:
  struct Pair {
    core::Milliseconds since = 0;
    bool first_accuses = false;
    bool second_accuses = false;
    bool at_once = false;
  };

  const core::Milliseconds grace_ms_;
  std::map<std::pair<Incarnation, Incarnation>, Pair> pairs_;
};

}  // namespace mqttzoo::cluster
