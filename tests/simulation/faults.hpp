#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/world/world.hpp"

namespace mqttzoo::sim {

/// What goes wrong, at random. Each seed has some kinds of faults and not others, so that each kind is seen alone and
/// with others.
class Faults {
 public:
  enum class Kind : std::uint8_t {
    break_links,  ///< all connections between two brokers break once
    stall_link,   ///< one connection stands still in one direction
    cut_one_way,  ///< nothing gets from one broker to another for a while
    cut_both_ways,
    isolate,             ///< a broker reaches no other one, ZooKeeper yes
    cut_off,             ///< the same, and then it loses ZooKeeper too
    slow_network,        ///< now and then something is under way for long
    hold_up_thread,      ///< one thread of a process gets no processor
    pause,               ///< SIGSTOP, and SIGCONT
    kill,                ///< kill -9; comes back at once, later, or not before the end
    machine_dies,        ///< the same, and nobody is told
    stop,                ///< SIGTERM
    zookeeper_cut,       ///< a broker does not reach ZooKeeper
    zookeeper_drop,      ///< its connections break once, with requests or replies lost
    zookeeper_stale,     ///< a server is behind: old reads, late watches
    zookeeper_away,      ///< for all
    zookeeper_headless,  ///< it has no quorum
    watches_lost,        ///< of one broker
    clock_steps,         ///< ZooKeeper's, in either direction
    all_expire,          ///< ZooKeeper stands still, and then ends all sessions at once
  };
  static constexpr int kinds = 20;

  Faults(World& world, std::uint64_t seed, std::map<std::string, core::ShardIndex> brokers, int zookeeper_servers);

  void act();
  /// Everything is mended and everybody runs again; takes virtual time, where processes are about to stop.
  void end();
  bool none() const { return chosen_.empty(); }

 private:
  void do_one(Kind kind);
  void isolate(const std::string& name, core::Milliseconds duration);
  void cut_from_zookeeper(const std::string& name, core::Milliseconds duration);
  void cut_for_a_while(const std::string& from, const std::string& to, core::Milliseconds duration);
  void fault_of_links(Kind kind);
  void fault_of_process(Kind kind);
  void fault_of_zookeeper(Kind kind);
  void start_later(const std::string& name);
  void start(const std::string& name);
  void pause_for(const std::string& name, core::Milliseconds duration);
  /// Most are short, some long.
  core::Milliseconds duration(core::Milliseconds most);

  World& world_;
  Random random_;
  const std::map<std::string, core::ShardIndex> brokers_;
  const int zookeeper_servers_;
  std::vector<std::string> names_;
  std::vector<Kind> chosen_;
  std::set<std::string> lost_watches_;
  bool over_ = false;
};

}  // namespace mqttzoo::sim
