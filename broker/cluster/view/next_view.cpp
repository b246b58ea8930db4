#include "broker/cluster/view/next_view.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "broker/cluster/view/placement.hpp"
#include "broker/cluster/view/reachable_set.hpp"
#include "broker/cluster/view/view_codec.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

const BrokerRecord* registered(const ViewSituation& situation, const Incarnation& incarnation) {
  const auto found = situation.brokers->find(incarnation.name);
  return found != situation.brokers->end() && found->second.incarnation == incarnation ? &found->second : nullptr;
}

bool was_removed(const View* view, const Incarnation& incarnation) { return view && view->lists_removed(incarnation); }

bool by_incarnation(const Member& a, const Member& b) { return a.incarnation < b.incarnation; }

/// Who was taken out: what nobody needs to know any more is left out, what is new is added.
void list_removed(const ViewSituation& situation, View& next) {
  const View& current = *situation.current;
  for (const RemovedMember& removed : current.removed)
    if (!situation.forgettable.contains(removed.incarnation)) next.removed.push_back(removed);
  for (const Member& member : current.members)
    if (!next.find(member.incarnation)) next.removed.push_back({member.incarnation, next.number, {}});
  for (PartitionIndex partition = 0; partition < current.primaries.size(); ++partition)
    for (RemovedMember& removed : next.removed)
      if (removed.incarnation == current.primary_of(partition).incarnation) removed.partitions.push_back(partition);
}

/// What the members that stay have, by their new indexes; learners that are complete are secondaries now.
Placement what_stays(const ViewSituation& situation, const View& next) {
  const View& current = *situation.current;
  const auto index_of = [&](std::uint16_t member) {
    const Member* const stays = next.find(current.members[member].incarnation);
    return stays ? static_cast<std::uint16_t>(stays - next.members.data()) : no_owner;
  };
  Placement placement;
  for (PartitionIndex partition = 0; partition < current.primaries.size(); ++partition) {
    const Incarnation& primary = current.primary_of(partition).incarnation;
    const BrokerRecord* const record = registered(situation, primary);
    placement.primaries.push_back(index_of(current.primaries[partition]));
    PartitionCopies& copies = placement.copies.emplace_back();
    for (const PartitionCopy& copy : current.copies_of(partition)) {
      const std::uint16_t member = index_of(copy.member);
      if (member == no_owner) continue;
      // What the primary said in an earlier view may be of an earlier time as a learner.
      const bool learned = record && record->view_number >= current.number &&
                           record->reports_complete({partition, next.members[member].incarnation});
      copies.push_back({member, copy.in_sync || learned});
    }
  }
  return placement;
}

/// Completes a view that has its members: who was removed, who owns what.
View successor(const ViewSituation& situation, std::vector<Member> members, std::string& why) {
  std::sort(members.begin(), members.end(), by_incarnation);
  View next;
  next.members = std::move(members);
  const View* const current = situation.current;
  next.number = current ? current->number + 1 : 1;
  Placement placement{std::vector<std::uint16_t>(situation.partitions, no_owner),
                      std::vector<PartitionCopies>(situation.partitions)};
  if (current) {
    list_removed(situation, next);
    placement = what_stays(situation, next);
  }
  std::vector<bool> eligible;
  for (const Member& member : next.members) {
    const BrokerRecord* const record = registered(situation, member.incarnation);
    eligible.push_back(!record || !record->draining);
  }
  placement = place(std::move(placement), std::move(eligible), situation.replicas - 1);
  if (current && placement.begin_incomplete != 0)
    why += "; " + std::to_string(placement.begin_incomplete) +
           " partitions go on incomplete: no broker with a whole copy is left";
  next.primaries = std::move(placement.primaries);
  next.copies = std::move(placement.copies);
  return next;
}

std::vector<Member> members_left(const ViewSituation& situation) {
  std::vector<Member> left;
  for (const Member& member : situation.current->members)
    if (registered(situation, member.incarnation)) left.push_back(member);
  return left;
}

std::optional<ViewChange> remove_gone(const ViewSituation& situation, std::vector<Member> left) {
  std::string why;
  for (const Member& member : situation.current->members)
    if (!registered(situation, member.incarnation))
      why += (why.empty() ? "" : ", ") + member.incarnation.text() + " is gone";
  ViewChange change{.why = std::move(why)};
  change.view = successor(situation, std::move(left), change.why);
  return change;
}

std::optional<ViewChange> start_alone(const ViewSituation& situation) {
  const BrokerRecord* const self = registered(situation, situation.self);
  if (!self || self->draining || was_removed(situation.current, situation.self)) return std::nullopt;
  ViewChange change{.why = situation.self.text() + " begins alone"};
  change.view = successor(situation, {self->member()}, change.why);
  return change;
}

/// Whom to part with of members that do not all reach each other: of those outside the largest reachable set, and in a
/// pair that is overdue, the one that lacks most others.
std::optional<std::size_t> whom_to_part_with(const ViewSituation& situation) {
  const std::vector<Member>& members = situation.current->members;
  const auto index_of = [&](const Incarnation& incarnation) {
    const Member* const member = situation.current->find(incarnation);
    ensure(member != nullptr, "only members are parted");
    return static_cast<std::size_t>(member - members.data());
  };
  PartedPairs parted;
  std::vector<std::size_t> badness(members.size(), 0);
  std::vector<std::size_t> lacks(members.size(), 0);
  std::vector<bool> overdue(members.size(), false);
  for (const PartedMembers& pair : situation.parted) {
    const std::size_t first = index_of(pair.first);
    const std::size_t second = index_of(pair.second);
    parted.emplace_back(first, second);
    ++lacks[first];
    ++lacks[second];
    if (pair.overdue) overdue[first] = overdue[second] = true;
    if (pair.first_accuses && !pair.second_accuses) ++badness[second];
    if (pair.second_accuses && !pair.first_accuses) ++badness[first];
  }
  if (parted.empty()) return std::nullopt;

  std::vector<std::size_t> by_epoch(members.size());
  for (std::size_t member = 0; member < members.size(); ++member) by_epoch[member] = member;
  std::sort(by_epoch.begin(), by_epoch.end(), [&](std::size_t a, std::size_t b) {
    const Incarnation& left = members[a].incarnation;
    const Incarnation& right = members[b].incarnation;
    return std::tie(left.epoch, left.name) < std::tie(right.epoch, right.name);
  });
  std::vector<std::size_t> rank(members.size());
  for (std::size_t place = 0; place < by_epoch.size(); ++place) rank[by_epoch[place]] = place;

  const std::vector<bool> kept = largest_reachable_set(members.size(), parted, badness, rank);
  std::optional<std::size_t> leaves;
  for (const std::size_t member : by_epoch)
    if (!kept[member] && overdue[member] && (!leaves || lacks[member] >= lacks[*leaves])) leaves = member;
  return leaves;
}

std::optional<ViewChange> part(const ViewSituation& situation) {
  const auto leaves = whom_to_part_with(situation);
  if (!leaves) return std::nullopt;
  std::vector<Member> members = situation.current->members;
  const Incarnation incarnation = members[*leaves].incarnation;
  members.erase(members.begin() + static_cast<std::ptrdiff_t>(*leaves));
  ViewChange change{.why = incarnation.text() + " is not reached by all others"};
  change.view = successor(situation, std::move(members), change.why);
  return change;
}

bool linked_with_all(const ViewSituation& situation, const BrokerRecord& candidate,
                     const std::vector<Member>& members) {
  return std::all_of(members.begin(), members.end(), [&](const Member& member) {
    const BrokerRecord* const record = registered(situation, member.incarnation);
    return record && record->is_linked_to(candidate.incarnation) && candidate.is_linked_to(member.incarnation);
  });
}

bool same_copies(const View& a, const View& b) {
  for (PartitionIndex partition = 0; partition < a.primaries.size(); ++partition)
    if (a.copies_of(partition) != b.copies_of(partition)) return false;
  return true;
}

std::optional<ViewChange> add_and_balance(const ViewSituation& situation) {
  std::vector<Member> members = situation.current->members;
  std::string why;
  for (const auto& [name, record] : *situation.brokers) {
    if (situation.current->find(record.incarnation) || record.draining || members.size() >= members_max ||
        was_removed(situation.current, record.incarnation) || !linked_with_all(situation, record, members))
      continue;
    members.push_back(record.member());
    why += (why.empty() ? "" : ", ") + record.incarnation.text() + " joins";
  }
  const bool same_members = why.empty();
  ViewChange change{.why = std::move(why)};
  change.view = successor(situation, std::move(members), change.why);
  if (!same_members) return change;
  const bool same_primaries = change.view.primaries == situation.current->primaries;
  if (same_primaries && same_copies(change.view, *situation.current)) return std::nullopt;
  change.why = same_primaries ? "copies of partitions change" : "partitions move";
  return change;
}

}  // namespace

std::optional<ViewChange> next_view(const ViewSituation& situation) {
  if (!situation.current) return start_alone(situation);
  std::vector<Member> left = members_left(situation);
  if (situation.may_remove) {
    if (left.empty()) return start_alone(situation);
    if (left.size() < situation.current->members.size()) return remove_gone(situation, std::move(left));
    if (auto change = part(situation)) return change;
  }
  if (situation.may_change && left.size() == situation.current->members.size()) return add_and_balance(situation);
  return std::nullopt;
}

}  // namespace mqttzoo::cluster
