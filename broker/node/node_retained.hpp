#pragma once

#include <cstdint>
#include <memory>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "broker/cluster/retained/retained_store.hpp"
#include "broker/net/control_thread.hpp"

namespace mqttzoo {

/// The retained store of this process with what keeps it going on the control thread.
class NodeRetained : public net::ControlCompanion {
 public:
  virtual cluster::RetainedStore& store() = 0;
  /// What Control says of this broker; may be called from inside Control.
  virtual void follow(const cluster::ControlStatus& status) = 0;
  virtual bool loaded() const = 0;
  virtual const cluster::RetainedCounters& counters() const = 0;
  virtual std::size_t values() const = 0;
  virtual std::uint64_t payload_bytes() const = 0;
  /// What the values cost of the Bank.
  virtual std::uint64_t credit_bytes() const = 0;
};

/// In memory, for a lone broker.
std::unique_ptr<NodeRetained> local_retained(const cluster::RetainedOptions& options, cluster::ClusterClock& clock);

/// In znodes. `bulk` outlives it.
std::unique_ptr<NodeRetained> znode_retained(const cluster::RetainedOptions& options, cluster::ClusterClock& clock,
                                             cluster::Coordinator& bulk, cluster::RetainedLog log);

}  // namespace mqttzoo
