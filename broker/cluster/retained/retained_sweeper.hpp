#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/topic_reader.hpp"

namespace mqttzoo::cluster {

/// The controller removes the znodes of expired and deleted values and pays their credit back to the bank. Each sweep
/// is one multi on the condition of every version in it, and counts /topic's version up, which all commits check: so a
/// znode is never taken for another one that had its name. Two controllers at once do no harm. Lives on the control
/// thread.
class RetainedSweeper {
 public:
  RetainedSweeper(RetainedContext& context, ChangeLog& log, TopicReader& topics)
      : context_(context), log_(log), topics_(topics) {}

  /// For every tick while this broker is the controller.
  void tick();
  /// The values are being loaded again: what was waited for does not come.
  void start_over() { busy_ = false; }

 private:
  struct Removal {
    std::string topic;
    std::string path;
    std::int32_t version = 0;
  };

  void bank_read(CoordinatorStatus status, const std::string& data, const ZnodeStat& stat);
  void choose();
  std::vector<MultiOperation> operations(std::uint64_t bank_credit, std::uint64_t bank_capacity,
                                         std::int32_t bank_version) const;
  void answered(CoordinatorStatus status, const std::vector<MultiResult>& results);
  void renew_knowledge(std::string topic, std::int32_t known_version);
  void finish(core::Milliseconds pause);

  RetainedContext& context_;
  ChangeLog& log_;
  TopicReader& topics_;
  bool busy_ = false;
  core::Milliseconds next_at_ = 0;
  std::vector<Removal> removals_;
  std::uint64_t credit_ = 0;  ///< of all of them
};

}  // namespace mqttzoo::cluster
