#include "tests/broker/cluster/control/control_cluster.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster::harness {

ControlCluster::ControlCluster(Options options)
    : options_(options),
      random_(options.seed),
      ensemble_({.servers = options.zookeeper_servers,
                 .latency_ms = [this] { return 1 + static_cast<std::int64_t>(random(3)); }}),
      network_(*this) {}

ControlCluster::~ControlCluster() {
  events_.clear();
  for (auto& [name, process] : processes_) process->die();
  processes_.clear();
}

// ---------------------------------------------------------------- processes

BrokerProcess& ControlCluster::start(const std::string& name, support::FakeEnsemble::SessionOptions session) {
  return start_as(name, name, session);
}

BrokerProcess& ControlCluster::start_as(const std::string& key, const std::string& name,
                                        support::FakeEnsemble::SessionOptions session) {
  ControlOptions options;
  options.name = name;
  options.cluster_address = key + ":1";
  options.shard_count = options_.shards;
  options.version = "test";
  options.cluster_id = "cluster-" + std::to_string(++processes_started_);
  options.limits = options_.limits;
  auto process = std::make_shared<BrokerProcess>(*this, network_, std::move(options), ensemble_.open(session));
  processes_[key] = process;
  process->start();
  return *process;
}

void ControlCluster::kill(const std::string& name) {
  auto& log = at(name).log;
  logs_of_the_dead_.insert(logs_of_the_dead_.end(), log.begin(), log.end());
  logs_of_the_dead_.push_back(std::to_string(now_) + " killed " + name);
  at(name).die();
  processes_.erase(name);
}

void ControlCluster::stop_cleanly(const std::string& name) {
  at(name).leave();
  if (!run_until([&] { return at(name).has_left; }, 5000)) broken(name + " does not leave");
  kill(name);
}

void ControlCluster::stall(const std::string& name) {
  at(name).log.push_back(std::to_string(now_) + " stalled " + name);
  at(name).stall();
  cut_from_zookeeper(name);
}

void ControlCluster::resume(const std::string& name) {
  at(name).log.push_back(std::to_string(now_) + " resumed " + name);
  heal_to_zookeeper(name);
  at(name).resume();
}

std::vector<std::string> ControlCluster::names() const {
  std::vector<std::string> names;
  for (const auto& [name, process] : processes_) names.push_back(name);
  return names;
}

std::shared_ptr<BrokerProcess> ControlCluster::by_address(const std::string& address) {
  const auto found = processes_.find(address.substr(0, address.find(':')));
  return found == processes_.end() ? nullptr : found->second;
}

// ---------------------------------------------------------------- ZooKeeper

void ControlCluster::cut_from_zookeeper(const std::string& name, support::Loss loss) {
  ensemble_.cut(*at(name).session(), loss);
}

void ControlCluster::heal_to_zookeeper(const std::string& name) { ensemble_.heal(*at(name).session()); }

bool ControlCluster::expire_session(const std::string& name) {
  support::FakeCoordinator& session = *at(name).session();
  if (at(name).lease().holds(now_) || session.session_id() == 0 || !ensemble_.session_alive(session.session_id()))
    return false;
  ensemble_.expire(session);
  return true;
}

void ControlCluster::pause_zookeeper_until_all_expire() {
  ensemble_.pause();
  run_for(4500);
  ensemble_.resume();
  for (const std::string& name : names()) expire_session(name);
}

void ControlCluster::write_znode(const std::string& path, const std::string& data) {
  if (!operator_) operator_ = ensemble_.open();
  run_until([this] { return operator_->session_state() == Coordinator::SessionState::connected; });
  bool done = false;
  operator_->set(path, data, any_version, [&](CoordinatorStatus status, const ZnodeStat&) {
    if (status != CoordinatorStatus::ok) broken("an operator cannot write " + path);
    done = true;
  });
  run_until([&] { return done; });
}

void ControlCluster::remove_znode(const std::string& path) {
  if (!operator_) operator_ = ensemble_.open();
  run_until([this] { return operator_->session_state() == Coordinator::SessionState::connected; });
  bool done = false;
  operator_->remove(path, any_version, [&](CoordinatorStatus) { done = true; });
  run_until([&] { return done; });
}

SharedView ControlCluster::view_in_zookeeper() const {
  const auto data = ensemble_.data("/view");
  return data ? parse_view(*data) : nullptr;
}

// ---------------------------------------------------------------- time

void ControlCluster::schedule(core::Milliseconds delay, std::function<void()> event) {
  events_[{now_ + std::max<core::Milliseconds>(0, delay), ++last_event_}] = std::move(event);
}

core::Milliseconds ControlCluster::latency() {
  return 1 + static_cast<core::Milliseconds>(random(static_cast<std::uint64_t>(options_.latency_max_ms)));
}

void ControlCluster::step(core::Milliseconds until) {
  core::Milliseconds next = until;
  if (!events_.empty()) next = std::min(next, events_.begin()->first.first);
  if (const auto at = ensemble_.next_event_ms()) next = std::min(next, *at);
  now_ = next;
  ensemble_.advance_to(now_);
  while (!events_.empty() && events_.begin()->first.first <= now_) {
    const auto event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  check_promises();
}

void ControlCluster::run_for(core::Milliseconds duration) {
  const core::Milliseconds until = now_ + duration;
  while (now_ < until) step(until);
}

bool ControlCluster::run_until(const std::function<bool()>& condition, core::Milliseconds limit) {
  const core::Milliseconds until = now_ + limit;
  while (!condition()) {
    if (now_ >= until) return false;
    step(until);
  }
  return true;
}

bool ControlCluster::has_converged() {
  const SharedView view = view_in_zookeeper();
  if (processes_.empty() || !view || view->members.size() != processes_.size()) return false;
  for (const auto& [name, process] : processes_) {
    const ControlStatus status = process->control().status(now_);
    if (!status.readiness.ready || status.view_number != view->number) return false;
    for (const FakeShard& shard : process->shards())
      if (!may_act(*process) || !shard.all_settled()) return false;
  }
  return interest_is_known();
}

bool ControlCluster::interest_is_known() {
  for (const auto& [name, process] : processes_) {
    const Incarnation& incarnation = process->shards().front().self();
    std::set<std::string> wanted;
    for (const FakeShard& shard : process->shards())
      for (const auto& [filter, sequence] : shard.wants()) wanted.insert(filter);
    for (const auto& [other_name, other] : processes_) {
      if (other == process) continue;
      for (const FakeShard& shard : other->shards())
        if (shard.interest_of(incarnation) != wanted) return false;
    }
  }
  return true;
}

std::size_t ControlCluster::logged(const std::string& name, const std::string& text) {
  const auto& log = at(name).log;
  return static_cast<std::size_t>(std::count_if(
      log.begin(), log.end(), [&](const std::string& line) { return line.find(text) != std::string::npos; }));
}

std::string ControlCluster::describe() {
  std::string text = "seed " + std::to_string(options_.seed) + " at " + std::to_string(now_) + " ms\n";
  std::vector<std::string> lines = logs_of_the_dead_;
  for (const auto& [name, process] : processes_) {
    const ControlStatus status = process->control().status(now_);
    text += name + " is " + status.incarnation.text() + " in view " + std::to_string(status.view_number) +
            (status.controller ? ", controller" : "") + (process->is_stalled() ? ", stalled" : "") + ':';
    for (const std::string& reason : status.readiness.reasons) text += "\n    " + reason;
    text += '\n';
    lines.insert(lines.end(), process->log.begin(), process->log.end());
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const std::string& a, const std::string& b) { return std::stoll(a) < std::stoll(b); });
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

void ControlCluster::broken(const std::string& what) { throw Broken(what + "\n" + describe()); }

}  // namespace mqttzoo::cluster::harness
