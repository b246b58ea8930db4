#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/retained_cache.hpp"
#include "broker/cluster/retained_options.hpp"

namespace mqttzoo::cluster {

/// A Coordinator for an owner that may end earlier: answers and watches that come later are dropped.
class GuardedCoordinator {
 public:
  explicit GuardedCoordinator(Coordinator& coordinator) : coordinator_(coordinator) {}

  bool connected() const { return coordinator_.session_state() == Coordinator::SessionState::connected; }

  void get(std::string_view path, Coordinator::WatchCallback watch, Coordinator::DataCallback done) {
    coordinator_.get(path, watch ? guard(std::move(watch)) : Coordinator::WatchCallback(), guard(std::move(done)));
  }
  void children(std::string_view path, Coordinator::ChildrenCallback done) {
    coordinator_.children(path, {}, guard(std::move(done)));
  }
  void create(std::string_view path, std::string_view data, CreateMode mode, Coordinator::CreateCallback done) {
    coordinator_.create(path, data, mode, guard(std::move(done)));
  }
  void set(std::string_view path, std::string_view data, std::int32_t version, Coordinator::StatCallback done) {
    coordinator_.set(path, data, version, guard(std::move(done)));
  }
  void remove(std::string_view path, std::int32_t version, Coordinator::StatusCallback done) {
    coordinator_.remove(path, version, guard(std::move(done)));
  }
  void multi(std::vector<MultiOperation> operations, Coordinator::MultiCallback done) {
    coordinator_.multi(std::move(operations), guard(std::move(done)));
  }

 private:
  template <class... Arguments>
  std::function<void(Arguments...)> guard(std::function<void(Arguments...)> callback) {
    return [alive = std::weak_ptr<char>(alive_), callback = std::move(callback)](Arguments... arguments) {
      if (!alive.expired()) callback(std::forward<Arguments>(arguments)...);
    };
  }

  Coordinator& coordinator_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

/// The request may have been carried out or not; nothing comes back on this connection.
inline bool is_lost(CoordinatorStatus status) {
  return status == CoordinatorStatus::connection_loss || status == CoordinatorStatus::session_expired;
}

/// What the parts of the retained store share. Lives on the control thread.
struct RetainedContext {
  GuardedCoordinator ensemble;
  RetainedCache& cache;
  ClusterClock& clock;
  const RetainedOptions& options;
  RetainedCounters& counters;
  RetainedLog log;

  core::Milliseconds now = 0;  ///< of the last tick
  bool loaded = false;         ///< the cache has all values; commits may be made
  /// The version of /topic that the cache is abreast of. Each commit checks it: a sweep removes znodes, and a znode
  /// made anew begins with version 0 again, which a broker that is behind would take for the old one.
  std::int32_t sweep_number = 0;
  std::size_t waiting_bytes = 0;  ///< of publishes that wait, in all lanes
  bool cut_off = false;           ///< no contact with ZooKeeper for longer than anybody should wait
};

}  // namespace mqttzoo::cluster
