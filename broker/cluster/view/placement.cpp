#include "broker/cluster/view/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

/// How many partitions each member is to have. Those that own most get the larger share: so fewer move.
std::vector<std::size_t> quotas(std::size_t partitions, const std::vector<std::size_t>& owned,
                                const std::vector<bool>& eligible) {
  std::vector<std::size_t> order;
  for (std::size_t member = 0; member < eligible.size(); ++member)
    if (eligible[member]) order.push_back(member);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return owned[a] > owned[b]; });

  std::vector<std::size_t> quota(eligible.size(), 0);
  for (std::size_t place = 0; place < order.size(); ++place)
    quota[order[place]] = partitions / order.size() + (place < partitions % order.size() ? 1 : 0);
  return quota;
}

std::vector<std::size_t> count_primaries(const Placement& placement, std::size_t members) {
  std::vector<std::size_t> counts(members, 0);
  for (const std::uint16_t primary : placement.primaries)
    if (primary != no_owner) ++counts[primary];
  return counts;
}

PartitionCopies::iterator find(PartitionCopies& copies, std::uint16_t member) {
  return std::find_if(copies.begin(), copies.end(), [&](const PartitionCopy& copy) { return copy.member == member; });
}

bool in_sync(PartitionCopies& copies, std::uint16_t member) {
  const auto copy = find(copies, member);
  return copy != copies.end() && copy->in_sync;
}

/// Of the secondaries of each partition without a primary the one with the fewest partitions, rather one that stays.
/// Where there is none a learner goes on with what it has: that can be all that is left of what was acknowledged.
void promote(Placement& placement, const std::vector<bool>& eligible) {
  std::vector<std::size_t> owned = count_primaries(placement, eligible.size());
  for (std::size_t partition = 0; partition < placement.primaries.size(); ++partition) {
    if (placement.primaries[partition] != no_owner) continue;
    PartitionCopies& copies = placement.copies[partition];
    auto best = copies.end();
    const auto rank = [&](const PartitionCopy& copy) {
      return std::tuple(!copy.in_sync, !eligible[copy.member], owned[copy.member]);
    };
    for (auto copy = copies.begin(); copy != copies.end(); ++copy)
      if (best == copies.end() || rank(*copy) < rank(*best)) best = copy;
    if (best == copies.end()) continue;
    if (!best->in_sync) ++placement.begin_incomplete;
    placement.primaries[partition] = best->member;
    ++owned[best->member];
    copies.erase(best);
  }
}

/// Who should have a copy of each partition: whoever has one, as far as the shares of the members allow.
class CopyTargets {
 public:
  CopyTargets(const Placement& now, const std::vector<std::uint16_t>& primaries, const std::vector<bool>& eligible,
              std::size_t wanted)
      : now_(now), primaries_(primaries), eligible_(eligible), wanted_(wanted), targets_(primaries.size()) {
    share_out();
    for (const bool only_in_sync : {true, false})
      for (std::size_t partition = 0; partition < targets_.size(); ++partition) keep(partition, only_in_sync);
    for (const std::size_t partition : in_turn())
      while (targets_[partition].size() < wanted_) add(partition);
  }
  const std::vector<std::vector<std::uint16_t>>& get() const { return targets_; }

 private:
  /// Larger shares go to those that have most.
  void share_out() {
    std::vector<std::size_t> have(eligible_.size(), 0);
    for (std::size_t partition = 0; partition < targets_.size(); ++partition)
      for (const std::uint16_t member : holders(partition, false)) ++have[member];
    left_ = quotas(wanted_ * targets_.size(), have, eligible_);
  }

  /// One partition of each primary after the other, so that no primary's come last when only it has a share left.
  std::vector<std::size_t> in_turn() const {
    std::vector<std::size_t> seen(eligible_.size(), 0);
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (std::size_t partition = 0; partition < targets_.size(); ++partition)
      order.emplace_back(seen[primaries_[partition]]++, partition);
    std::sort(order.begin(), order.end());
    std::vector<std::size_t> partitions;
    for (const auto& [turn, partition] : order) partitions.push_back(partition);
    return partitions;
  }

  /// Who could keep it without learning anew: the present primary, too, if it is to be another one.
  std::vector<std::uint16_t> holders(std::size_t partition, bool only_in_sync) const {
    std::vector<std::uint16_t> holders;
    const std::uint16_t owner = now_.primaries[partition];
    if (owner != no_owner && owner != primaries_[partition]) holders.push_back(owner);
    for (const PartitionCopy& copy : now_.copies[partition])
      if ((copy.in_sync || !only_in_sync) && copy.member != primaries_[partition]) holders.push_back(copy.member);
    return holders;
  }

  bool has(std::size_t partition, std::uint16_t member) const {
    const auto& targets = targets_[partition];
    return std::find(targets.begin(), targets.end(), member) != targets.end();
  }

  void keep(std::size_t partition, bool only_in_sync) {
    for (const std::uint16_t member : holders(partition, only_in_sync)) {
      if (targets_[partition].size() == wanted_) return;
      if (eligible_[member] && left_[member] != 0 && !has(partition, member)) take(partition, member);
    }
  }

  /// The member with most of its share left; where nobody has any left, rather one that has a copy.
  void add(std::size_t partition) {
    const std::vector<std::uint16_t> holders = this->holders(partition, false);
    const auto rank = [&](std::uint16_t member) {
      const bool holds = std::find(holders.begin(), holders.end(), member) != holders.end();
      return std::pair(left_[member], holds);
    };
    std::uint16_t best = no_owner;
    for (std::uint16_t member = 0; member < eligible_.size(); ++member) {
      if (!eligible_[member] || member == primaries_[partition] || has(partition, member)) continue;
      if (best == no_owner || rank(member) > rank(best)) best = member;
    }
    ensure(best != no_owner, "there are as many members as copies are wanted");
    take(partition, best);
  }

  void take(std::size_t partition, std::uint16_t member) {
    targets_[partition].push_back(member);
    if (left_[member] != 0) --left_[member];
  }

  const Placement& now_;
  const std::vector<std::uint16_t>& primaries_;
  const std::vector<bool>& eligible_;
  const std::size_t wanted_;
  std::vector<std::vector<std::uint16_t>> targets_;
  std::vector<std::size_t> left_;
};

/// One step of a partition towards its targets.
void approach(Placement& placement, std::size_t partition, std::uint16_t primary,
              const std::vector<std::uint16_t>& targets) {
  std::uint16_t& owner = placement.primaries[partition];
  PartitionCopies& copies = placement.copies[partition];
  if (owner == no_owner) {
    owner = primary;
    std::erase_if(copies, [&](const PartitionCopy& copy) { return copy.member == primary; });
    ++placement.begin_incomplete;
  } else if (owner != primary && in_sync(copies, primary)) {
    find(copies, primary)->member = owner;
    owner = primary;
  }
  std::vector<std::uint16_t> wanted = targets;
  if (owner != primary) wanted.push_back(primary);
  std::erase(wanted, owner);
  const bool done = std::all_of(wanted.begin(), wanted.end(), [&](auto member) { return in_sync(copies, member); });
  std::erase_if(copies, [&](const PartitionCopy& copy) {
    return std::find(wanted.begin(), wanted.end(), copy.member) == wanted.end() && (done || !copy.in_sync);
  });
  for (const std::uint16_t member : wanted)
    if (find(copies, member) == copies.end()) copies.push_back({member, false});
  std::sort(copies.begin(), copies.end());
}

}  // namespace

std::vector<std::uint16_t> place_primaries(const std::vector<std::uint16_t>& owner, std::vector<bool> eligible) {
  ensure(!eligible.empty() && eligible.size() < no_owner, "partitions are placed on members");
  if (std::find(eligible.begin(), eligible.end(), true) == eligible.end()) eligible.assign(eligible.size(), true);

  std::vector<std::size_t> owned(eligible.size(), 0);
  for (const std::uint16_t member : owner)
    if (member != no_owner) ++owned[member];
  std::vector<std::size_t> left = quotas(owner.size(), owned, eligible);

  std::vector<std::uint16_t> primaries(owner.size(), no_owner);
  for (std::size_t partition = 0; partition < owner.size(); ++partition) {
    const std::uint16_t member = owner[partition];
    if (member == no_owner || left[member] == 0) continue;
    primaries[partition] = member;
    --left[member];
  }
  std::uint16_t taker = 0;
  for (std::uint16_t& primary : primaries) {
    if (primary != no_owner) continue;
    while (left[taker] == 0) ++taker;
    primary = taker;
    --left[taker];
  }
  return primaries;
}

Placement place(Placement now, std::vector<bool> eligible, std::size_t copies_wanted) {
  ensure(now.copies.size() == now.primaries.size(), "each partition has its copies");
  if (std::find(eligible.begin(), eligible.end(), true) == eligible.end()) eligible.assign(eligible.size(), true);
  const auto able = static_cast<std::size_t>(std::count(eligible.begin(), eligible.end(), true));
  promote(now, eligible);
  const std::vector<std::uint16_t> primaries = place_primaries(now.primaries, eligible);
  const CopyTargets targets(now, primaries, eligible, std::min(copies_wanted, able - 1));
  for (std::size_t partition = 0; partition < primaries.size(); ++partition)
    approach(now, partition, primaries[partition], targets.get()[partition]);
  return now;
}

}  // namespace mqttzoo::cluster
