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

/// Completes a view that has its members: who was removed, who owns what.
View successor(const ViewSituation& situation, std::vector<Member> members) {
  std::sort(members.begin(), members.end(), by_incarnation);
  View next;
  next.members = std::move(members);
  const View* const current = situation.current;
  next.number = current ? current->number + 1 : 1;
  std::vector<std::uint16_t> owner(current ? current->primaries.size() : situation.partitions, no_owner);
  if (current) {
    for (const RemovedMember& removed : current->removed)
      if (!situation.forgettable.contains(removed.incarnation)) next.removed.push_back(removed);
    for (const Member& member : current->members)
      if (!next.find(member.incarnation)) next.removed.push_back({member.incarnation, next.number, {}});
    for (PartitionIndex partition = 0; partition < owner.size(); ++partition) {
      const Incarnation& primary = current->primary_of(partition).incarnation;
      if (const Member* const stays = next.find(primary)) {
        owner[partition] = static_cast<std::uint16_t>(stays - next.members.data());
      } else {
        for (RemovedMember& removed : next.removed)
          if (removed.incarnation == primary) removed.partitions.push_back(partition);
      }
    }
  }
  std::vector<bool> eligible;
  for (const Member& member : next.members) {
    const BrokerRecord* const record = registered(situation, member.incarnation);
    eligible.push_back(!record || !record->draining);
  }
  next.primaries = place_primaries(owner, std::move(eligible));
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
  return ViewChange{successor(situation, std::move(left)), std::move(why)};
}

std::optional<ViewChange> start_alone(const ViewSituation& situation) {
  const BrokerRecord* const self = registered(situation, situation.self);
  if (!self || self->draining || was_removed(situation.current, situation.self)) return std::nullopt;
  return ViewChange{successor(situation, {self->member()}), situation.self.text() + " begins alone"};
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
  return ViewChange{successor(situation, std::move(members)), incarnation.text() + " is not reached by all others"};
}

bool linked_with_all(const ViewSituation& situation, const BrokerRecord& candidate,
                     const std::vector<Member>& members) {
  return std::all_of(members.begin(), members.end(), [&](const Member& member) {
    const BrokerRecord* const record = registered(situation, member.incarnation);
    return record && record->is_linked_to(candidate.incarnation) && candidate.is_linked_to(member.incarnation);
  });
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
  ViewChange change{successor(situation, std::move(members)), std::move(why)};
  if (change.why.empty()) {
    if (change.view.primaries == situation.current->primaries) return std::nullopt;
    change.why = "partitions move";
  }
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
