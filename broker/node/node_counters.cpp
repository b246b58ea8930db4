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

ops::SysValues NodeCounters::sys_values(std::uint64_t uptime_seconds) const {
  ops::SysValues values;
  values.uptime_seconds = uptime_seconds;
  values.retained_messages = picture().retained.messages;
  for (const Shard& shard : shards_) {
    const core::Counters& counters = *shard.counters;
    values.clients_connected += counters.connections_accepted.get();
    values.messages_received += counters.packets_received.get();
    values.messages_sent += counters.packets_sent.get();
    values.bytes_received += counters.bytes_received.get();
    values.bytes_sent += counters.bytes_sent.get();
    values.publish_bytes_received += counters.publish_bytes_received.get();
    values.publish_bytes_sent += counters.publish_bytes_sent.get();
    values.subscriptions += counters.subscriptions.get();
    for (const core::Counter& counter : counters.publishes_received) values.publish_messages_received += counter.get();
    for (const core::Counter& counter : counters.publishes_sent) values.publish_messages_sent += counter.get();
    for (const core::Counter& counter : counters.drops) values.publish_messages_dropped += counter.get();
    // As in mosquitto: what a subscriber may not read is not missing.
    values.publish_messages_dropped -=
        counters.drops[static_cast<std::size_t>(core::DropReason::may_not_receive)].get();
  }
  return values;
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
  answer.body = missing.empty() ? "ready\n" : missing;
  if (!missing.empty()) answer.status = 503;
  return answer;
}

}  // namespace mqttzoo
