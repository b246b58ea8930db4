#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/cluster/retained/bank.hpp"
#include "broker/cluster/retained/bank_block.hpp"
#include "broker/cluster/retained/retained_commit.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/retained_queue.hpp"

namespace mqttzoo::cluster {

class CommitLane;

/// What a lane needs of the store around it.
class CommitLaneOwner {
 public:
  virtual ~CommitLaneOwner() = default;

  /// Somebody else has changed the topic's znode since version `known_version` (-1: there was none), or, for an empty
  /// topic, has swept since sweep `known_version`. Learn what, then call knowledge_renewed.
  virtual void renew_knowledge(CommitLane& lane, std::string topic, std::int32_t known_version) = 0;
  /// The bank is dry: have the other lanes give back what they do not need, then call credit_collected.
  virtual void collect_credit(CommitLane& lane) = 0;
  /// A lane that was asked has given back what it had.
  virtual void credit_given_back() = 0;
  /// A commit of ours stands in the change log under this path.
  virtual void change_logged(std::string_view path) = 0;
  /// One of the znodes that every cluster has is not there.
  virtual void structure_missing() = 0;
};

/// Commits the retained publishes of some topics (by hash): one group commit at a time, paid out of a block of its own.
/// Several lanes together are the commits in flight; a topic is in one of them. A commit that fails on a topic which
/// another broker has changed is made again on top of that change. Lives on the control thread.
class CommitLane {
 public:
  CommitLane(RetainedContext& context, CommitLaneOwner& owner)
      : context_(context), owner_(owner), queue_(context), commit_(context), block_(context) {}

  RetainedQueue& queue() { return queue_; }
  /// The block that it pays with, /bank/blocks/NAME#EPOCH.LANE; taken when what is under way has ended.
  void assign_block(const std::string& path) { next_block_ = path == block_.path() ? std::string() : path; }

  /// Goes on with what can be done now. After anything was added to the queue, and with every tick.
  void pump();
  void tick();
  void knowledge_renewed();
  void credit_collected();

  /// Gives all of its credit back as soon as it can. False: there is nothing to give.
  bool give_back_all();
  bool gives_back() const { return gives_back_; }
  std::uint64_t credit() const { return block_.credit(); }

 private:
  enum class Step : std::uint8_t { idle, opening, reading_bank, moving_credit, collecting, committing, renewing };

  void begin();
  void open_block();
  void pay_and_commit();
  void commit();
  void committed(const BankBlockWriter::Outcome& outcome);
  void commit_failed(const BankBlockWriter::Outcome& outcome);
  void commit_conflict(const BankBlockWriter::Outcome& outcome);
  void retry_later();

  // Between the block and the bank.
  void withdraw(std::uint64_t missing);
  void give_back(std::uint64_t amount);
  void read_bank(std::function<void(std::uint64_t credit, std::uint64_t capacity, std::int32_t version)> done);
  void move_credit(std::uint64_t bank_credit, std::uint64_t bank_capacity, std::int32_t bank_version,
                   std::uint64_t block_credit);
  void bank_has(std::uint64_t missing, std::uint64_t credit, std::uint64_t capacity, std::int32_t version);
  BlockPolicy policy() const { return {context_.options.bank_bytes, context_.options.block_bytes}; }

  RetainedContext& context_;
  CommitLaneOwner& owner_;
  RetainedQueue queue_;
  RetainedCommit commit_;
  BankBlockWriter block_;
  std::string next_block_;

  Step step_ = Step::idle;
  core::Milliseconds not_before_ = 0;  ///< a request failed: no other one before
  core::Milliseconds busy_at_ = 0;     ///< when there was work last
  std::size_t topics_max_ = 0;         ///< of the next commit; 0: as many as the options say
  bool gives_back_ = false;
  bool has_collected_ = false;  ///< the other lanes gave back what they had, for the next commit
  bool bank_is_dry_ = false;    ///< the next commit leaves out what it cannot pay
};

}  // namespace mqttzoo::cluster
