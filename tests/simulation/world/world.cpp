#include "tests/simulation/world/world.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::sim {

namespace {

constexpr std::int32_t session_timeout_ms = 4'000;

std::uint64_t dropped_by(const BrokerProcess& process) {
  std::uint64_t dropped = 0;
  for (const auto& shard : process.shards())
    dropped += shard->counters().drops[static_cast<std::size_t>(core::DropReason::queue_full)].get();
  return dropped;
}

}  // namespace

World::World(const WorldOptions& options, BrokerObserver& observer)
    : options_(options),
      network_random_(options.seed, Random::Purpose::network),
      ensemble_random_(options.seed, Random::Purpose::ensemble),
      process_random_(options.seed, Random::Purpose::processes),
      observer_(observer),
      ensemble_(
          {.servers = options.zookeeper_servers, .latency_ms = [this] { return ensemble_random_.between(1, 3); }}),
      network_(events_, network_random_) {
  network_.latency_max_ms = options.latency_max_ms;
}

World::~World() {
  events_.clear();
  brokers_.clear();
}

// ---------------------------------------------------------------- processes

BrokerProcess& World::start(const std::string& name, core::ShardIndex shards) {
  BrokerOptions options = options_.broker;
  options.name = name;
  options.shards = shards;
  const support::FakeEnsemble::SessionOptions session{
      .timeout_ms = session_timeout_ms,
      .requests_in_flight_max = 10'000,
      .server = static_cast<int>(process_random_.below(options_.zookeeper_servers))};
  Running& running = brokers_[name];
  running.number = ++processes_;
  note(name, "starts, process " + std::to_string(running.number));
  const core::Milliseconds clock_offset = 1'000'000 + process_random_.below(1'000'000);
  const core::ClusterMilliseconds wall_error = process_random_.between(-2'000, 2'000);
  running.process = std::make_unique<BrokerProcess>(
      Surroundings{events_, network_, process_random_, trace_, observer_}, std::move(options), name, clock_offset,
      ensemble_.wall_clock_ms() + wall_error, ensemble_.open(session), ensemble_.open(session));
  return *running.process;
}

void World::kill(const std::string& name, bool machine_dies) {
  stands_still(name);
  note(name, machine_dies ? "its machine dies" : "is killed");
  network_.leave(name, machine_dies);
  erase(name);
}

void World::erase(const std::string& name) {
  dropped_before_ += dropped_by(*brokers_.at(name).process);
  brokers_.erase(name);
}

std::uint64_t World::dropped_at_full_queues() const {
  std::uint64_t dropped = dropped_before_;
  for (const auto& [name, running] : brokers_) dropped += dropped_by(*running.process);
  return dropped;
}

void World::pause(const std::string& name) {
  Running& running = brokers_.at(name);
  if (running.process->is_paused()) return;
  note(name, "is paused");
  stands_still(name);
  running.process->pause();
  events_.schedule(session_timeout_ms, [this, name, number = running.number, pauses = ++running.pauses] {
    const auto found = brokers_.find(name);
    if (found == brokers_.end() || found->second.number != number || found->second.pauses != pauses) return;
    if (found->second.process->is_paused()) expire_sessions(name);
  });
}

void World::resume(const std::string& name) {
  Running& running = brokers_.at(name);
  if (!running.process->is_paused()) return;
  note(name, "goes on");
  if (!running.process->is_stopping()) goes_on(name);
  ++running.pauses;
  running.process->resume();
}

void World::hold_up_thread(const std::string& name, std::int64_t thread, core::Milliseconds duration) {
  if (broker(name).is_paused()) return;
  note(name, "thread " + std::to_string(thread) + " is held up for " + std::to_string(duration) + " ms");
  broker(name).thread(thread).hold_up();
  standstills_.push_back({process_number(name), now(), now() + duration});
  events_.schedule(duration, [this, name, thread, number = process_number(name)] {
    if (process_number(name) == number && !broker(name).is_paused()) broker(name).thread(thread).resume();
  });
}

void World::goes_on(const std::string& name) {
  for (Standstill& one : standstills_) {
    if (one.process == process_number(name)) one.to = std::min(one.to, now());
  }
}

bool World::anybody_stops() const {
  return std::any_of(brokers_.begin(), brokers_.end(),
                     [](const auto& entry) { return entry.second.process->is_stopping(); });
}

void World::stop(const std::string& name) {
  note(name, "is to stop");
  stands_still(name);
  broker(name).stop();
}

void World::forget_stopped() {
  for (const std::string& name : running()) {
    if (!broker(name).has_stopped()) continue;
    note(name, "has stopped");
    network_.leave(name, false);
    erase(name);
  }
}

std::vector<std::string> World::running() const {
  std::vector<std::string> names;
  for (const auto& [name, running] : brokers_) names.push_back(name);
  return names;
}

std::uint64_t World::process_number(const std::string& name) const {
  const auto found = brokers_.find(name);
  return found == brokers_.end() ? 0 : found->second.number;
}

// ---------------------------------------------------------------- ZooKeeper

void World::cut_from_zookeeper(const std::string& name, support::Loss loss) {
  note(name, "is cut from ZooKeeper");
  ensemble_.cut(broker(name).control().liveness(), loss);
  ensemble_.cut(broker(name).control().bulk(), loss);
}

void World::heal_to_zookeeper(const std::string& name) {
  note(name, "reaches ZooKeeper again");
  ensemble_.heal(broker(name).control().liveness());
  ensemble_.heal(broker(name).control().bulk());
}

void World::drop_from_zookeeper(const std::string& name, support::Loss loss) {
  note(name, "its connections to ZooKeeper drop");
  ensemble_.drop(broker(name).control().liveness(), loss);
  ensemble_.drop(broker(name).control().bulk(), loss);
}

void World::expire_sessions(const std::string& name) {
  if (zookeeper_paused_ || !quorum_ || broker(name).lease_holds()) return;
  note(name, "its sessions with ZooKeeper expire");
  for (support::FakeCoordinator* session : {&broker(name).control().liveness(), &broker(name).control().bulk()}) {
    if (session->session_id() != 0 && ensemble_.session_alive(session->session_id())) ensemble_.expire(*session);
  }
}

void World::pause_zookeeper(bool paused) {
  if (paused == zookeeper_paused_) return;
  note("ZooKeeper", paused ? "is away" : "is back");
  zookeeper_paused_ = paused;
  paused ? ensemble_.pause() : ensemble_.resume();
}

void World::set_quorum(bool present) {
  if (present == quorum_) return;
  note("ZooKeeper", present ? "has a quorum again" : "has no quorum");
  quorum_ = present;
  ensemble_.set_quorum(present);
}

void World::lose_watches(const std::string& name) {
  note(name, "its watches are lost");
  ensemble_.lose_watches(broker(name).control().liveness());
  ensemble_.lose_watches(broker(name).control().bulk());
}

void World::step_zookeepers_clock(core::Milliseconds by) {
  note("ZooKeeper", "its clock steps by " + std::to_string(by) + " ms");
  ensemble_.step_wall_clock(by);
  clock_steps_.push_back({now(), by});
}

void World::watch_view() {
  const auto stat = ensemble_.stat("/view");
  if (!stat || stat->modified_zxid == view_zxid_) return;
  view_zxid_ = stat->modified_zxid;
  const cluster::SharedView view = cluster::parse_view(*ensemble_.data("/view"));
  if (!view) return;
  std::string text = "view " + std::to_string(view->number) + ':';
  for (const cluster::Member& member : view->members) text += ' ' + member.incarnation.text();
  note("ZooKeeper", text);
  views_.push_back({now(), view});
}

// ---------------------------------------------------------------- time

void World::step(core::Milliseconds until) {
  core::Milliseconds next = until;
  if (!events_.empty()) next = std::min(next, events_.next_time());
  if (const auto at = ensemble_.next_event_ms()) next = std::min<core::Milliseconds>(next, *at);
  events_.set_now(std::max(next, events_.now()));
  ensemble_.advance_to(now());
  while (!events_.empty() && events_.next_time() <= now()) events_.take_next()();
  watch_view();
  forget_stopped();
}

void World::run_for(core::Milliseconds duration) {
  const core::Milliseconds until = now() + duration;
  while (now() < until) step(until);
}

bool World::run_until(const std::function<bool()>& condition, core::Milliseconds limit) {
  const core::Milliseconds until = now() + limit;
  while (!condition()) {
    if (now() >= until) return false;
    step(std::min(until, now() + 20));
  }
  return true;
}

bool World::has_converged() {
  if (views_.empty() || brokers_.empty()) return false;
  const cluster::SharedView& view = views_.back().view;
  if (view->members.size() != brokers_.size()) return false;
  return std::all_of(brokers_.begin(), brokers_.end(), [&](auto& entry) {
    const cluster::ControlStatus status = entry.second.process->status();
    return status.readiness.ready && status.view_number == view->number;
  });
}

std::string World::describe() {
  std::string text = "at " + std::to_string(now()) + " ms";
  for (auto& [name, running] : brokers_) {
    const cluster::ControlStatus status = running.process->status();
    text += "; " + status.incarnation.text() + " in view " + std::to_string(status.view_number);
    for (const std::string& reason : status.readiness.reasons) text += ", " + reason;
  }
  return text;
}

}  // namespace mqttzoo::sim
