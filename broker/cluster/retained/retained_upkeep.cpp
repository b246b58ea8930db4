#include "broker/cluster/retained/retained_upkeep.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/bank_block.hpp"
#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

constexpr std::size_t trimmed_at_once = 500;

}  // namespace

void RetainedUpkeep::tick() {
  if (busy_ || context_.now < next_at_ || !context_.loaded || !context_.ensemble.connected()) return;
  busy_ = true;
  list_log();
}

void RetainedUpkeep::end(bool completed) {
  busy_ = false;
  next_at_ = context_.now + (completed ? context_.options.upkeep_interval_ms : context_.options.retry_ms);
}

// ---- The change log ----

void RetainedUpkeep::list_log() {
  context_.ensemble.children(znode::changes, [this](CoordinatorStatus status, const std::vector<std::string>& names) {
    if (status != CoordinatorStatus::ok) return end(false);
    log_listed(names);
  });
}

void RetainedUpkeep::log_listed(const std::vector<std::string>& names) {
  std::vector<ChangeNumber> numbers;
  for (const auto& name : names) {
    if (const auto number = change_number(name)) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end(), [](ChangeNumber a, ChangeNumber b) { return comes_after(b, a); });
  to_trim_.clear();
  if (last_entry_) {
    const auto keep_from = plus(*last_entry_, 0U - static_cast<std::uint32_t>(context_.options.changes_kept));
    const auto kept = std::find_if(numbers.begin(), numbers.end(),
                                   [keep_from](ChangeNumber number) { return comes_after(number, keep_from); });
    to_trim_.assign(numbers.begin(), kept);
  }
  last_entry_.reset();
  if (!numbers.empty()) last_entry_ = numbers.back();
  trim();
}

void RetainedUpkeep::trim() {
  if (to_trim_.empty()) return list_blocks();
  using Kind = MultiOperation::Kind;
  const auto count = std::min(to_trim_.size(), trimmed_at_once);
  std::vector<MultiOperation> operations;
  const auto last = change_path(to_trim_[count - 1]);
  operations.push_back({.kind = Kind::set, .path = znode::changes, .data = last.substr(last.rfind('/') + 1)});
  for (std::size_t index = 0; index < count; ++index)
    operations.push_back({.kind = Kind::remove, .path = change_path(to_trim_[index]), .data = {}});
  to_trim_.erase(to_trim_.begin(), to_trim_.begin() + static_cast<std::ptrdiff_t>(count));
  context_.ensemble.multi(std::move(operations), [this](CoordinatorStatus status, const std::vector<MultiResult>&) {
    if (status != CoordinatorStatus::ok) return end(false);
    trim();
  });
}

// ---- Blocks of dead brokers ----

void RetainedUpkeep::list_blocks() {
  context_.ensemble.children(znode::bank_blocks,
                             [this](CoordinatorStatus status, const std::vector<std::string>& names) {
                               if (status != CoordinatorStatus::ok) return end(false);
                               dead_blocks_.clear();
                               for (const auto& name : names) {
                                 const auto owner = owner_of_block(name);
                                 if (owner && std::find(living_.begin(), living_.end(), *owner) == living_.end())
                                   dead_blocks_.push_back(name);
                               }
                               next_block();
                             });
}

void RetainedUpkeep::next_block() {
  if (dead_blocks_.empty()) return audit();
  const auto path = znode::under(znode::bank_blocks, dead_blocks_.back());
  dead_blocks_.pop_back();
  context_.ensemble.get(path, {},
                        [this, path](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
                          if (status == CoordinatorStatus::no_node) return next_block();
                          if (status != CoordinatorStatus::ok) return end(false);
                          block_read(path, data, stat);
                        });
}

void RetainedUpkeep::block_read(const std::string& path, const std::string& data, const ZnodeStat& stat) {
  proto::BankBlock block;
  const bool is_empty = !block.ParseFromString(data) || block.credit_bytes() == 0;
  if (!is_empty) return return_block(path, data, stat);
  const auto age = context_.clock.now() - stat.modified_time_ms;
  if (age < context_.options.empty_block_kept_ms) return next_block();
  context_.ensemble.remove(path, stat.version, [this](CoordinatorStatus status) {
    if (is_lost(status)) return end(false);
    next_block();
  });
}

void RetainedUpkeep::return_block(const std::string& path, const std::string& data, const ZnodeStat& stat) {
  const auto bank_read = [this, path, data, stat](CoordinatorStatus status, const std::string& bank_data,
                                                  const ZnodeStat& bank_stat) {
    proto::Bank bank;
    proto::BankBlock block;
    if (status != CoordinatorStatus::ok || !bank.ParseFromString(bank_data) || !block.ParseFromString(data))
      return end(false);
    const auto credit = bank.credit_bytes() + block.credit_bytes();
    block.set_credit_bytes(0);
    if (block.owner_zxid() == 0) block.set_owner_zxid(stat.modified_zxid);
    using Kind = MultiOperation::Kind;
    std::vector<MultiOperation> operations;
    operations.push_back({.kind = Kind::set,
                          .path = znode::bank,
                          .data = encode_bank(credit, bank.capacity_bytes()),
                          .version = bank_stat.version});
    operations.push_back({.kind = Kind::set, .path = path, .data = block.SerializeAsString(), .version = stat.version});
    context_.ensemble.multi(std::move(operations), [this](CoordinatorStatus answer, const std::vector<MultiResult>&) {
      if (answer != CoordinatorStatus::ok) return end(false);
      next_block();
    });
  };
  context_.ensemble.get(znode::bank, {}, bank_read);
}

// ---- The bank ----

void RetainedUpkeep::audit() {
  if (audit_.running()) return end(true);
  audit_.run([this](std::optional<BankBalance> balance) {
    if (!balance) return end(true);
    correct_bank(*balance);
  });
}

void RetainedUpkeep::correct_bank(const BankBalance& balance) {
  const auto wanted = static_cast<std::int64_t>(context_.options.bank_bytes);
  const auto capacity = static_cast<std::int64_t>(balance.capacity_bytes);
  const auto missing = balance.missing();
  if (missing == 0 && wanted == capacity) return end(true);
  if (missing != 0)
    context_.log(ReportLevel::error, "the Bank lacks " + std::to_string(missing) +
                                         " bytes of credit: somebody has changed znodes by hand; put right");
  // A bank that is to be smaller than what is lent shrinks as far as it can, and again when values are deleted.
  const auto credit = static_cast<std::int64_t>(balance.bank_bytes) + missing + wanted - capacity;
  const auto shortfall = credit < 0 ? -credit : 0;
  const auto new_credit = static_cast<std::uint64_t>(credit + shortfall);
  const auto new_capacity = static_cast<std::uint64_t>(wanted + shortfall);
  if (new_credit == balance.bank_bytes && new_capacity == balance.capacity_bytes) return end(true);
  context_.ensemble.set(znode::bank, encode_bank(new_credit, new_capacity), balance.bank_version,
                        [this](CoordinatorStatus status, const ZnodeStat&) { end(!is_lost(status)); });
}

}  // namespace mqttzoo::cluster
