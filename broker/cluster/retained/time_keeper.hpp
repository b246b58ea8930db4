#pragma once

#include <cstdint>
#include <optional>

#include "broker/cluster/retained/retained_context.hpp"

namespace mqttzoo::cluster {

/// Keeps the cluster's clock: now and then it writes the clock into /time and learns by the stamp of that write what
/// the ensemble's time is. What others wrote there is the least that the clock may say: so a broker that starts after
/// the ensemble's time stepped back goes on with the time that the cluster had. For that a broker that has just learned
/// the time writes it at once, and uses it when it stands there. Lives on the control thread.
class TimeKeeper {
 public:
  explicit TimeKeeper(RetainedContext& context) : context_(context) {}

  /// For every tick, after the clock was advanced.
  void tick();
  /// Others can learn of this broker's clock: it may be used.
  bool is_told() const { return told_; }

 private:
  struct Stamp {
    core::Milliseconds sent = 0;
    core::ClusterMilliseconds time = 0;      ///< the ensemble's
    core::ClusterMilliseconds at_least = 0;  ///< what the others have
  };

  void read();
  void write(core::ClusterMilliseconds at_least, core::ClusterMilliseconds stamped, std::int32_t version);
  void use(const Stamp& stamp);

  RetainedContext& context_;
  bool under_way_ = false;
  int collisions_ = 0;  ///< others wrote at the same time
  core::Milliseconds next_at_ = 0;
  bool was_ahead_ = false;
  bool told_ = false;
  std::optional<Stamp> stamp_;  ///< came since the last tick, which says when
};

}  // namespace mqttzoo::cluster
