#include "broker/cluster/retained/bank.hpp"

#include <algorithm>

#include "broker/cluster/retained/retained_names.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

/// A znode of a ZooKeeper server takes some hundred bytes of heap beside its name and data; most of them are not worth
/// refusing a value for.
constexpr std::uint64_t znode_overhead_bytes = 128;

}  // namespace

std::uint64_t credit_bytes(std::string_view topic, std::size_t payload_bytes, std::size_t properties_bytes,
                           std::size_t source_bytes) {
  return deleted_credit_bytes(topic) + payload_bytes + properties_bytes + source_bytes;
}

std::uint64_t deleted_credit_bytes(std::string_view topic) {
  return retained_znode_name(topic).size() + topic.size() + znode_overhead_bytes;
}

std::string encode_bank(std::uint64_t credit_bytes, std::uint64_t capacity_bytes) {
  proto::Bank bank;
  bank.set_credit_bytes(credit_bytes);
  bank.set_capacity_bytes(capacity_bytes);
  return bank.SerializeAsString();
}

std::uint64_t BlockPolicy::keep() const { return std::min(block_bytes, capacity_bytes / 64); }

std::uint64_t BlockPolicy::withdrawal(std::uint64_t missing, std::uint64_t bank_credit) const {
  if (bank_credit <= missing) return bank_credit;
  return missing + std::min(keep(), (bank_credit - missing) / 16);
}

std::uint64_t BlockPolicy::surplus(std::uint64_t block_credit) const {
  return block_credit > 2 * keep() ? block_credit - keep() : 0;
}

}  // namespace mqttzoo::cluster
