#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mqttzoo::cluster {

inline constexpr std::uint16_t no_owner = 0xFFFF;

/// Who keeps the log of a partition beside its primary: a secondary, which has all that was ever committed, or a
/// learner, which is on the way there and gets everything new at once.
struct PartitionCopy {
  std::uint16_t member = 0;  ///< index into the members of the view
  bool in_sync = false;      ///< a secondary
  auto operator<=>(const PartitionCopy&) const = default;
};

/// Sorted by member; the primary is not among them.
using PartitionCopies = std::vector<PartitionCopy>;

/// Who has the partitions, as indexes into the members.
struct Placement {
  std::vector<std::uint16_t> primaries;  ///< `no_owner`: it has none
  std::vector<PartitionCopies> copies;
  std::size_t begin_incomplete = 0;  ///< partitions whose primary has not all of what was kept
};

/// The next placement. `now`: without the members that are gone. `eligible[m]`: whether member m may have partitions
/// (one that is about to leave may not); if none may, all may. `copies_wanted`: beside the primary, where there are so
/// many eligible members.
///
/// - A partition that has lost its primary gets a secondary for one, else a learner, or begins empty.
/// - A partition moves only to a secondary; its old primary stays as one. Who is to be its primary, or its secondary,
///   and has nothing of it yet is made a learner.
/// - A secondary that is not wanted any more goes when those that are wanted are in sync.
/// - In the end eligible members differ by one in how many partitions they own, and by little in how many copies they
///   have. No more moves than that needs.
///
/// The same input gives the same answer at every broker; applied again, with learners that have become secondaries
/// meanwhile, it comes to an end.
Placement place(Placement now, std::vector<bool> eligible, std::size_t copies_wanted);

/// Who should be the primaries. Balanced to one partition; `owner` as Placement::primaries.
std::vector<std::uint16_t> place_primaries(const std::vector<std::uint16_t>& owner, std::vector<bool> eligible);

}  // namespace mqttzoo::cluster
