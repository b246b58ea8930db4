#include "broker/cluster/retained/retained_sweeper.hpp"

#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/retained_names.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

/// Topics and paths in one multi: far below ZooKeeper's packet.
constexpr std::size_t sweep_bytes_max = 256 * 1024;
/// Parts of the multi before the removals.
constexpr std::size_t first_removal = 3;

}  // namespace

void RetainedSweeper::tick() {
  if (busy_ || context_.now < next_at_ || !context_.loaded || !context_.ensemble.connected()) return;
  if (context_.cache.due(context_.clock.now(), 1).empty()) return finish(context_.options.sweep_interval_ms);
  busy_ = true;
  context_.ensemble.get(znode::bank, {},
                        [this](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
                          bank_read(status, data, stat);
                        });
}

void RetainedSweeper::finish(core::Milliseconds pause) {
  busy_ = false;
  next_at_ = context_.now + pause;
}

void RetainedSweeper::bank_read(CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
  proto::Bank bank;
  if (status != CoordinatorStatus::ok || !context_.loaded || !bank.ParseFromString(data))
    return finish(context_.options.retry_ms);
  choose();
  if (removals_.empty()) return finish(context_.options.sweep_interval_ms);
  context_.ensemble.multi(
      operations(bank.credit_bytes(), bank.capacity_bytes(), stat.version),
      [this](CoordinatorStatus answer, const std::vector<MultiResult>& results) { answered(answer, results); });
}

void RetainedSweeper::choose() {
  removals_.clear();
  credit_ = 0;
  std::size_t bytes = 0;
  for (const auto* entry : context_.cache.due(context_.clock.now(), context_.options.sweep_topics_max)) {
    auto path = retained_znode_path(entry->topic);
    bytes += entry->topic.size() + path.size();
    if (!removals_.empty() && bytes > sweep_bytes_max) break;
    removals_.push_back({entry->topic, std::move(path), entry->znode_version});
    credit_ += entry->credit_bytes;
  }
}

std::vector<MultiOperation> RetainedSweeper::operations(std::uint64_t bank_credit, std::uint64_t bank_capacity,
                                                        std::int32_t bank_version) const {
  using Kind = MultiOperation::Kind;
  proto::RetainedChanges changes;
  changes.set_removed(true);
  changes.set_sweep_number(context_.sweep_number + 1);
  for (const auto& removal : removals_) changes.add_changes()->set_topic(removal.topic);
  std::vector<MultiOperation> operations;
  operations.push_back({.kind = Kind::set, .path = znode::topics, .data = {}, .version = context_.sweep_number});
  operations.push_back({.kind = Kind::set,
                        .path = znode::bank,
                        .data = encode_bank(bank_credit + credit_, bank_capacity),
                        .version = bank_version});
  operations.push_back({.kind = Kind::create,
                        .path = znode::new_change,
                        .data = changes.SerializeAsString(),
                        .version = any_version,
                        .mode = CreateMode::persistent_sequential});
  for (const auto& removal : removals_)
    operations.push_back({.kind = Kind::remove, .path = removal.path, .data = {}, .version = removal.version});
  return operations;
}

void RetainedSweeper::answered(CoordinatorStatus status, const std::vector<MultiResult>& results) {
  if (!context_.loaded) return finish(context_.options.retry_ms);
  if (status == CoordinatorStatus::ok) {
    context_.counters.swept += removals_.size();
    return renew_knowledge({}, 0);  // by the log, as all others
  }
  std::size_t failed = 0;
  while (failed < results.size() && results[failed].status == CoordinatorStatus::ok) ++failed;
  // After a lost answer the log will tell, and no version of the multi fits twice.
  if (is_lost(status) || failed < first_removal || failed - first_removal >= removals_.size())
    return renew_knowledge({}, 0);
  const auto& removal = removals_[failed - first_removal];
  renew_knowledge(removal.topic, removal.version);
}

void RetainedSweeper::renew_knowledge(std::string topic, std::int32_t known_version) {
  const bool many_are_left = removals_.size() == context_.options.sweep_topics_max;
  next_at_ =
      context_.now + (many_are_left || !topic.empty() ? context_.options.retry_ms : context_.options.sweep_interval_ms);
  if (!log_.running()) {
    busy_ = false;
    return;
  }
  log_.catch_up([this, topic = std::move(topic), known_version] {
    const auto* const known = context_.cache.find(topic);
    if (!topic.empty() && known && known->znode_version == known_version) topics_.read(topic);
    topics_.when_settled([this] { busy_ = false; });
  });
}

}  // namespace mqttzoo::cluster
