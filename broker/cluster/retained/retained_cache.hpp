#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/cluster/retained/topic_trie.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/message.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// What is known of one topic: its value, and its znode.
struct RetainedEntry {
  enum class Kind : std::uint8_t {
    value,
    deleted,     ///< the znode is still there, until the sweeper removes it
    unreadable,  ///< the znode is not ours or damaged; a store writes over it
  };
  std::string topic;
  Kind kind = Kind::value;
  bool local = false;                        ///< of this broker alone ($SYS): never in ZooKeeper
  core::MessageRef message;                  ///< Kind::value
  core::ClusterMilliseconds expires_at = 0;  ///< 0: never
  std::int64_t version = 0;                  ///< the zxid of the commit
  std::int32_t znode_version = -1;
  std::uint64_t credit_bytes = 0;
  std::uint32_t generation = 0;  ///< of the load that has seen it last

  bool expired(core::ClusterMilliseconds now) const { return expires_at != 0 && expires_at <= now; }
};

/// What the reads of one SUBSCRIBE may take: it can hold many wildcards that each match everything.
struct ReadBudget {
  std::size_t steps = 0;    ///< levels of topics that are looked at
  std::size_t matches = 0;  ///< messages
};

/// All retained values of the cluster, in memory. A newer version of a topic replaces an older one, never the other way
/// round, so what is read from the ensemble may be entered in any order. Not bounded by itself: by the Bank, and by
/// `values_max` of its owner. Lives on the control thread.
class RetainedCache {
 public:
  RetainedCache() = default;
  RetainedCache(const RetainedCache&) = delete;
  RetainedCache& operator=(const RetainedCache&) = delete;

  const RetainedEntry* find(std::string_view topic) const { return entries_.find(topic); }

  /// Enters what is known of `entry.topic`. False: something newer is known already.
  bool put(RetainedEntry entry);
  /// The znode was removed at this version.
  void remove(std::string_view topic, std::int64_t version);
  /// There is no znode now.
  void forget(std::string_view topic);

  /// Appends the unexpired values that match filter number `filter_index`.
  void read(std::string_view filter, std::uint32_t filter_index, core::ClusterMilliseconds now,
            std::vector<core::RetainedMatch>& matches) const;

  /// The same for filters number 0, 1, ... within a budget; `budget.steps` keeps what is left. False: it did not
  /// suffice, and some matches of one filter and all of those behind it are missing.
  bool read(const std::vector<std::string>& filters, core::ClusterMilliseconds now, ReadBudget& budget,
            std::vector<core::RetainedMatch>& matches) const;

  /// Up to `count_max` topics whose znodes can be removed: deleted and expired ones.
  std::vector<const RetainedEntry*> due(core::ClusterMilliseconds now, std::size_t count_max) const;

  /// All that is entered from now on is of a new generation.
  void begin_generation() { ++generation_; }
  /// Forgets what no load of this generation has seen.
  void drop_older_generations();

  template <class Visit>
  void for_each(Visit&& visit) const {
    entries_.for_each(visit);
  }

  std::size_t values() const { return values_; }  ///< with those of the broker itself
  std::size_t local_values() const { return local_values_; }
  std::size_t znodes() const { return znodes_; }
  std::uint64_t value_bytes() const { return value_bytes_; }  ///< memory of the messages
  std::uint64_t payload_bytes() const { return payload_bytes_; }
  std::uint64_t credit_bytes() const { return credit_bytes_; }

 private:
  static core::ClusterMilliseconds due_time(const RetainedEntry& entry);
  void count(const RetainedEntry& entry, bool added);
  void erase(const RetainedEntry& entry);

  TopicTrie<RetainedEntry> entries_;
  /// What can be removed, and when. The topics are those of the entries.
  std::set<std::pair<core::ClusterMilliseconds, std::string_view>> due_;
  std::uint32_t generation_ = 0;
  std::size_t values_ = 0;
  std::size_t local_values_ = 0;
  std::size_t znodes_ = 0;
  std::uint64_t value_bytes_ = 0;
  std::uint64_t payload_bytes_ = 0;
  std::uint64_t credit_bytes_ = 0;
};

}  // namespace mqttzoo::cluster
