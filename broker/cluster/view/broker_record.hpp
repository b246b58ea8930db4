#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// A learner has all of a partition: its primary says so.
struct CompleteCopy {
  PartitionIndex partition = 0;
  Incarnation copy;
  auto operator<=>(const CompleteCopy&) const = default;
};

/// What a registered broker says of itself in /brokers/NAME (proto::BrokerInfo).
struct BrokerRecord {
  Incarnation incarnation;
  std::string cluster_address;  ///< host:port
  std::string version;
  std::uint16_t shard_count = 1;
  std::vector<std::string> listeners;
  ClientAddresses client_addresses{};
  std::vector<Incarnation> linked;     ///< sorted: links stand in both directions and interest is exchanged
  std::vector<Incarnation> not_ready;  ///< sorted: members that were not Ready in time in the view `view_number`
  ViewNumber view_number = 0;          ///< the view that it has entered
  bool draining = false;
  std::vector<CompleteCopy> complete;  ///< sorted: learners of its partitions in the view `view_number`

  bool is_linked_to(const Incarnation& other) const;
  bool reports_not_ready(const Incarnation& other) const;
  bool reports_complete(const CompleteCopy& copy) const;
  Member member() const { return {incarnation, cluster_address, shard_count, client_addresses}; }

  bool operator==(const BrokerRecord&) const = default;
};

/// The registered brokers, by name.
using BrokerRecords = std::map<std::string, BrokerRecord>;

/// A name that is a znode, a part of `name#epoch` and a word in logs: 1 to 64 of A-Z a-z 0-9 . _ - but not "." or "..".
bool is_broker_name(std::string_view name);

std::string serialize(const BrokerRecord& record);
/// Nothing if it cannot be what the broker of that name wrote.
std::optional<BrokerRecord> parse_broker_record(std::string_view name, std::string_view bytes);

}  // namespace mqttzoo::cluster
