#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/core/counters.hpp"
#include "broker/net/loop_progress.hpp"
#include "broker/net/net_events.hpp"
#include "broker/ops/http_server.hpp"
#include "broker/ops/sys_topics.hpp"

namespace mqttzoo {

struct RetainedPicture {
  cluster::RetainedCounters counters;
  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t credit_bytes = 0;  ///< what they cost of the Bank
  bool loaded = false;
};

/// What belongs to the control thread, as it last wrote it down for others.
struct ControlPicture {
  cluster::ControlStatus status;
  RetainedPicture retained;
};

/// All that the process counts and knows of itself, for /metrics, /healthz, /readyz and $SYS. The counters are written
/// by their threads and read here without stopping them; the picture is handed over under a lock.
class NodeCounters {
 public:
  struct Shard {
    const core::Counters* counters = nullptr;
    const cluster::RouterCounters* router = nullptr;
    const net::LoopProgress* loop = nullptr;
  };

  /// Before any thread runs.
  void add_shard(Shard shard) { shards_.push_back(shard); }
  void set_control_loop(const net::LoopProgress& loop) { control_loop_ = &loop; }

  net::NetCounters& net() { return net_; }

  // The control thread.
  void set_status(const cluster::ControlStatus& status);
  void set_retained(const RetainedPicture& retained);

  // Any thread.
  ops::SysValues sys_values(core::Milliseconds uptime) const;
  ops::SysCluster sys_cluster() const;
  ops::HttpAnswer health(core::Milliseconds now) const;
  ops::HttpAnswer readiness(core::Milliseconds now) const;
  ops::HttpAnswer metrics() const;
  /// All loops turned, or waited, within `silence_ms`.
  bool loops_turn(core::Milliseconds now, core::Milliseconds silence_ms) const;

 private:
  ControlPicture picture() const;

  std::vector<Shard> shards_;
  const net::LoopProgress* control_loop_ = nullptr;
  net::NetCounters net_;
  mutable std::mutex mutex_;
  ControlPicture picture_;  ///< under the mutex
};

}  // namespace mqttzoo
