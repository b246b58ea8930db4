#include "broker/node/node_counters.hpp"

#include <algorithm>
#include <string>

namespace mqttzoo {

namespace {

// A loop that is busier than this with one turn does not turn, for /healthz and /readyz.
constexpr core::Milliseconds healthy_turn_ms = 5'000;

}  // namespace

void NodeCounters::set_status(const cluster::ControlStatus& status) {
  const std::lock_guard lock(mutex_);
  picture_.status = status;
}

void NodeCounters::set_retained(const RetainedPicture& retained) {
  const std::lock_guard lock(mutex_);
  picture_.retained = retained;
}

ControlPicture NodeCounters::picture() const {
  const std::lock_guard lock(mutex_);
  return picture_;
}

bool NodeCounters::loops_turn(core::Milliseconds now, core::Milliseconds silence_ms) const {
  if (control_loop_->busy_for(now) > silence_ms) return false;
  return std::all_of(shards_.begin(), shards_.end(),
                     [&](const Shard& shard) { return shard.loop->busy_for(now) <= silence_ms; });
}

ops::SysValues NodeCounters::sys_values(core::Milliseconds uptime) const {
  ops::SysValues values;
  values.uptime_milliseconds = uptime;
  const RetainedPicture retained = picture().retained;
  values.retained_messages = values.stored_messages = retained.messages;
  values.stored_bytes = retained.payload_bytes;
  values.sockets_opened = net_.sockets_over_limit.load();
  for (const Shard& shard : shards_) {
    const core::Counters& counters = *shard.counters;
    values.clients_connected += counters.connections_accepted.get();
    values.clients_disconnected += counters.sessions_away.get();
    values.clients_expired += counters.sessions_expired.get();
    values.sockets_opened += counters.connections_opened.get();
    values.connects_received += counters.connects_received.get();
    values.messages_in_flight += counters.messages_in_flight.get();
    values.stored_messages += counters.kept_messages.get();
    values.stored_bytes += counters.kept_bytes.get();
    values.messages_received += counters.packets_received.get();
    values.messages_sent += counters.packets_sent.get();
    values.bytes_received += counters.bytes_received.get();
    values.bytes_sent += counters.bytes_sent.get();
    values.publish_bytes_received += counters.publish_bytes_received.get();
    values.publish_bytes_sent += counters.publish_bytes_sent.get();
    values.subscriptions += counters.subscriptions.get();
    values.shared_subscriptions += counters.shared_subscriptions.get();
    for (const core::Counter& counter : counters.publishes_received) values.publish_messages_received += counter.get();
    for (const core::Counter& counter : counters.publishes_sent) values.publish_messages_sent += counter.get();
    for (const core::Counter& counter : counters.drops) values.publish_messages_dropped += counter.get();
    // As in mosquitto: what a subscriber may not read is not missing.
    values.publish_messages_dropped -=
        counters.drops[static_cast<std::size_t>(core::DropReason::may_not_receive)].get();
  }
  return values;
}

ops::SysCluster NodeCounters::sys_cluster() const {
  const ControlPicture now_known = picture();
  const cluster::ControlStatus& status = now_known.status;
  ops::SysCluster cluster;
  cluster.name = status.incarnation.name;
  for (const cluster::Incarnation& member : status.members) cluster.members.push_back(member.name);
  cluster.view = status.view_number;
  cluster.partitions = status.primary_partitions;
  cluster.member = status.member;
  cluster.acting = status.acting;
  cluster.coordination = cluster::to_string(status.coordination);
  cluster.controller = status.controller;
  cluster.ready = status.readiness.ready && now_known.retained.loaded;
  return cluster;
}

ops::HttpAnswer NodeCounters::health(core::Milliseconds now) const {
  ops::HttpAnswer answer;
  answer.body = "ok\n";
  if (!loops_turn(now, healthy_turn_ms)) {
    answer.status = 503;
    answer.body = "an event loop is stuck\n";
  }
  return answer;
}

ops::HttpAnswer NodeCounters::readiness(core::Milliseconds now) const {
  ops::HttpAnswer answer = health(now);
  if (answer.status != 200) return answer;
  const ControlPicture now_known = picture();
  std::string missing;
  for (const std::string& reason : now_known.status.readiness.reasons) missing += reason + '\n';
  if (!now_known.retained.loaded) missing += "the retained messages are not loaded\n";
  if (!now_known.status.readiness.ready && missing.empty()) missing = "starting\n";
  const std::vector<std::string>& degraded = now_known.status.readiness.degraded;
  answer.body = degraded.empty() ? "ready\n" : "ready, degraded\n";
  for (const std::string& reason : degraded) answer.body += reason + '\n';
  if (!missing.empty()) answer.body = missing;
  if (!missing.empty()) answer.status = 503;
  return answer;
}

}  // namespace mqttzoo
