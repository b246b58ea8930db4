#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/reachability.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// What the controller knows when it decides.
struct ViewSituation {
  const View* current = nullptr;  ///< nullptr: this cluster has none yet
  const BrokerRecords* brokers = nullptr;
  Incarnation self;                                ///< registered
  PartitionIndex partitions = partitions_default;  ///< of a first view
  std::size_t replicas = 1;                        ///< how many brokers are to keep each partition
  bool may_remove = false;  ///< we have seen ZooKeeper without a gap for long enough to say that somebody is gone
  bool may_change = false;  ///< the last view is old enough for a change that can wait
  std::vector<PartedMembers> parted;
  std::set<Incarnation> forgettable;  ///< removed ones that nobody needs to fence any more
};

struct ViewChange {
  View view{};
  std::string why;  ///< for the log
};

/// The next view, or nothing when the current one is right. A pure function: the same situation gives the same answer.
///
/// - No view yet, or none of its members is left: the broker that decides, alone; the others join it.
/// - Members whose registration is gone are removed, all at once.
/// - Of members that do not reach each other the largest mutually reachable set is kept (on a tie first the one that
///   fewer others accuse without being accused, then the one with lower epochs), one removal at a time.
/// - Registered brokers are added that are linked with all members and among each other. A removed incarnation never
///   returns; who is about to leave is not added.
/// - Learners that have all of their partition become its secondaries, and partitions are placed anew (placement.hpp).
/// The first three need `may_remove` (where there was a view), the others `may_change`. Never more than members_max.
std::optional<ViewChange> next_view(const ViewSituation& situation);

}  // namespace mqttzoo::cluster
