#include "broker/cluster/interest/interest_tree.hpp"

#include <string>
#include <vector>

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::cluster {

namespace {

/// A slot is 64 bytes and a topic: less than a mebibyte per shard, made when the first remote interest comes.
constexpr core::MatchCache<Targets>::Bounds cache_bounds{.slots = 8192, .topic_bytes_max = 256, .cost_max = 8192};

}  // namespace

InterestTree::InterestTree() : cache_(cache_bounds) {}

void InterestTree::add(InterestOwner owner, std::string_view filter) {
  Targets* const known = tree_.find(filter, owners_key);
  Targets owners = known ? *known : Targets();
  owners.of(owner.kind).add(owner.index);
  if (known && *known == owners) return;
  tree_.insert(filter, owners_key, owners);
  forget_matches(filter);
}

void InterestTree::remove(InterestOwner owner, std::string_view filter) {
  Targets* const owners = tree_.find(filter, owners_key);
  if (!owners || !owners->of(owner.kind).has(owner.index)) return;
  owners->of(owner.kind).remove(owner.index);
  if (owners->empty()) tree_.erase(filter, owners_key);
  forget_matches(filter);
}

void InterestTree::forget(InterestOwner owner) {
  std::vector<std::string> filters;
  tree_.for_each_filter([&](std::string_view filter, const auto& entries) {
    for (const auto& entry : entries) {
      Targets owners = entry.value;
      if (owners.of(owner.kind).has(owner.index)) filters.emplace_back(filter);
    }
  });
  for (const std::string& filter : filters) remove(owner, filter);
}

Targets InterestTree::look_up(std::string_view topic) {
  Targets found;
  tree_.match(topic, [&](const auto& entries) {
    for (const auto& entry : entries) found |= entry.value;
  });
  return cache_.keep(topic, found, 1);
}

void InterestTree::forget_matches(std::string_view filter) {
  if (mqtt::has_wildcard(filter)) {
    cache_.forget_all();
  } else {
    cache_.forget(filter);
  }
}

}  // namespace mqttzoo::cluster
