#pragma once

#include <cstdint>

#include "broker/cluster/control/control.hpp"
#include "broker/cluster/control/control_companion.hpp"
#include "broker/cluster/control/retained_companion.hpp"
#include "broker/net/control_thread.hpp"
#include "broker/node/node_counters.hpp"
#include "broker/node/node_retained_complaints.hpp"
#include "broker/ops/sys_topics.hpp"

namespace mqttzoo {

/// What has to be done now and then on the control thread: tells Control that all loops turn, writes down what HTTP
/// asks for, publishes $SYS.
class NodeHousekeeper final : public cluster::ControlCompanion {
 public:
  /// `sys_interval_ms` 0: no $SYS.
  NodeHousekeeper(NodeCounters& counters, cluster::Control& control, net::ControlThread& thread,
                  cluster::RetainedCompanion& retained, core::ShardIndex shard_count,
                  core::Milliseconds sys_interval_ms);

  void turn_begins(core::Milliseconds) override {}
  void turn_ends(core::Milliseconds now) override;
  core::Milliseconds next_deadline() const override;

 private:
  void publish_sys(core::Milliseconds now);

  NodeCounters& counters_;
  cluster::Control& control_;
  net::ControlThread& thread_;
  cluster::RetainedCompanion& retained_;
  const core::ShardIndex shard_count_;
  const core::Milliseconds sys_interval_ms_;
  const core::Milliseconds started_;
  ops::SysTopics sys_topics_;
  RetainedComplaints complaints_;
  core::Milliseconds next_look_;
  core::Milliseconds next_picture_;
  core::Milliseconds next_sys_;
};

}  // namespace mqttzoo
