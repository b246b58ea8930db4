#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "tests/simulation/world/broker_observer.hpp"
#include "tests/simulation/world/simulated_control.hpp"
#include "tests/simulation/world/simulated_shard.hpp"
#include "tests/simulation/world/trace.hpp"

namespace mqttzoo::sim {

struct BrokerOptions {
  std::string name;
  core::ShardIndex shards = 1;
  core::Limits limits;
  cluster::RouterLimits router_limits;
  cluster::ControlLimits control_limits;
  cluster::RetainedOptions retained;
};

/// What a process stands on.
struct Surroundings {
  EventQueue& events;
  Network& network;
  Random& random;
  Trace& trace;
  BrokerObserver& observer;
};

/// One process of a broker, from its start to its end: the real core and cluster code, without sockets and threads.
class BrokerProcess final : private Listener {
 public:
  /// `place` is its address; `clock_offset_ms` what its steady clock says at time 0.
  BrokerProcess(const Surroundings& around, BrokerOptions options, Place place, core::Milliseconds clock_offset_ms,
                core::ClusterMilliseconds wall_now, std::unique_ptr<support::FakeCoordinator> liveness,
                std::unique_ptr<support::FakeCoordinator> bulk);
  ~BrokerProcess() override;

  /// SIGSTOP and SIGCONT.
  void pause();
  void resume();
  bool is_paused() const { return paused_; }
  /// SIGTERM.
  void stop();
  bool is_stopping() const { return stop_ != Stop::not_begun; }
  bool has_stopped() const { return stop_ == Stop::done; }
  /// 0 is control, the others are the shards.
  Loop& thread(std::int64_t number);

  cluster::Control& control_part() { return control_->control(); }
  cluster::ControlStatus status() { return control_part().status(steady(events().now())); }
  SimulatedControl& control() { return *control_; }
  SimulatedShard& shard(core::ShardIndex index) { return *shards_[index]; }
  const std::vector<std::unique_ptr<SimulatedShard>>& shards() const { return shards_; }
  bool lease_holds() const { return lease_.holds(steady(around_.events.now())); }

  const BrokerOptions& options() const { return options_; }
  const std::string& name() const { return options_.name; }
  const Place& place() const { return place_; }
  cluster::LeaseDeadline& lease() { return lease_; }
  cluster::ClusterClock& clock() { return clock_; }

  // For its threads.
  EventQueue& events() { return around_.events; }
  Network& network() { return around_.network; }
  Random& random() { return around_.random; }
  BrokerObserver& observer() { return around_.observer; }
  core::Milliseconds steady(core::Milliseconds world_time) const { return world_time + clock_offset_ms_; }
  core::Milliseconds world_time(core::Milliseconds steady) const { return steady - clock_offset_ms_; }
  bool all_loops_turn() const;
  void clients_are_gone(core::ShardIndex shard);
  void step_stop(core::Milliseconds now);
  void say(std::string_view what) { around_.trace.note(around_.events.now(), place_, what); }

 private:
  enum class Stop : std::uint8_t { not_begun, clients, leaving, closing, done };

  void accept(const StreamRef& stream) override;

  const Surroundings around_;
  const BrokerOptions options_;
  const Place place_;
  const core::Milliseconds clock_offset_ms_;
  cluster::LeaseDeadline lease_;
  cluster::ClusterClock clock_;
  std::unique_ptr<SimulatedControl> control_;
  std::vector<std::unique_ptr<SimulatedShard>> shards_;
  bool paused_ = false;
  Stop stop_ = Stop::not_begun;
  core::ShardIndex shards_with_clients_ = 0;
  core::Milliseconds stop_deadline_ = 0;
};

}  // namespace mqttzoo::sim
