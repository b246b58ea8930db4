#include "broker/cluster/view/view.hpp"

#include <algorithm>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

const Member* View::find(const Incarnation& incarnation) const {
  const auto found =
      std::lower_bound(members.begin(), members.end(), incarnation,
                       [](const Member& member, const Incarnation& sought) { return member.incarnation < sought; });
  return found != members.end() && found->incarnation == incarnation ? &*found : nullptr;
}

bool View::lists_removed(const Incarnation& incarnation) const {
  return std::any_of(removed.begin(), removed.end(),
                     [&](const RemovedMember& one) { return one.incarnation == incarnation; });
}

const PartitionCopies& View::copies_of(PartitionIndex partition) const {
  static const PartitionCopies none;
  return copies.empty() ? none : copies[partition];
}

const PartitionCopy* View::copy_at(PartitionIndex partition, const Incarnation& incarnation) const {
  const PartitionCopies& all = copies_of(partition);
  const auto found = std::find_if(all.begin(), all.end(), [&](const PartitionCopy& copy) {
    return members[copy.member].incarnation == incarnation;
  });
  return found == all.end() ? nullptr : &*found;
}

PartitionIndex View::partition_of(std::string_view client_id) const {
  ensure(!primaries.empty(), "a view has partitions");
  // FNV-1a of 64 bits, then a multiplication that spreads it over the upper bits, of which the partition is taken by
  // scaling. Fixed for ever: brokers of different versions in one cluster must agree, and what stands in a partition's
  // log must still belong to it after an upgrade. view_test.cpp holds examples.
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : client_id) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15;
  return static_cast<PartitionIndex>((hash >> 32) * primaries.size() >> 32);
}

}  // namespace mqttzoo::cluster
