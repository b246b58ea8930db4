#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "broker/cluster/interest/targets.hpp"
#include "broker/core/match_cache.hpp"
#include "broker/core/topic_tree.hpp"

namespace mqttzoo::cluster {

/// Which other shards of this broker, and which other brokers, want which messages. Each shard has one; its owners'
/// interest comes from control, in order, as snapshots and deltas. Bounded by what the owners subscribe to. One thread.
class InterestTree {
 public:
  InterestTree();

  /// The filter must be valid. Twice is as good as once.
  void add(InterestOwner owner, std::string_view filter);
  void remove(InterestOwner owner, std::string_view filter);
  /// Everything of one owner, before its snapshot or when it is gone. Linear in all filters.
  void forget(InterestOwner owner);

  /// Nobody else wants anything: no look-up is needed.
  bool empty() const { return tree_.filter_count() == 0; }
  std::size_t filters() const { return tree_.filter_count(); }

  /// Allocates nothing, but for a topic that enters the cache.
  Targets match(std::string_view topic) {
    if (empty()) return {};
    if (const Targets* const known = cache_.find(topic)) return *known;
    return look_up(topic);
  }

 private:
  /// One entry per filter: all its owners.
  static constexpr std::uint8_t owners_key = 0;

  Targets look_up(std::string_view topic);
  void forget_matches(std::string_view filter);

  core::TopicTree<std::uint8_t, Targets> tree_;
  core::MatchCache<Targets> cache_;
};

}  // namespace mqttzoo::cluster
