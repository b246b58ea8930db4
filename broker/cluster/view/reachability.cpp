#include "broker/cluster/view/reachability.hpp"

namespace mqttzoo::cluster {

namespace {

bool says_not_ready(const BrokerRecord& broker, const Incarnation& other, ViewNumber view) {
  return broker.view_number == view && broker.reports_not_ready(other);
}

/// The records of the view's members that are registered as the incarnation that is the member.
std::vector<const BrokerRecord*> members_of(const View& view, const BrokerRecords& records) {
  std::vector<const BrokerRecord*> members;
  for (const auto& [name, record] : records)
    if (view.find(record.incarnation)) members.push_back(&record);
  return members;
}

}  // namespace

void Reachability::update(const View& view, const BrokerRecords& records, core::Milliseconds now) {
  const auto members = members_of(view, records);
  std::map<std::pair<Incarnation, Incarnation>, Pair> pairs;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = i + 1; j < members.size(); ++j) {
      const BrokerRecord& first = *members[i];
      const BrokerRecord& second = *members[j];
      Pair pair{.since = now};
      const bool first_waits_in_vain = says_not_ready(first, second.incarnation, view.number);
      const bool second_waits_in_vain = says_not_ready(second, first.incarnation, view.number);
      pair.first_accuses = first_waits_in_vain || !first.is_linked_to(second.incarnation);
      pair.second_accuses = second_waits_in_vain || !second.is_linked_to(first.incarnation);
      pair.at_once = first_waits_in_vain || second_waits_in_vain;
      if (!pair.first_accuses && !pair.second_accuses) continue;

      const std::pair key{first.incarnation, second.incarnation};
      if (const auto known = pairs_.find(key); known != pairs_.end()) pair.since = known->second.since;
      pairs.emplace(key, pair);
    }
  }
  pairs_ = std::move(pairs);
}

std::vector<PartedMembers> Reachability::parted(core::Milliseconds now) const {
  std::vector<PartedMembers> parted;
  bool any_overdue = false;
  for (const auto& [key, pair] : pairs_) {
    const bool overdue = pair.at_once || now - pair.since >= grace_ms_;
    any_overdue |= overdue;
    parted.push_back({key.first, key.second, pair.first_accuses, pair.second_accuses, overdue});
  }
  if (!any_overdue) parted.clear();
  return parted;
}

void Reachability::forgive(core::Milliseconds gap) {
  for (auto& [key, pair] : pairs_) pair.since += gap;
}

}  // namespace mqttzoo::cluster
