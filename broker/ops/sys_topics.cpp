#include "broker/ops/sys_topics.hpp"

#include <algorithm>

namespace mqttzoo::ops {

void SysTopics::say(std::string_view name, const std::string& value, Changes& changes) {
  auto& last = last_[std::string(name)];
  if (last == value) return;
  last = value;
  changes.emplace_back("$SYS/broker/" + std::string(name), value);
}

SysTopics::Changes SysTopics::changed(const SysValues& values) {
  clients_maximum_ = std::max(clients_maximum_, values.clients_connected);
  Changes changes;
  const auto number = [&](std::string_view name, std::uint64_t value) { say(name, std::to_string(value), changes); };
  say("version", "mqttzoo version " MQTTZOO_VERSION, changes);
  say("uptime", std::to_string(values.uptime_seconds) + " seconds", changes);
  number("clients/connected", values.clients_connected);
  number("clients/active", values.clients_connected);  // the old name, still read by dashboards
  number("clients/maximum", clients_maximum_);
  number("messages/received", values.messages_received);
  number("messages/sent", values.messages_sent);
  number("bytes/received", values.bytes_received);
  number("bytes/sent", values.bytes_sent);
  number("publish/messages/received", values.publish_messages_received);
  number("publish/messages/sent", values.publish_messages_sent);
  number("publish/messages/dropped", values.publish_messages_dropped);
  number("publish/bytes/received", values.publish_bytes_received);
  number("publish/bytes/sent", values.publish_bytes_sent);
  number("subscriptions/count", values.subscriptions);
  number("retained messages/count", values.retained_messages);
  return changes;
}

}  // namespace mqttzoo::ops
