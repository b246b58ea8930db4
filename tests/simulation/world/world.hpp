#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/cluster/view/view.hpp"
#include "tests/simulation/world/broker_process.hpp"
#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  int zookeeper_servers = 1;
  core::Milliseconds latency_max_ms = 3;
  BrokerOptions broker;  ///< of each, but for its name and shards
};

/// Brokers, a network and an ensemble on one virtual clock; nothing in it depends on anything but the seed and the
/// calls.
class World {
 public:
  World(const WorldOptions& options, BrokerObserver& observer);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // ---- Processes, by the names of their brokers, which are their places too ----
  BrokerProcess& start(const std::string& name, core::ShardIndex shards);
  /// kill -9; or the machine is gone, and nobody hears a word.
  void kill(const std::string& name, bool machine_dies = false);
  void pause(const std::string& name);
  void resume(const std::string& name);
  /// One thread gets no processor: 0 is control, the others are the shards.
  void hold_up_thread(const std::string& name, std::int64_t thread, core::Milliseconds duration);
  /// SIGTERM; the process goes when it is through.
  void stop(const std::string& name);
  bool runs(const std::string& name) const { return brokers_.contains(name); }
  BrokerProcess& broker(const std::string& name) { return *brokers_.at(name).process; }
  std::vector<std::string> running() const;
  bool anybody_stops() const;
  /// Of all processes, also of those that do not run any more: messages that they counted as dropped at a full queue.
  std::uint64_t dropped_at_full_queues() const;
  /// Of all processes of the run; 0: it does not run.
  std::uint64_t process_number(const std::string& name) const;

  // ---- ZooKeeper ----
  support::FakeEnsemble& ensemble() { return ensemble_; }
  void cut_from_zookeeper(const std::string& name, support::Loss loss);
  void heal_to_zookeeper(const std::string& name);
  void drop_from_zookeeper(const std::string& name, support::Loss loss);
  /// As the ensemble does with sessions that it has not heard of for their timeout; not while a lease holds.
  void expire_sessions(const std::string& name);
  void pause_zookeeper(bool paused);
  /// Without a quorum ZooKeeper takes no writes and no connections, and ends no sessions.
  void set_quorum(bool present);
  /// The watches of the broker's sessions are lost, and nobody is told.
  void lose_watches(const std::string& name);
  /// As when a leader with another clock comes.
  void step_zookeepers_clock(core::Milliseconds by);

  // ---- Time ----
  core::Milliseconds now() const { return events_.now(); }
  EventQueue& events() { return events_; }
  Network& network() { return network_; }
  Trace& trace() { return trace_; }
  void run_for(core::Milliseconds duration);
  bool run_until(const std::function<bool()>& condition, core::Milliseconds limit);
  void note(std::string_view who, std::string_view what) { trace_.note(now(), who, what); }

  /// Each view with the time at which it was written.
  struct WrittenView {
    core::Milliseconds time = 0;
    cluster::SharedView view;
  };
  const std::vector<WrittenView>& views() const { return views_; }
  /// When a broker's process, or a thread of it, did not run.
  struct Standstill {
    std::uint64_t process = 0;
    core::Milliseconds from = 0;
    core::Milliseconds to = std::numeric_limits<core::Milliseconds>::max();
  };
  const std::vector<Standstill>& standstills() const { return standstills_; }
  /// Of ZooKeeper's clock.
  struct ClockStep {
    core::Milliseconds time = 0;
    core::Milliseconds by = 0;
  };
  const std::vector<ClockStep>& clock_steps() const { return clock_steps_; }
  /// All that run are ready members of the same view, and nobody else is a member.
  bool has_converged();
  std::string describe();

 private:
  struct Running {
    std::unique_ptr<BrokerProcess> process;
    std::uint64_t number = 0;
    std::uint64_t pauses = 0;
  };

  void step(core::Milliseconds until);
  void watch_view();
  void forget_stopped();
  void erase(const std::string& name);
  void stands_still(const std::string& name) { standstills_.push_back({process_number(name), now()}); }
  void goes_on(const std::string& name);

  const WorldOptions options_;
  Random network_random_;
  Random ensemble_random_;
  Random process_random_;
  EventQueue events_;
  Trace trace_;
  BrokerObserver& observer_;
  support::FakeEnsemble ensemble_;
  Network network_;
  std::map<std::string, Running> brokers_;
  std::uint64_t processes_ = 0;
  std::uint64_t dropped_before_ = 0;  ///< by processes that do not run any more
  bool zookeeper_paused_ = false;
  bool quorum_ = true;
  std::vector<WrittenView> views_;
  std::int64_t view_zxid_ = 0;
  std::vector<Standstill> standstills_;
  std::vector<ClockStep> clock_steps_;
};

}  // namespace mqttzoo::sim
