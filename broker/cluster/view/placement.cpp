#include "broker/cluster/view/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

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

}  // namespace mqttzoo::cluster
