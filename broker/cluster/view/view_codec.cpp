#include "broker/cluster/view/view_codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mqttzoo::cluster {

namespace {

/// Views are counted one by one: no cluster comes so far, and whoever counts on from here does not begin anew.
constexpr ViewNumber view_number_max = ViewNumber{1} << 62;

bool valid(const View& view) {
  const auto& members = view.members;
  const bool sorted = std::adjacent_find(members.begin(), members.end(), [](const Member& a, const Member& b) {
                        return a.incarnation >= b.incarnation;
                      }) == members.end();
  return view.number <= view_number_max && sorted && !members.empty() && members.size() <= members_max &&
         !view.primaries.empty() &&
         std::all_of(members.begin(), members.end(), [](const Member& member) { return member.shard_count > 0; }) &&
         std::all_of(view.primaries.begin(), view.primaries.end(),
                     [&](std::uint16_t primary) { return primary < members.size(); }) &&
         std::none_of(view.removed.begin(), view.removed.end(),
                      [&](const RemovedMember& removed) { return view.find(removed.incarnation) != nullptr; });
}

bool valid_copies(const View& view) {
  if (view.copies.empty()) return true;
  if (view.copies.size() != view.primaries.size()) return false;
  for (std::size_t partition = 0; partition < view.copies.size(); ++partition) {
    const PartitionCopies& copies = view.copies[partition];
    const bool sorted =
        std::adjacent_find(copies.begin(), copies.end(), [](const PartitionCopy& a, const PartitionCopy& b) {
          return a.member >= b.member;
        }) == copies.end();
    const bool others = std::all_of(copies.begin(), copies.end(), [&](const PartitionCopy& copy) {
      return copy.member < view.members.size() && copy.member != view.primaries[partition];
    });
    if (!sorted || !others) return false;
  }
  return true;
}

constexpr std::uint32_t index_max = std::numeric_limits<std::uint16_t>::max();

/// A number that is too large becomes one that no member has.
std::uint16_t clipped(std::uint32_t member) { return static_cast<std::uint16_t>(std::min(member, index_max)); }

}  // namespace

void to_proto(const Incarnation& incarnation, proto::Incarnation& out) {
  out.set_name(incarnation.name);
  out.set_epoch(incarnation.epoch);
}

Incarnation from_proto(const proto::Incarnation& incarnation) { return {incarnation.name(), incarnation.epoch()}; }

ClientAddresses client_addresses_from(const google::protobuf::RepeatedPtrField<std::string>& addresses) {
  ClientAddresses kept;
  for (const std::string& address : addresses) {
    if (kept.size() == client_addresses_max) break;
    kept.push_back(address.size() <= client_address_bytes_max ? address : std::string());
  }
  return kept;
}

proto::View to_proto(const View& view) {
  proto::View out;
  out.set_number(view.number);
  for (const Member& member : view.members) {
    proto::Member& to = *out.add_members();
    to_proto(member.incarnation, *to.mutable_incarnation());
    to.set_cluster_address(member.cluster_address);
    to.set_shard_count(member.shard_count);
    for (const std::string& address : member.client_addresses) to.add_client_addresses(address);
  }
  for (const std::uint16_t primary : view.primaries) out.add_primaries(primary);
  for (const PartitionCopies& copies : view.copies) {
    proto::PartitionCopies& to = *out.add_copies();
    for (const PartitionCopy& copy : copies)
      copy.in_sync ? to.add_secondaries(copy.member) : to.add_learners(copy.member);
  }
  for (const RemovedMember& removed : view.removed) {
    proto::Removed& to = *out.add_removed();
    to_proto(removed.incarnation, *to.mutable_incarnation());
    to.set_in_view(removed.in_view);
    for (const PartitionIndex partition : removed.partitions) to.add_partitions(partition);
  }
  return out;
}

SharedView from_proto(const proto::View& from) {
  auto view = std::make_shared<View>();
  view->number = from.number();
  for (const proto::Member& member : from.members()) {
    if (member.shard_count() > index_max) return nullptr;
    view->members.push_back({from_proto(member.incarnation()), member.cluster_address(),
                             static_cast<std::uint16_t>(member.shard_count()),
                             client_addresses_from(member.client_addresses())});
  }
  if (static_cast<std::uint32_t>(from.primaries_size()) > index_max) return nullptr;
  for (const std::uint32_t primary : from.primaries()) {
    if (primary > index_max) return nullptr;
    view->primaries.push_back(static_cast<std::uint16_t>(primary));
  }
  if (from.copies_size() > from.primaries_size()) return nullptr;
  for (const proto::PartitionCopies& copies : from.copies()) {
    PartitionCopies& to = view->copies.emplace_back();
    for (const std::uint32_t member : copies.secondaries()) to.push_back({clipped(member), true});
    for (const std::uint32_t member : copies.learners()) to.push_back({clipped(member), false});
    std::sort(to.begin(), to.end());
  }
  for (const proto::Removed& removed : from.removed()) {
    RemovedMember to{from_proto(removed.incarnation()), removed.in_view(), {}};
    for (const std::uint32_t partition : removed.partitions()) {
      if (partition >= view->primaries.size()) return nullptr;
      to.partitions.push_back(static_cast<PartitionIndex>(partition));
    }
    view->removed.push_back(std::move(to));
  }
  return valid(*view) && valid_copies(*view) ? view : nullptr;
}

std::string serialize(const View& view) { return to_proto(view).SerializeAsString(); }

SharedView parse_view(std::string_view bytes) {
  proto::View view;
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !view.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return nullptr;
  return from_proto(view);
}

}  // namespace mqttzoo::cluster
