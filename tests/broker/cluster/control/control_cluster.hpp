#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "broker/cluster/control/control.hpp"
#include "tests/broker/cluster/control/broker_process.hpp"
#include "tests/broker/cluster/control/fake_network.hpp"
#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::cluster::harness {

/// Several Controls with shards that do as they are told, joined by a network and a fake ensemble, on one virtual
/// clock. After each event the promises are checked that the control part keeps; a breach is thrown.
class ControlCluster : public World {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::uint16_t shards = 2;
    int zookeeper_servers = 1;
    core::Milliseconds latency_max_ms = 4;
    ControlLimits limits;
  };

  ControlCluster() : ControlCluster(Options{}) {}
  explicit ControlCluster(Options options);
  ~ControlCluster() override;

  // ---- Processes, by name ----
  BrokerProcess& start(const std::string& name, support::FakeEnsemble::SessionOptions session = {});
  /// A second process that was given the name of another one. Its key here, and its address, are its own.
  BrokerProcess& start_as(const std::string& key, const std::string& name,
                          support::FakeEnsemble::SessionOptions session = {});
  /// As by kill -9: nobody is told.
  void kill(const std::string& name);
  void stop_cleanly(const std::string& name);
  /// As by SIGSTOP: ZooKeeper hears nothing either.
  void stall(const std::string& name);
  void resume(const std::string& name);
  bool runs(const std::string& name) const { return processes_.contains(name); }
  BrokerProcess& at(const std::string& name) { return *processes_.at(name); }
  ControlStatus status(const std::string& name) { return at(name).control().status(now()); }
  std::vector<std::string> names() const;

  // ---- ZooKeeper ----
  support::FakeEnsemble& ensemble() { return ensemble_; }
  void cut_from_zookeeper(const std::string& name, support::Loss loss = support::Loss::requests);
  void heal_to_zookeeper(const std::string& name);
  /// As the ensemble does with a session that it has not heard of for the timeout: so not within a lease. False:
  /// nothing was done, since that holds, or there is no session.
  bool expire_session(const std::string& name);
  /// The leader stands still for so long, and then ends all sessions before it hears from anybody.
  void pause_zookeeper_until_all_expire();
  SharedView view_in_zookeeper() const;
  /// What an operator might do with zkCli.
  void write_znode(const std::string& path, const std::string& data);
  void remove_znode(const std::string& path);
  FakeNetwork& network() { return network_; }

  // ---- Time ----
  void run_for(core::Milliseconds duration);
  /// Runs until it is so, for at most `limit`; false: it did not come to that.
  bool run_until(const std::function<bool()>& condition, core::Milliseconds limit = 30'000);
  /// All that run are members of one view and ready, nobody else is a member, and all know what all others want.
  bool has_converged();
  bool converges(core::Milliseconds limit = 30'000) {
    return run_until([this] { return has_converged(); }, limit);
  }
  /// How many lines with this text the broker has logged.
  std::size_t logged(const std::string& name, const std::string& text);
  bool is_acting(const std::string& name) { return runs(name) && status(name).acting; }
  /// What each one says, and what all have logged.
  std::string describe();

  // World
  core::Milliseconds now() const override { return now_; }
  void schedule(core::Milliseconds delay, std::function<void()> event) override;
  core::Milliseconds latency() override;
  std::shared_ptr<BrokerProcess> by_address(const std::string& address) override;
  std::uint64_t random(std::uint64_t below) { return random_() % below; }

  struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
  };

 private:
  void step(core::Milliseconds until);
  void check_promises();
  void check_views();
  void check_fences();
  void check_primaries();
  void check_interest();
  bool may_act(BrokerProcess& process) const;
  bool interest_is_known();
  [[noreturn]] void broken(const std::string& what);

  Options options_;
  std::mt19937_64 random_;
  core::Milliseconds now_ = 0;
  std::map<std::pair<core::Milliseconds, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t last_event_ = 0;
  support::FakeEnsemble ensemble_;
  FakeNetwork network_;
  std::map<std::string, std::shared_ptr<BrokerProcess>> processes_;
  std::unique_ptr<support::FakeCoordinator> operator_;
  std::uint64_t processes_started_ = 0;
  std::map<ViewNumber, std::string> views_seen_;
  std::vector<std::string> logs_of_the_dead_;
};

}  // namespace mqttzoo::cluster::harness
