#pragma once

#include <functional>
#include <memory>

#include "broker/cluster/coordinator.hpp"
#include "broker/config/settings.hpp"

namespace mqttzoo::net {
class ControlThread;
}

namespace mqttzoo {

/// The two sessions with ZooKeeper: liveness has one to itself, so that no bulk write holds up a lease.
class NodeZooKeeper {
 public:
  /// Throws std::runtime_error when the connect string is wrong. Connects in the background.
  NodeZooKeeper(const config::Settings& settings, net::ControlThread& thread);
  ~NodeZooKeeper();

  cluster::Coordinator& liveness();
  cluster::Coordinator& bulk();

  /// Ends both; `done` is called on the control thread.
  void close(std::function<void()> done);

 private:
  struct Sessions;
  std::unique_ptr<Sessions> sessions_;
};

}  // namespace mqttzoo
