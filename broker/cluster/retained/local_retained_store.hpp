#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/retained/retained_answer.hpp"
#include "broker/cluster/retained/retained_cache.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "broker/cluster/retained/retained_store.hpp"

namespace mqttzoo::cluster {

/// Topics of the broker itself: kept by each broker for itself, never in ZooKeeper, at no cost of credit.
inline bool is_local_topic(std::string_view topic) { return topic.starts_with("$SYS/"); }

/// Enters a value of the broker itself, or deletes it with an empty payload. Over `local_values_max` it is not kept.
RetainedAnswer store_locally(RetainedCache& cache, core::MessageRef message, const RetainedOptions& options,
                             RetainedCounters& counters);

/// The retained values of a lone broker, in memory. The same limits as in a cluster: time to live, the Bank, sizes.
/// Every call is answered from inside it, but for reads when those since the last tick took many steps
/// (`read_steps_per_tick`): they are answered by the next ticks. Lives on the control thread.
class LocalRetainedStore final : public RetainedStore {
 public:
  LocalRetainedStore(RetainedOptions options, ClusterClock& clock)
      : options_(options), clock_(clock), credit_left_(options.bank_bytes) {}

  void store(core::MessageRef message, bool refusable, StoreCallback done) override;
  void read(std::vector<std::string> filters, ReadCallback done) override;

  /// At least every second. Removes what has expired, and answers reads that wait.
  void tick(core::Milliseconds now);
  /// A tick is wanted soon.
  bool has_reads_waiting() const { return !waiting_.empty(); }

  const RetainedCounters& counters() const { return counters_; }
  const RetainedCache& cache() const { return cache_; }
  std::uint64_t credit_left() const { return credit_left_; }

 private:
  RetainedAnswer store_value(core::MessageRef message, bool refusable);
  void remove(const RetainedEntry& entry);
  void sweep();
  void answer_reads();

  struct Read {
    std::vector<std::string> filters;
    ReadCallback done;
  };

  const RetainedOptions options_;
  ClusterClock& clock_;
  RetainedCache cache_;
  RetainedCounters counters_;
  std::uint64_t credit_left_;
  std::int64_t last_version_ = 0;
  std::deque<Read> waiting_;
  std::size_t steps_in_tick_ = 0;
};

}  // namespace mqttzoo::cluster
