#include "broker/cluster/retained/retained_loader.hpp"

#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/retained_names.hpp"
#include "broker/cluster/retained/topic_reader.hpp"
#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

void RetainedLoader::start(bool repair) {
  ++run_;
  go(repair ? Step::create_each : Step::create_all);
}

void RetainedLoader::resume() {
  if (!waits_for_resume_ || !context_.ensemble.connected()) return;
  waits_for_resume_ = false;
  send();
}

void RetainedLoader::go(Step step) {
  step_ = step;
  waits_for_resume_ = false;
  if (step == Step::load) begin_load();
  send();
}

void RetainedLoader::send() {
  if (!context_.ensemble.connected()) return wait();
  const auto current = [this, run = run_] { return run == run_; };
  auto& ensemble = context_.ensemble;
  switch (step_) {
    case Step::idle:
      return;
    case Step::create_all:
      return ensemble.multi(structure(), [this, current](CoordinatorStatus status, const std::vector<MultiResult>&) {
        if (current()) created_all(status);
      });
    case Step::create_each:
      return create_each();
    case Step::list_log:
      return ensemble.children(znode::changes,
                               [this, current](CoordinatorStatus status, const std::vector<std::string>& names) {
                                 if (current()) log_listed(status, names);
                               });
    case Step::begin_log:
      return ensemble.create(znode::new_change, {}, CreateMode::persistent_sequential,
                             [this, current](CoordinatorStatus status, const std::string&) {
                               if (current()) log_begun(status);
                             });
    case Step::read_sweep:
      return ensemble.get(znode::topics, {},
                          [this, current](CoordinatorStatus status, const std::string&, const ZnodeStat& stat) {
                            if (current()) sweep_read(status, stat);
                          });
    case Step::load:
      return load_more();
  }
}

// ---- The znodes that every cluster has ----

std::vector<MultiOperation> RetainedLoader::structure() const {
  // A bank that is made again begins without credit: an audit finds out what it should have.
  const std::uint64_t credit_bytes = step_ == Step::create_all ? context_.options.bank_bytes : 0;
  std::vector<std::pair<std::string, std::string>> znodes{
      {znode::topics, ""},
      {znode::changes, ""},
      {znode::time, ""},
      {znode::bank, encode_bank(credit_bytes, context_.options.bank_bytes)},
      {znode::bank_blocks, ""}};
  for (std::size_t bucket = 0; bucket < retained_buckets; ++bucket)
    znodes.emplace_back(retained_bucket_path(static_cast<std::uint8_t>(bucket)), "");
  std::vector<MultiOperation> operations;
  for (auto& [path, data] : znodes)
    operations.push_back({.kind = MultiOperation::Kind::create, .path = std::move(path), .data = std::move(data)});
  return operations;
}

void RetainedLoader::created_all(CoordinatorStatus status) {
  if (status == CoordinatorStatus::ok || status == CoordinatorStatus::node_exists) return go(Step::list_log);
  wait();
}

void RetainedLoader::create_each() {
  creation_failed_ = false;
  const auto operations = structure();
  creations_open_ = operations.size();
  for (const auto& operation : operations)
    context_.ensemble.create(operation.path, operation.data, CreateMode::persistent,
                             [this, run = run_](CoordinatorStatus status, const std::string&) {
                               if (run == run_) created_one(status);
                             });
}

void RetainedLoader::created_one(CoordinatorStatus status) {
  if (status != CoordinatorStatus::ok && status != CoordinatorStatus::node_exists) creation_failed_ = true;
  if (--creations_open_ > 0) return;
  if (creation_failed_) return wait();
  go(Step::list_log);
}

// ---- The end of the log ----

void RetainedLoader::log_listed(CoordinatorStatus status, const std::vector<std::string>& names) {
  if (status == CoordinatorStatus::no_node) return go(Step::create_each);
  if (status != CoordinatorStatus::ok) return wait();
  std::optional<ChangeNumber> last;
  for (const auto& name : names) {
    const auto number = change_number(name);
    if (number && (!last || comes_after(*number, *last))) last = number;
  }
  // The number to come is known from the last entry only: so there always is one.
  if (!last) return go(Step::begin_log);
  log_end_(plus(*last, 1));
  go(Step::read_sweep);
}

void RetainedLoader::log_begun(CoordinatorStatus status) {
  if (status == CoordinatorStatus::ok) return go(Step::list_log);
  if (is_lost(status)) step_ = Step::list_log;  // perhaps it was created
  wait();
}

void RetainedLoader::sweep_read(CoordinatorStatus status, const ZnodeStat& stat) {
  if (status == CoordinatorStatus::no_node) return go(Step::create_each);
  if (status != CoordinatorStatus::ok) return wait();
  context_.sweep_number = stat.version;
  go(Step::load);
}

// ---- The values ----

void RetainedLoader::begin_load() {
  context_.cache.begin_generation();
  paths_.clear();
  buckets_.clear();
  for (std::uint32_t bucket = 0; bucket < retained_buckets; ++bucket) buckets_.push_back(bucket);
  in_flight_ = 0;
}

void RetainedLoader::load_more() {
  while (in_flight_ < context_.options.load_requests_max && !waits_for_resume_) {
    if (!paths_.empty()) {
      auto path = std::move(paths_.front());
      paths_.pop_front();
      read_znode(std::move(path));
    } else if (!buckets_.empty()) {
      const auto bucket = buckets_.front();
      buckets_.pop_front();
      list_bucket(bucket);
    } else {
      break;
    }
  }
  if (in_flight_ > 0 || waits_for_resume_) return;
  context_.cache.drop_older_generations();
  step_ = Step::idle;
  loaded_();
}

void RetainedLoader::list_bucket(std::uint32_t bucket) {
  ++in_flight_;
  context_.ensemble.children(retained_bucket_path(static_cast<std::uint8_t>(bucket)),
                             [this, bucket, run = run_](CoordinatorStatus status, std::vector<std::string> names) {
                               if (run == run_) bucket_listed(bucket, status, std::move(names));
                             });
}

void RetainedLoader::bucket_listed(std::uint32_t bucket, CoordinatorStatus status, std::vector<std::string> names) {
  --in_flight_;
  if (status == CoordinatorStatus::no_node) return start(true);
  if (status != CoordinatorStatus::ok) {
    buckets_.push_back(bucket);
    return wait();
  }
  const auto prefix = retained_bucket_path(static_cast<std::uint8_t>(bucket)) + '/';
  for (const auto& name : names) paths_.push_back(prefix + name);
  load_more();
}

void RetainedLoader::read_znode(std::string path) {
  ++in_flight_;
  context_.ensemble.get(
      path, {}, [this, path, run = run_](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
        if (run == run_) znode_read(path, status, data, stat);
      });
}

void RetainedLoader::znode_read(const std::string& path, CoordinatorStatus status, const std::string& data,
                                const ZnodeStat& stat) {
  --in_flight_;
  if (status == CoordinatorStatus::ok) {
    const auto topic = topic_of_znode_name(std::string_view(path).substr(path.rfind('/') + 1));
    enter_znode(context_, path, topic.value_or(std::string()), data, stat);
  } else if (status != CoordinatorStatus::no_node) {
    paths_.push_back(path);
    return wait();
  }
  load_more();
}

}  // namespace mqttzoo::cluster
