#pragma once

#include <cstddef>
#include <string>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/attempt.hpp"

namespace mqttzoo::cluster {

/// Makes sure that the znodes exist which everything else stands under, and that the cluster has an id: whoever comes
/// first writes a random one into /cluster, and everybody reads it. Links say it, so that brokers of two clusters never
/// mix, whatever addresses they were given. Lives on the control thread.
class ClusterTree {
 public:
  /// `id_if_new`: 1 to 128 printable characters.
  ClusterTree(Coordinator& coordinator, std::string id_if_new, const ControlLimits& limits, ControlReporter& reporter);

  void session_began();
  /// Only while connected.
  void step(core::Milliseconds now);
  bool is_ready() const { return !cluster_.empty(); }
  /// Empty until it is known.
  const std::string& cluster() const { return cluster_; }

 private:
  void create_paths();
  void create_cluster();
  void read_cluster();
  void take_cluster(std::string id);
  void refused(const char* path, CoordinatorStatus status);

  Coordinator& coordinator_;
  const std::string id_if_new_;
  ControlReporter& reporter_;
  CallbackScope scope_;
  Attempt attempt_;
  std::size_t answers_awaited_ = 0;
  bool some_failed_ = false;
  bool paths_exist_ = false;
  bool said_refused_ = false;
  std::string cluster_;
};

}  // namespace mqttzoo::cluster
