#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/broker/cluster/control/control_cluster.hpp"
#include "tests/support/sanitized.hpp"

/// Faults at random: crashes, restarts, cuts, stalls, lost sessions, lost answers, outages of ZooKeeper. The promises
/// are checked after every event; when all faults are over, all brokers must find together. One seed is one run:
/// MQTTZOO_SEED=n replays it, MQTTZOO_SEEDS=n tries so many.
namespace mqttzoo::cluster::harness {
namespace {

class RandomFaults {
 public:
  explicit RandomFaults(std::uint64_t seed)
      : cluster_({.seed = seed,
                  .shards = static_cast<std::uint16_t>(1 + seed % 3),
                  .zookeeper_servers = seed % 2 == 0 ? 3 : 1,
                  .latency_max_ms = seed % 5 == 0 ? 60 : 4,
                  .limits = {}}) {
    const std::size_t brokers = 2 + seed % 4;
    for (std::size_t i = 0; i < brokers; ++i) names_.push_back(std::string(1, static_cast<char>('a' + i)));
  }

  void run() {
    for (const std::string& name : names_) start(name);
    cluster_.run_for(die(4000));
    const int faults = 30;
    for (int i = 0; i < faults; ++i) {
      act();
      cluster_.run_for(die(die(2) == 0 ? 200 : 3000));
    }
    recover();
    ASSERT_TRUE(cluster_.converges(60'000)) << "they do not find together\n" << cluster_.describe();
  }

 private:
  core::Milliseconds die(std::uint64_t sides) { return static_cast<core::Milliseconds>(cluster_.random(sides)); }
  const std::string& anybody() { return names_[cluster_.random(names_.size())]; }

  void start(const std::string& name) {
    cluster_.start(
        name,
        {.timeout_ms = 4000, .requests_in_flight_max = 10'000, .server = static_cast<int>(cluster_.random(servers()))});
  }
  std::uint64_t servers() const { return 1; }

  void act() {
    const std::string name = anybody();
    if (!cluster_.runs(name)) return start(name);
    if (cluster_.at(name).is_stalled()) {
      if (die(2) == 0) cluster_.resume(name);
      return;
    }
    if (cluster_.random(3) == 0) return change_interest(name);
    switch (cluster_.random(12)) {
      case 0:
        cluster_.kill(name);
        if (die(2) == 0) start(name);
        return;
      case 1:
        if (cluster_.names().size() > 1) cluster_.stop_cleanly(name);
        return;
      case 2:
        return cluster_.stall(name);
      case 3:
        return cut_or_heal(name);
      case 4:
        return cluster_.network().break_links(name, anybody());
      case 5:
        return cluster_.cut_from_zookeeper(name, die(2) == 0 ? support::Loss::requests : support::Loss::replies);
      case 6:
        return cluster_.heal_to_zookeeper(name);
      case 7:
        if (!zookeeper_is_away_) cluster_.expire_session(name);
        return;
      case 8:
        return cluster_.ensemble().drop(*cluster_.at(name).session(),
                                        die(2) == 0 ? support::Loss::requests : support::Loss::replies);
      case 9:
        return toggle_zookeeper();
      case 10:
        return cluster_.ensemble().set_apply_delay_ms(0, die(3) == 0 ? die(1500) : 0);
      case 11:
        if (!zookeeper_is_away_ && die(2) == 0) cluster_.pause_zookeeper_until_all_expire();
        return;
    }
  }

  void cut_or_heal(const std::string& name) {
    const std::string& other = anybody();
    if (other == name) return cluster_.network().heal_all();
    die(2) == 0 ? cluster_.network().cut_both(name, other) : cluster_.network().cut(name, other);
  }

  void toggle_zookeeper() {
    zookeeper_is_away_ ? cluster_.ensemble().resume() : cluster_.ensemble().pause();
    zookeeper_is_away_ = !zookeeper_is_away_;
  }

  void change_interest(const std::string& name) {
    BrokerProcess& process = cluster_.at(name);
    const auto shard = static_cast<core::ShardIndex>(cluster_.random(process.shards().size()));
    const std::string filter = "f/" + std::to_string(cluster_.random(6));
    if (process.shards()[shard].wants().contains(filter))
      process.want_no_more(shard, filter);
    else
      process.want(shard, filter);
  }

  void recover() {
    if (zookeeper_is_away_) cluster_.ensemble().resume();
    cluster_.ensemble().set_apply_delay_ms(0, 0);
    cluster_.network().heal_all();
    for (const std::string& name : names_) {
      if (!cluster_.runs(name))
        start(name);
      else if (cluster_.at(name).is_stalled())
        cluster_.resume(name);
      else
        cluster_.heal_to_zookeeper(name);
    }
  }

  ControlCluster cluster_;
  std::vector<std::string> names_;
  bool zookeeper_is_away_ = false;
};

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(RandomFaults, KeepTheirPromisesAndFindTogether) {
  const std::uint64_t only = from_environment("MQTTZOO_SEED", 0);
  const std::uint64_t seeds = from_environment("MQTTZOO_SEEDS", support::sanitized ? 5 : 40);
  for (std::uint64_t seed = only ? only : 1; seed <= (only ? only : seeds); ++seed) {
    try {
      RandomFaults(seed).run();
    } catch (const ControlCluster::Broken& broken) {
      FAIL() << "MQTTZOO_SEED=" << seed << ": " << broken.what();
    }
    ASSERT_FALSE(::testing::Test::HasFailure()) << "MQTTZOO_SEED=" << seed;
  }
}

}  // namespace
}  // namespace mqttzoo::cluster::harness
