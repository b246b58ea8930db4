#include "broker/cluster/coordinator.hpp"

namespace mqttzoo::cluster {

const char* to_string(CoordinatorStatus status) {
  switch (status) {
    case CoordinatorStatus::ok:
      return "ok";
    case CoordinatorStatus::connection_loss:
      return "connection loss";
    case CoordinatorStatus::session_expired:
      return "session expired";
    case CoordinatorStatus::no_node:
      return "no node";
    case CoordinatorStatus::node_exists:
      return "node exists";
    case CoordinatorStatus::bad_version:
      return "bad version";
    case CoordinatorStatus::not_empty:
      return "not empty";
    case CoordinatorStatus::too_large:
      return "too large";
    case CoordinatorStatus::failed:
      return "failed";
    case CoordinatorStatus::not_tried:
      return "not tried";
  }
  return "unknown";
}

}  // namespace mqttzoo::cluster
