#pragma once

#include <cstdint>
#include <memory>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/control/control_companion.hpp"
#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "broker/cluster/retained/retained_store.hpp"

namespace mqttzoo::cluster {

/// The retained store of this process with what keeps it going on the control thread.
class RetainedCompanion : public ControlCompanion {
 public:
  virtual RetainedStore& store() = 0;
  /// What Control says of this broker; may be called from inside Control.
  virtual void follow(const ControlStatus& status) = 0;
  virtual bool loaded() const = 0;
  virtual const RetainedCounters& counters() const = 0;
  virtual std::size_t values() const = 0;
  virtual std::uint64_t payload_bytes() const = 0;
  /// What the values cost of the Bank.
  virtual std::uint64_t credit_bytes() const = 0;
};

/// In memory, for a lone broker.
std::unique_ptr<RetainedCompanion> local_retained(const RetainedOptions& options, ClusterClock& clock);

/// In znodes. `bulk` outlives it.
std::unique_ptr<RetainedCompanion> znode_retained(const RetainedOptions& options, ClusterClock& clock,
                                                  Coordinator& bulk, RetainedLog log);

}  // namespace mqttzoo::cluster
