#include "broker/cluster/retained/commit_lane.hpp"

#include <utility>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

void CommitLane::pump() {
  while (step_ == Step::idle && context_.loaded && context_.ensemble.connected() && context_.now >= not_before_) {
    if (!next_block_.empty()) block_.assign(std::exchange(next_block_, {}));
    if (block_.path().empty()) return;
    const bool had_work = queue_.has_ready() || gives_back_;
    begin();
    if (step_ == Step::idle && !had_work) return;
  }
}

/// Takes the next step, or none when there is no work.
void CommitLane::begin() {
  if (gives_back_ && (!block_.ready() || block_.credit() == 0)) {
    gives_back_ = false;
    owner_.credit_given_back();
    if (step_ != Step::idle) return;
  }
  if (gives_back_) return give_back(block_.credit());
  if (queue_.has_ready()) {
    busy_at_ = context_.now;
    return block_.ready() ? pay_and_commit() : open_block();
  }
  if (!block_.ready()) return;
  if (const auto surplus = policy().surplus(block_.credit())) return give_back(surplus);
  if (block_.credit() > 0 && context_.now - busy_at_ >= context_.options.block_idle_ms) give_back(block_.credit());
}

void CommitLane::tick() {
  block_.resume();
  pump();
}

bool CommitLane::give_back_all() {
  const bool has_none = block_.ready() ? block_.credit() == 0 : !block_.busy();
  if (step_ == Step::collecting || has_none) return false;
  gives_back_ = true;
  pump();
  return gives_back_;
}

void CommitLane::open_block() {
  step_ = Step::opening;
  block_.open([this] {
    step_ = Step::idle;
    pump();
  });
}

void CommitLane::retry_later() {
  not_before_ = context_.now + context_.options.retry_ms;
  step_ = Step::idle;
}

// ---- Commits ----

void CommitLane::pay_and_commit() {
  commit_.fill(queue_, topics_max_ > 0 ? topics_max_ : context_.options.commit_topics_max);
  const auto cost = commit_.cost();
  const auto credit = static_cast<std::int64_t>(block_.credit());
  if (cost > credit && !bank_is_dry_) {
    commit_.put_back(queue_);
    return withdraw(static_cast<std::uint64_t>(cost - credit));
  }
  if (cost > credit) commit_.drop_unaffordable(queue_, block_.credit());
  bank_is_dry_ = has_collected_ = false;
  if (!commit_.empty()) return commit();
  queue_.tell();
}

void CommitLane::commit() {
  step_ = Step::committing;
  const auto credit = static_cast<std::uint64_t>(static_cast<std::int64_t>(block_.credit()) - commit_.cost());
  block_.write(credit, commit_.operations(), [this](const BankBlockWriter::Outcome& outcome) {
    step_ = Step::idle;
    if (outcome.written) {
      committed(outcome);
    } else {
      commit_failed(outcome);
    }
    queue_.tell();
    pump();
  });
}

void CommitLane::committed(const BankBlockWriter::Outcome& outcome) {
  ++context_.counters.commits;
  topics_max_ = 0;
  if (commit_.has_log_entry() && outcome.results.size() > RetainedCommit::log_entry_part)
    owner_.change_logged(outcome.results[RetainedCommit::log_entry_part].created_path);
  commit_.carried_out(queue_, outcome.zxid, outcome.results.empty());
}

void CommitLane::commit_failed(const BankBlockWriter::Outcome& outcome) {
  using enum CoordinatorStatus;
  if (outcome.failed_part != BankBlockWriter::Outcome::no_part) return commit_conflict(outcome);
  if (outcome.status == too_large && commit_.topics() == 1) return commit_.drop_too_large(queue_);
  if (outcome.status == too_large) topics_max_ = 1;
  const bool is_refused = outcome.status == failed;
  if (is_refused) context_.log(ReportLevel::error, "ZooKeeper refuses to store retained values");
  commit_.put_back(queue_);
  if (is_refused) retry_later();
}

void CommitLane::commit_conflict(const BankBlockWriter::Outcome& outcome) {
  using enum CoordinatorStatus;
  ++context_.counters.commits_repeated;
  const auto* const item = commit_.item_of_part(outcome.failed_part);
  const std::string topic = item ? item->after.topic : std::string();
  const std::int32_t known_version = item ? item->known_version : commit_.sweep_number();
  const bool creates = !item || item->kind == RetainedCommit::Item::Kind::create ||
                       item->kind == RetainedCommit::Item::Kind::confirm_absent;
  commit_.put_back(queue_);
  if (outcome.status == failed) return retry_later();
  if (outcome.status == no_node && creates) {
    retry_later();
    return owner_.structure_missing();
  }
  step_ = Step::renewing;
  owner_.renew_knowledge(*this, topic, known_version);
}

void CommitLane::knowledge_renewed() {
  if (step_ != Step::renewing) return;
  step_ = Step::idle;
  pump();
}

// ---- Credit ----

void CommitLane::withdraw(std::uint64_t missing) {
  read_bank([this, missing](std::uint64_t credit, std::uint64_t capacity, std::int32_t version) {
    bank_has(missing, credit, capacity, version);
  });
}

void CommitLane::bank_has(std::uint64_t missing, std::uint64_t credit, std::uint64_t capacity, std::int32_t version) {
  if (credit < missing && !has_collected_) {
    step_ = Step::collecting;
    gives_back_ = false;  // whoever asks for it lacks it as we do
    return owner_.collect_credit(*this);
  }
  bank_is_dry_ = credit < missing;
  const auto amount = policy().withdrawal(missing, credit);
  if (amount > 0) return move_credit(credit - amount, capacity, version, block_.credit() + amount);
  step_ = Step::idle;
  pump();
}

void CommitLane::credit_collected() {
  if (step_ != Step::collecting) return;
  has_collected_ = true;
  step_ = Step::idle;
  pump();
}

void CommitLane::give_back(std::uint64_t amount) {
  read_bank([this, amount](std::uint64_t credit, std::uint64_t capacity, std::int32_t version) {
    move_credit(credit + amount, capacity, version, block_.credit() - amount);
  });
}

void CommitLane::read_bank(std::function<void(std::uint64_t, std::uint64_t, std::int32_t)> done) {
  step_ = Step::reading_bank;
  context_.ensemble.get(
      znode::bank, {},
      [this, done = std::move(done)](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
        proto::Bank bank;
        if (status == CoordinatorStatus::ok && bank.ParseFromString(data))
          return done(bank.credit_bytes(), bank.capacity_bytes(), stat.version);
        retry_later();
        if (status == CoordinatorStatus::ok) context_.log(ReportLevel::error, "unreadable znode /bank");
        if (status == CoordinatorStatus::no_node) owner_.structure_missing();
      });
}

void CommitLane::move_credit(std::uint64_t bank_credit, std::uint64_t bank_capacity, std::int32_t bank_version,
                             std::uint64_t block_credit) {
  step_ = Step::moving_credit;
  std::vector<MultiOperation> operations;
  operations.push_back({.kind = MultiOperation::Kind::set,
                        .path = znode::bank,
                        .data = encode_bank(bank_credit, bank_capacity),
                        .version = bank_version});
  block_.write(block_credit, std::move(operations), [this](const BankBlockWriter::Outcome& outcome) {
    step_ = Step::idle;
    if (!outcome.written) bank_is_dry_ = false;
    if (outcome.status == CoordinatorStatus::failed) retry_later();
    pump();
  });
}

}  // namespace mqttzoo::cluster
