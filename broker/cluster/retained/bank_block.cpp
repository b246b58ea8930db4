#include "broker/cluster/retained/bank_block.hpp"

#include <charconv>
#include <utility>

#include "broker/cluster/znode_paths.hpp"
#include "broker/common/ensure.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

namespace {

std::string encode_block(std::uint64_t credit, std::uint64_t write_number) {
  proto::BankBlock block;
  block.set_credit_bytes(credit);
  block.set_write_number(write_number);
  return block.SerializeAsString();
}

}  // namespace

std::string block_path(const Incarnation& owner, std::size_t lane) {
  return znode::under(znode::bank_blocks, owner.text() + '.' + std::to_string(lane));
}

std::optional<Incarnation> owner_of_block(std::string_view name) {
  const auto hash = name.rfind('#');
  const auto dot = name.rfind('.');
  if (hash == std::string_view::npos || dot == std::string_view::npos || dot < hash) return std::nullopt;
  Incarnation owner{std::string(name.substr(0, hash)), 0};
  const auto digits = name.substr(hash + 1, dot - hash - 1);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), owner.epoch);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return owner;
}

void BankBlockWriter::assign(std::string path) {
  ensure(!busy(), "a block is left when nothing is under way");
  path_ = std::move(path);
  step_ = Step::closed;
  credit_ = 0;
  write_number_ = 0;
}

void BankBlockWriter::open(std::function<void()> done) {
  ensure(step_ == Step::closed && !path_.empty(), "a block is opened once, and has a name");
  opened_ = std::move(done);
  step_ = Step::opening;
  send();
}

void BankBlockWriter::write(std::uint64_t credit, std::vector<MultiOperation> operations, Done done) {
  ensure(step_ == Step::ready, "one write to a block at a time");
  step_ = Step::writing;
  next_credit_ = credit;
  outcome_unknown_ = false;
  outcome_ = {};
  done_ = std::move(done);
  operations.insert(operations.begin(), {.kind = MultiOperation::Kind::set,
                                         .path = path_,
                                         .data = encode_block(credit, write_number_ + 1),
                                         .version = version_});
  context_.ensemble.multi(std::move(operations), [this](CoordinatorStatus status, std::vector<MultiResult> results) {
    multi_answered(status, std::move(results));
  });
}

void BankBlockWriter::resume() {
  if (std::exchange(waits_for_resume_, false)) send();
}

void BankBlockWriter::send() {
  if (!context_.ensemble.connected()) return block_until_resumed();
  if (step_ == Step::opening || step_ == Step::rereading) return send_read();
  if (step_ == Step::creating) return send_create();
  if (step_ == Step::fencing) return send_fence();
}

void BankBlockWriter::send_read() {
  context_.ensemble.get(path_, {}, [this](CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
    block_read(status, data, stat);
  });
}

/// The version of /bank/blocks tells an audit that there is a block which it has not listed.
void BankBlockWriter::send_create() {
  using Kind = MultiOperation::Kind;
  std::vector<MultiOperation> operations;
  operations.push_back({.kind = Kind::create, .path = path_, .data = encode_block(0, 0)});
  operations.push_back({.kind = Kind::set, .path = znode::bank_blocks, .data = {}});
  context_.ensemble.multi(std::move(operations), [this](CoordinatorStatus status, const std::vector<MultiResult>&) {
    const bool is_there = status == CoordinatorStatus::ok || status == CoordinatorStatus::node_exists;
    if (!is_there) return block_until_resumed();
    step_ = Step::opening;
    send();
  });
}

void BankBlockWriter::send_fence() {
  const auto answered = [this](CoordinatorStatus status, const ZnodeStat& stat) {
    if (status == CoordinatorStatus::ok) {
      version_ = stat.version;
      outcome_.status = CoordinatorStatus::connection_loss;
      return finish(std::move(outcome_));
    }
    const bool moved_on = status == CoordinatorStatus::bad_version || status == CoordinatorStatus::no_node;
    if (!moved_on) return block_until_resumed();
    step_ = Step::rereading;
    send();
  };
  context_.ensemble.set(path_, encode_block(credit_, write_number_), version_, answered);
}

void BankBlockWriter::multi_answered(CoordinatorStatus status, std::vector<MultiResult> results) {
  if (is_lost(status)) {
    ++context_.counters.replies_lost;
    outcome_unknown_ = true;
    step_ = Step::fencing;
    return block_until_resumed();
  }
  if (status == CoordinatorStatus::ok) {
    version_ = results[0].stat.version;
    credit_ = next_credit_;
    ++write_number_;
    outcome_.written = true;
    outcome_.zxid = results[0].stat.modified_zxid;
    results.erase(results.begin());
    outcome_.results = std::move(results);
    return finish(std::move(outcome_));
  }
  outcome_.status = status;
  if (results[0].status == CoordinatorStatus::bad_version || results[0].status == CoordinatorStatus::no_node) {
    step_ = Step::rereading;
    return send();
  }
  for (std::size_t part = 1; part < results.size() && results[0].status == CoordinatorStatus::ok; ++part) {
    if (results[part].status == CoordinatorStatus::ok) continue;
    outcome_.status = results[part].status;
    outcome_.failed_part = part - 1;
    break;
  }
  finish(std::move(outcome_));
}

void BankBlockWriter::block_read(CoordinatorStatus status, const std::string& data, const ZnodeStat& stat) {
  if (status == CoordinatorStatus::no_node && step_ == Step::opening) {
    step_ = Step::creating;
    return send();
  }
  if (status == CoordinatorStatus::no_node) {
    // The controller has removed it long after it took this broker for dead.
    if (outcome_unknown_) context_.log(ReportLevel::warning, "no trace of a commit to " + path_ + ": made again");
    outcome_.status = CoordinatorStatus::connection_loss;
    return finish(std::move(outcome_), Step::closed);
  }
  if (status != CoordinatorStatus::ok) return block_until_resumed();
  take_over(data, stat);
}

void BankBlockWriter::take_over(const std::string& data, const ZnodeStat& stat) {
  proto::BankBlock block;
  if (!block.ParseFromString(data)) {
    context_.log(ReportLevel::error, "unreadable znode " + path_ + ": taken for an empty block");
    block.Clear();
  }
  const bool was_carried_out = outcome_unknown_ && block.write_number() == write_number_ + 1;
  version_ = stat.version;
  credit_ = block.credit_bytes();
  write_number_ = block.write_number();
  if (step_ == Step::opening) return opened();
  if (was_carried_out) {
    outcome_.written = true;
    outcome_.zxid = block.owner_zxid() != 0 ? block.owner_zxid() : stat.modified_zxid;
  } else {
    outcome_.status = CoordinatorStatus::connection_loss;
  }
  finish(std::move(outcome_));
}

void BankBlockWriter::opened() {
  step_ = Step::ready;
  std::exchange(opened_, nullptr)();
}

void BankBlockWriter::finish(Outcome outcome, Step next) {
  step_ = next;
  outcome_unknown_ = false;
  std::exchange(done_, nullptr)(outcome);
}

}  // namespace mqttzoo::cluster
