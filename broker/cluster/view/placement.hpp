#pragma once

#include <cstdint>
#include <vector>

namespace mqttzoo::cluster {

/// Who is the primary of each partition next, as indexes into `members`.
///
/// `owner[p]`: who is it now, an index into `members` or `no_owner`. `eligible[m]`: whether member m may have
/// partitions (one that is about to leave may not); if none may, all may. Balanced: eligible members differ by one
/// partition at most. No more partitions move than balance asks for. The same input gives the same answer at every
/// broker.
inline constexpr std::uint16_t no_owner = 0xFFFF;
std::vector<std::uint16_t> place_primaries(const std::vector<std::uint16_t>& owner, std::vector<bool> eligible);

}  // namespace mqttzoo::cluster
