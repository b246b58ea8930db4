#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The Bank bounds what retained values cost ZooKeeper, in bytes of credit. Each value holds its credit; a broker pays
/// for new values out of blocks that it has withdrawn from /bank before, and every movement is part of the multi that
/// causes it. So always, at every zxid: /bank + all blocks + all values = the capacity. (Blocks: bank_block.hpp.)
namespace mqttzoo::cluster {

/// What a value costs: its bytes, its name, and an overhead for the znode.
std::uint64_t credit_bytes(std::string_view topic, std::size_t payload_bytes, std::size_t properties_bytes,
                           std::size_t source_bytes = 0);
/// What a deleted value still costs until the sweeper removes its znode.
std::uint64_t deleted_credit_bytes(std::string_view topic);

/// What stands in /bank (proto::Bank).
std::string encode_bank(std::uint64_t credit_bytes, std::uint64_t capacity_bytes);

/// How the credit of one block goes up and down.
struct BlockPolicy {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t block_bytes = 0;

  /// What a lane keeps for the next commits: little where the whole bank is small.
  std::uint64_t keep() const;
  /// What to withdraw for a lack of `missing` bytes: with some reserve when there is plenty, exactly when there is not,
  /// all that is left when it does not suffice.
  std::uint64_t withdrawal(std::uint64_t missing, std::uint64_t bank_credit) const;
  /// What to give back of a block that grew because values were deleted; 0: nothing worth a write.
  std::uint64_t surplus(std::uint64_t block_credit) const;
};

}  // namespace mqttzoo::cluster
