#include "tests/simulation/faults.hpp"

#include <algorithm>

namespace mqttzoo::sim {

namespace {

using support::Loss;

// How long a process that is told to stop may take: three steps of three seconds.
constexpr core::Milliseconds stop_ms = 12'000;
// A broker that nobody reaches is removed after two or three seconds; its lease lasts three.
constexpr core::Milliseconds cut_off_ms = 3'000;
constexpr core::Milliseconds clock_step_max_ms = 3'600'000;

}  // namespace

Faults::Faults(World& world, std::uint64_t seed, std::map<std::string, core::ShardIndex> brokers, int zookeeper_servers)
    : world_(world),
      random_(seed, Random::Purpose::faults),
      brokers_(std::move(brokers)),
      zookeeper_servers_(zookeeper_servers) {
  for (const auto& [name, shards] : brokers_) names_.push_back(name);
  const std::int64_t odds = random_.between(2, 8);
  for (int kind = 0; kind < kinds; ++kind) {
    if (random_.one_in(odds)) chosen_.push_back(static_cast<Kind>(kind));
  }
}

core::Milliseconds Faults::duration(core::Milliseconds most) {
  return random_.one_in(3) ? random_.between(1, most) : random_.between(1, most / 10 + 1);
}

void Faults::act() {
  if (!chosen_.empty()) do_one(random_.pick(chosen_));
}

void Faults::do_one(Kind kind) {
  switch (kind) {
    case Kind::break_links:
    case Kind::stall_link:
    case Kind::cut_one_way:
    case Kind::cut_both_ways:
    case Kind::isolate:
    case Kind::cut_off:
    case Kind::slow_network:
      return fault_of_links(kind);
    case Kind::hold_up_thread:
    case Kind::pause:
    case Kind::kill:
    case Kind::machine_dies:
    case Kind::stop:
      return fault_of_process(kind);
    case Kind::zookeeper_cut:
    case Kind::zookeeper_drop:
    case Kind::zookeeper_stale:
    case Kind::zookeeper_away:
    case Kind::zookeeper_headless:
    case Kind::watches_lost:
    case Kind::clock_steps:
    case Kind::all_expire:
      return fault_of_zookeeper(kind);
  }
}

// ---------------------------------------------------------------- links

void Faults::cut_for_a_while(const std::string& from, const std::string& to, core::Milliseconds duration) {
  world_.note(from, "does not reach " + to + " any more");
  world_.network().cut(from, to);
  world_.events().schedule(duration, [this, from, to] {
    if (over_) return;
    world_.note(from, "reaches " + to + " again");
    world_.network().heal(from, to);
  });
}

void Faults::isolate(const std::string& name, core::Milliseconds duration) {
  for (const std::string& other : names_) {
    if (other == name) continue;
    cut_for_a_while(name, other, duration);
    cut_for_a_while(other, name, duration);
  }
}

void Faults::fault_of_links(Kind kind) {
  const std::string& a = random_.pick(names_);
  const std::string& b = random_.pick(names_);
  if (a == b) return;
  const core::Milliseconds time = duration(10'000);
  if (kind == Kind::break_links) {
    world_.note(a, "its connections with " + b + " break");
    world_.network().break_all(a, b);
  } else if (kind == Kind::stall_link) {
    auto streams = world_.network().between(a, b);
    if (streams.empty()) return;
    world_.note(a, "a connection with " + b + " stands still for " + std::to_string(time) + " ms");
    world_.network().stall(random_.pick(streams), random_.one_in(2) ? Stream::opener : Stream::acceptor, time);
  } else if (kind == Kind::slow_network) {
    world_.note("network", "is slow now and then");
    world_.network().spikes_one_in = random_.between(20, 200);
  } else if (kind == Kind::isolate) {
    isolate(a, time);
  } else if (kind == Kind::cut_off) {
    // So long that it is removed in time for its lease to go on after that.
    isolate(a, cut_off_ms + time);
    world_.events().schedule(random_.below(cut_off_ms), [this, a, time] {
      if (!over_ && world_.runs(a)) cut_from_zookeeper(a, cut_off_ms + time);
    });
  } else {
    cut_for_a_while(a, b, time);
    if (kind == Kind::cut_both_ways) cut_for_a_while(b, a, time);
  }
}

// ---------------------------------------------------------------- processes

void Faults::pause_for(const std::string& name, core::Milliseconds duration) {
  if (world_.broker(name).is_paused()) return;
  world_.pause(name);
  world_.events().schedule(duration, [this, name, number = world_.process_number(name)] {
    if (world_.process_number(name) == number) world_.resume(name);
  });
}

void Faults::start(const std::string& name) {
  if (!world_.runs(name)) world_.start(name, brokers_.at(name));
}

void Faults::start_later(const std::string& name) {
  if (random_.one_in(3)) return;
  const core::Milliseconds delay = random_.one_in(2) ? random_.below(100) : random_.below(8'000);
  world_.events().schedule(delay, [this, name] {
    if (!over_) start(name);
  });
}

void Faults::fault_of_process(Kind kind) {
  const std::string& name = random_.pick(names_);
  if (!world_.runs(name)) return start(name);
  switch (kind) {
    case Kind::hold_up_thread:
      return world_.hold_up_thread(name, random_.below(brokers_.at(name) + 1), duration(3'000));
    case Kind::pause:
      return pause_for(name, duration(9'000));
    case Kind::stop:
      if (world_.running().size() > 1) world_.stop(name);
      return;
    default:
      world_.kill(name, kind == Kind::machine_dies);
      return start_later(name);
  }
}

// ---------------------------------------------------------------- ZooKeeper

void Faults::fault_of_zookeeper(Kind kind) {
  const std::string& name = random_.pick(names_);
  const core::Milliseconds time = duration(10'000);
  if (kind == Kind::zookeeper_stale) {
    const int server = static_cast<int>(random_.below(zookeeper_servers_));
    world_.note("ZooKeeper", "server " + std::to_string(server) + " is behind for " + std::to_string(time) + " ms");
    world_.ensemble().set_apply_delay_ms(server, random_.between(50, 1'500));
    world_.events().schedule(time, [this, server] { world_.ensemble().set_apply_delay_ms(server, 0); });
  } else if (kind == Kind::zookeeper_away) {
    world_.pause_zookeeper(true);
    world_.events().schedule(time, [this] { world_.pause_zookeeper(false); });
  } else if (kind == Kind::zookeeper_headless) {
    world_.set_quorum(false);
    world_.events().schedule(time, [this] { world_.set_quorum(true); });
  } else if (kind == Kind::clock_steps) {
    world_.step_zookeepers_clock(random_.between(-clock_step_max_ms, clock_step_max_ms));
  } else if (kind == Kind::all_expire) {
    world_.pause_zookeeper(true);
    world_.events().schedule(4'500, [this] {
      world_.pause_zookeeper(false);
      for (const std::string& broker : world_.running()) world_.expire_sessions(broker);
    });
  } else if (!world_.runs(name)) {
    return;
  } else if (kind == Kind::zookeeper_drop) {
    world_.drop_from_zookeeper(name, random_.one_in(2) ? Loss::requests : Loss::replies);
  } else if (kind == Kind::watches_lost) {
    lost_watches_.insert(name);
    world_.lose_watches(name);
  } else {
    cut_from_zookeeper(name, time);
  }
}

void Faults::cut_from_zookeeper(const std::string& name, core::Milliseconds duration) {
  world_.cut_from_zookeeper(name, random_.one_in(2) ? Loss::requests : Loss::replies);
  world_.events().schedule(duration, [this, name, number = world_.process_number(name)] {
    if (!over_ && world_.process_number(name) == number) world_.heal_to_zookeeper(name);
  });
}

// ---------------------------------------------------------------- the end

void Faults::end() {
  over_ = true;
  world_.note("faults", "are over");
  world_.pause_zookeeper(false);
  world_.set_quorum(true);
  for (int server = 0; server < zookeeper_servers_; ++server) world_.ensemble().set_apply_delay_ms(server, 0);
  world_.network().spikes_one_in = 0;
  world_.network().heal_all();
  for (const std::string& name : world_.running()) {
    world_.resume(name);
    world_.heal_to_zookeeper(name);
    // A new connection brings lost watches back.
    if (lost_watches_.contains(name)) world_.drop_from_zookeeper(name, Loss::replies);
  }
  world_.run_until([this] { return !world_.anybody_stops(); }, stop_ms);
  for (const std::string& name : names_) start(name);
}

}  // namespace mqttzoo::sim
