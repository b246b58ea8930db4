#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/retained/retained_cache.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/retained/retained_options.hpp"

namespace mqttzoo::cluster {

/// A Coordinator for an owner that may end earlier: answers and watches that come later are dropped.
class GuardedCoordinator {
 public:
  explicit GuardedCoordinator(Coordinator& coordinator) : coordinator_(coordinator) {}

  bool connected() const { return coordinator_.session_state() == Coordinator::SessionState::connected; }

  void get(std::string_view path, Coordinator::WatchCallback watch, Coordinator::DataCallback done) {
    if (watch) watch = scope_.guard(std::move(watch));
    coordinator_.get(path, std::move(watch), scope_.guard(std::move(done)));
  }
  void children(std::string_view path, Coordinator::ChildrenCallback done) {
    coordinator_.children(path, {}, scope_.guard(std::move(done)));
  }
  void create(std::string_view path, std::string_view data, CreateMode mode, Coordinator::CreateCallback done) {
    coordinator_.create(path, data, mode, scope_.guard(std::move(done)));
  }
  void set(std::string_view path, std::string_view data, std::int32_t version, Coordinator::StatCallback done) {
    coordinator_.set(path, data, version, scope_.guard(std::move(done)));
  }
  void remove(std::string_view path, std::int32_t version, Coordinator::StatusCallback done) {
    coordinator_.remove(path, version, scope_.guard(std::move(done)));
  }
  void multi(std::vector<MultiOperation> operations, Coordinator::MultiCallback done) {
    coordinator_.multi(std::move(operations), scope_.guard(std::move(done)));
  }

 private:
  Coordinator& coordinator_;
  CallbackScope scope_;
};

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
