#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/topic_reader.hpp"

namespace mqttzoo::cluster {

/// Where all the credit was at one moment.
struct BankBalance {
  std::uint64_t capacity_bytes = 0;
  std::uint64_t bank_bytes = 0;
  std::uint64_t block_bytes = 0;
  std::uint64_t value_bytes = 0;
  std::size_t values = 0;  ///< znodes, with those of deleted values
  std::int32_t bank_version = 0;

  /// Credit that nobody has. Not zero only if somebody else wrote or removed znodes.
  std::int64_t missing() const {
    return static_cast<std::int64_t>(capacity_bytes) -
           static_cast<std::int64_t>(bank_bytes + block_bytes + value_bytes);
  }
};

/// Sums up the bank, all blocks and all values. Exact while others write: every commit and every sweep changes a block
/// or the bank, so at the end a check of all their versions shows whether anything moved meanwhile; then it begins
/// again, a few times. Lives on the control thread.
class BankAudit {
 public:
  using Done = std::function<void(std::optional<BankBalance>)>;

  BankAudit(RetainedContext& context, ChangeLog& log, TopicReader& topics)
      : context_(context), log_(log), topics_(topics) {}

  /// One at a time; `done` gets nothing where it did not succeed.
  void run(Done done);
  bool running() const { return static_cast<bool>(done_); }
  /// The values are being loaded again, so this one cannot succeed.
  void give_up() {
    if (running()) finish(std::nullopt);
  }

 private:
  void begin();
  void read_bank();
  void list_blocks();
  void read_blocks(std::vector<std::string> names);
  void block_read(const std::string& path, CoordinatorStatus status, const std::string& data, const ZnodeStat& stat);
  void sum_values();
  void confirm();
  void finish(std::optional<BankBalance> balance);

  RetainedContext& context_;
  ChangeLog& log_;
  TopicReader& topics_;
  Done done_;
  std::uint64_t run_ = 0;
  int attempts_ = 0;
  BankBalance balance_;
  std::vector<MultiOperation> checks_;
  std::size_t blocks_open_ = 0;
  bool failed_ = false;
};

}  // namespace mqttzoo::cluster
