#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/placement.hpp"

namespace mqttzoo::cluster {

using ViewNumber = std::uint64_t;
using PartitionIndex = std::uint16_t;

/// Client Identifiers are hashed into this many partitions; the primary of a partition is the home of its ids.
/// Fixed for the life of a cluster (it stands in /view).
inline constexpr PartitionIndex partitions_default = 64;

/// A view is never written with more members, so no broker reads one: its links have peers_max slots.
inline constexpr std::size_t members_max = 64;

/// Where clients reach a broker, by the number of its listener: host:port; empty: not told.
using ClientAddresses = std::vector<std::string>;
/// Longer ones, and those of further listeners, are not told to clients.
inline constexpr std::size_t client_address_bytes_max = 300;
inline constexpr std::size_t client_addresses_max = 16;

struct Member {
  Incarnation incarnation;
  std::string cluster_address;  ///< host:port
  std::uint16_t shard_count = 1;
  ClientAddresses client_addresses{};
};

/// A broker that was taken out, until nobody has to fence it any more.
struct RemovedMember {
  Incarnation incarnation;
  ViewNumber in_view = 0;
  std::vector<PartitionIndex> partitions;  ///< whose primary it was
};

/// Who is a member and who owns what, as the elected controller wrote it into /view. Immutable; shared by all shards.
struct View {
  ViewNumber number = 0;
  std::vector<Member> members;            ///< sorted by incarnation
  std::vector<std::uint16_t> primaries;   ///< per partition: index into members
  std::vector<PartitionCopies> copies{};  ///< per partition, or empty: nobody keeps a copy of any
  std::vector<RemovedMember> removed;

  const Member* find(const Incarnation& incarnation) const;
  /// It was taken out, and is not forgotten yet.
  bool lists_removed(const Incarnation& incarnation) const;
  const Member& primary_of(PartitionIndex partition) const { return members[primaries[partition]]; }
  /// Who keeps a copy of the partition's log beside its primary.
  const PartitionCopies& copies_of(PartitionIndex partition) const;
  /// This broker's copy; null: it keeps none.
  const PartitionCopy* copy_at(PartitionIndex partition, const Incarnation& incarnation) const;
  PartitionIndex partition_of(std::string_view client_id) const;
};

using SharedView = std::shared_ptr<const View>;

}  // namespace mqttzoo::cluster
