#include "broker/cluster/retained/bank_audit.hpp"

#include <utility>

#include "broker/cluster/znode_paths.hpp"
#include "broker/common/ensure.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

constexpr int attempts_max = 10;

MultiOperation check_of(std::string path, std::int32_t version) {
  return {.kind = MultiOperation::Kind::check, .path = std::move(path), .data = {}, .version = version};
}

}  // namespace

void BankAudit::run(Done done) {
  ensure(!running(), "one audit at a time");
  done_ = std::move(done);
  attempts_ = 0;
  begin();
}

void BankAudit::begin() {
  ++run_;
  balance_ = {};
  checks_.clear();
  failed_ = false;
  if (++attempts_ > attempts_max || !context_.loaded || !context_.ensemble.connected()) return finish(std::nullopt);
  read_bank();
}

void BankAudit::read_bank() {
  context_.ensemble.get(znode::bank, {},
                        [this, run = run_](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
                          if (run != run_) return;
                          proto::Bank bank;
                          if (status != CoordinatorStatus::ok || !bank.ParseFromString(data))
                            return finish(std::nullopt);
                          balance_.bank_bytes = bank.credit_bytes();
                          balance_.capacity_bytes = bank.capacity_bytes();
                          balance_.bank_version = stat.version;
                          checks_.push_back(check_of(znode::bank, stat.version));
                          list_blocks();
                        });
}

void BankAudit::list_blocks() {
  context_.ensemble.get(znode::bank_blocks, {},
                        [this, run = run_](CoordinatorStatus status, const std::string&, const ZnodeStat& stat) {
                          if (run == run_ && status == CoordinatorStatus::ok)
                            checks_.push_back(check_of(znode::bank_blocks, stat.version));
                        });
  context_.ensemble.children(znode::bank_blocks,
                             [this, run = run_](CoordinatorStatus status, std::vector<std::string> names) {
                               if (run != run_) return;
                               if (status != CoordinatorStatus::ok) return finish(std::nullopt);
                               read_blocks(std::move(names));
                             });
}

void BankAudit::read_blocks(std::vector<std::string> names) {
  blocks_open_ = names.size();
  for (const auto& name : names) {
    auto path = znode::under(znode::bank_blocks, name);
    context_.ensemble.get(
        path, {}, [this, path, run = run_](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
          if (run == run_) block_read(path, status, data, stat);
        });
  }
  if (names.empty()) sum_values();
}

void BankAudit::block_read(const std::string& path, CoordinatorStatus status, const std::string& data,
                           const ZnodeStat& stat) {
  proto::BankBlock block;
  if (status != CoordinatorStatus::ok) {
    failed_ = true;
  } else if (block.ParseFromString(data)) {
    balance_.block_bytes += block.credit_bytes();
    checks_.push_back(check_of(path, stat.version));
  }
  if (--blocks_open_ > 0) return;
  if (failed_) return begin();
  sum_values();
}

void BankAudit::sum_values() {
  log_.catch_up([this, run = run_] {
    if (run != run_) return;
    topics_.when_settled([this, run] {
      if (run != run_) return;
      balance_.value_bytes = context_.cache.credit_bytes();
      balance_.values = context_.cache.znodes();
      confirm();
    });
  });
}

void BankAudit::confirm() {
  context_.ensemble.multi(checks_, [this, run = run_](CoordinatorStatus status, const std::vector<MultiResult>&) {
    if (run != run_) return;
    if (status == CoordinatorStatus::ok) return finish(balance_);
    begin();
  });
}

void BankAudit::finish(std::optional<BankBalance> balance) {
  ++run_;
  std::exchange(done_, nullptr)(balance);
}

}  // namespace mqttzoo::cluster
