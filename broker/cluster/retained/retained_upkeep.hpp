#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster/retained/bank_audit.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/view/incarnation.hpp"

namespace mqttzoo::cluster {

/// What the controller does now and then, one after another: trims the change log, returns the blocks of dead brokers,
/// makes the bank's capacity what the options say, and puts right what an audit finds missing. Everything is
/// conditional on what was read, so two controllers at once, or one that ends in the middle, do no harm. Lives on the
/// control thread.
class RetainedUpkeep {
 public:
  RetainedUpkeep(RetainedContext& context, BankAudit& audit) : context_(context), audit_(audit) {}

  /// Whose blocks stay: members of the view, and brokers that may become ones. Blocks of all others are returned.
  void set_living(std::vector<Incarnation> living) { living_ = std::move(living); }
  /// For every tick while this broker is the controller.
  void tick();

 private:
  void end(bool completed);
  void list_log();
  void log_listed(const std::vector<std::string>& names);
  void trim();
  void list_blocks();
  void next_block();
  void block_read(const std::string& path, const std::string& data, const ZnodeStat& stat);
  void return_block(const std::string& path, const std::string& data, const ZnodeStat& stat);
  void audit();
  void correct_bank(const BankBalance& balance);

  RetainedContext& context_;
  BankAudit& audit_;
  std::vector<Incarnation> living_;
  bool busy_ = false;
  core::Milliseconds next_at_ = 0;
  std::optional<std::int32_t> last_entry_;  ///< of the change log at the last upkeep
  std::vector<std::int32_t> to_trim_;       ///< entries in their order
  std::vector<std::string> dead_blocks_;
};

}  // namespace mqttzoo::cluster
