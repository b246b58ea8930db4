#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// For /readyz: `reasons` says in plain words what is missing; empty when ready.
struct Readiness {
  bool ready = false;
  std::vector<std::string> reasons;
  std::vector<std::string> degraded;  ///< ready, but not as it should be
};

struct PeerStatus {
  Incarnation incarnation;
  std::string cluster_address;
  bool member = false;
  bool linked = false;  ///< control and data links stand in both directions and interest is exchanged
  std::string why_not_linked;
};

/// What this broker may do by ZooKeeper's leave (P8).
enum class Coordination : std::uint8_t {
  held,      ///< the lease holds
  lost,      ///< no lease: nothing is acknowledged, and new connections to persistent sessions are refused
  refusing,  ///< for longer than the grace: persistent sessions are not served at all
  serving,   ///< no lease, and everything is served all the same: `coordination_loss serve`
};
/// One word, for $SYS: "ok", "lost", "refusing", "serving".
const char* to_string(Coordination coordination);

/// A picture of the control part for /readyz, $SYS and metrics.
struct ControlStatus {
  Incarnation incarnation;  ///< epoch 0: not known yet
  std::string cluster;      ///< the cluster's id; empty: not known yet
  ViewNumber view_number = 0;
  std::vector<Incarnation> members;
  std::size_t primary_partitions = 0;  ///< whose primary this broker is in that view
  bool member = false;
  bool acting = false;  ///< all members are Ready in this view and the lease holds
  Coordination coordination = Coordination::lost;
  bool controller = false;
  bool draining = false;
  core::Milliseconds lease_remaining_ms = 0;  ///< a lone broker: LeaseDeadline::for_ever
  std::vector<PeerStatus> peers;
  std::uint64_t heartbeats_missed = 0;  ///< heartbeats that ZooKeeper did not take
  std::uint64_t views_entered = 0;
  std::size_t interest_filters = 0;    ///< distinct ones of this broker
  std::size_t interest_unsettled = 0;  ///< changes that wait for confirmation
  Readiness readiness;
};

}  // namespace mqttzoo::cluster
