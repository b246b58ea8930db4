#include "broker/cluster/view/broker_record.hpp"

#include <algorithm>
#include <limits>

#include "broker/cluster/view/view_codec.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

std::vector<Incarnation> sorted_from(const google::protobuf::RepeatedPtrField<proto::Incarnation>& incarnations) {
  std::vector<Incarnation> sorted;
  for (const proto::Incarnation& incarnation : incarnations) sorted.push_back(from_proto(incarnation));
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

bool BrokerRecord::is_linked_to(const Incarnation& other) const {
  return std::binary_search(linked.begin(), linked.end(), other);
}

bool BrokerRecord::reports_not_ready(const Incarnation& other) const {
  return std::binary_search(not_ready.begin(), not_ready.end(), other);
}

bool BrokerRecord::reports_complete(const CompleteCopy& copy) const {
  return std::binary_search(complete.begin(), complete.end(), copy);
}

bool is_broker_name(std::string_view name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(allowed) == std::string_view::npos &&
         name != "." && name != "..";
}

std::string serialize(const BrokerRecord& record) {
  proto::BrokerInfo info;
  to_proto(record.incarnation, *info.mutable_incarnation());
  info.set_cluster_address(record.cluster_address);
  info.set_version(record.version);
  info.set_shard_count(record.shard_count);
  for (const std::string& listener : record.listeners) info.add_listeners(listener);
  for (const std::string& address : record.client_addresses) info.add_client_addresses(address);
  for (const Incarnation& incarnation : record.linked) to_proto(incarnation, *info.add_linked());
  for (const Incarnation& incarnation : record.not_ready) to_proto(incarnation, *info.add_not_ready());
  info.set_view_number(record.view_number);
  info.set_draining(record.draining);
  for (const CompleteCopy& copy : record.complete) {
    proto::CompleteCopy& to = *info.add_complete();
    to.set_partition(copy.partition);
    to_proto(copy.copy, *to.mutable_copy());
  }
  return info.SerializeAsString();
}

std::optional<BrokerRecord> parse_broker_record(std::string_view name, std::string_view bytes) {
  proto::BrokerInfo info;
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !info.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return std::nullopt;
  if (!is_broker_name(name) || info.incarnation().name() != name || info.incarnation().epoch() == 0)
    return std::nullopt;
  if (info.shard_count() == 0 || info.shard_count() > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  if (info.cluster_address().find(':') == std::string::npos) return std::nullopt;

  BrokerRecord record;
  record.incarnation = from_proto(info.incarnation());
  record.cluster_address = info.cluster_address();
  record.version = info.version();
  record.shard_count = static_cast<std::uint16_t>(info.shard_count());
  record.listeners.assign(info.listeners().begin(), info.listeners().end());
  record.client_addresses = client_addresses_from(info.client_addresses());
  record.linked = sorted_from(info.linked());
  record.not_ready = sorted_from(info.not_ready());
  record.view_number = info.view_number();
  record.draining = info.draining();
  for (const proto::CompleteCopy& copy : info.complete()) {
    if (copy.partition() > std::numeric_limits<PartitionIndex>::max()) return std::nullopt;
    record.complete.push_back({static_cast<PartitionIndex>(copy.partition()), from_proto(copy.copy())});
  }
  std::sort(record.complete.begin(), record.complete.end());
  return record;
}

}  // namespace mqttzoo::cluster
