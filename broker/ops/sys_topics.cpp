#include "broker/ops/sys_topics.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace mqttzoo::ops {

namespace {

struct Load {
  std::string_view name;
  std::uint64_t SysValues::*count;
};

constexpr std::array<Load, 9> loads = {{
    {"messages/received", &SysValues::messages_received},
    {"messages/sent", &SysValues::messages_sent},
    {"publish/received", &SysValues::publish_messages_received},
    {"publish/sent", &SysValues::publish_messages_sent},
    {"publish/dropped", &SysValues::publish_messages_dropped},
    {"bytes/received", &SysValues::bytes_received},
    {"bytes/sent", &SysValues::bytes_sent},
    {"sockets", &SysValues::sockets_opened},
    {"connections", &SysValues::connects_received},
}};

}  // namespace

void SysTopics::say(std::string_view name, const std::string& value) {
  if (value.empty()) return;  // that would be no retained message
  const auto [last, is_new] = last_.try_emplace(std::string(name));
  if (!is_new && last->second == value) return;
  last->second = value;
  changes_.emplace_back("$SYS/broker/" + std::string(name), value);
}

SysTopics::Changes SysTopics::changed(const SysValues& values, const SysCluster& cluster) {
  say("version", "mqttzoo version " MQTTZOO_VERSION);
  say("uptime", std::to_string(values.uptime_milliseconds / 1000) + " seconds");
  say_clients(values);
  say_traffic(values);
  say_what_is_kept(values);
  say_loads(values);
  say_cluster(cluster);
  return std::exchange(changes_, {});
}

void SysTopics::say_clients(const SysValues& values) {
  const std::uint64_t total = values.clients_connected + values.clients_disconnected;
  clients_maximum_ = std::max(clients_maximum_, values.clients_connected);
  say("clients/total", total);
  say("clients/connected", values.clients_connected);
  say("clients/disconnected", values.clients_disconnected);
  // The old names, still read by dashboards.
  say("clients/active", values.clients_connected);
  say("clients/inactive", values.clients_disconnected);
  say("clients/maximum", clients_maximum_);
  say("clients/expired", values.clients_expired);
}

void SysTopics::say_traffic(const SysValues& values) {
  say("messages/received", values.messages_received);
  say("messages/sent", values.messages_sent);
  say("bytes/received", values.bytes_received);
  say("bytes/sent", values.bytes_sent);
  say("publish/messages/received", values.publish_messages_received);
  say("publish/messages/sent", values.publish_messages_sent);
  say("publish/messages/dropped", values.publish_messages_dropped);
  say("publish/bytes/received", values.publish_bytes_received);
  say("publish/bytes/sent", values.publish_bytes_sent);
}

void SysTopics::say_what_is_kept(const SysValues& values) {
  say("messages/inflight", values.messages_in_flight);
  say("messages/stored", values.stored_messages);  // the old name
  say("store/messages/count", values.stored_messages);
  say("store/messages/bytes", values.stored_bytes);
  say("subscriptions/count", values.subscriptions);
  say("shared_subscriptions/count", values.shared_subscriptions);
  say("retained messages/count", values.retained_messages);
}

void SysTopics::say_loads(const SysValues& values) {
  for (std::size_t i = 0; i < loads.size(); ++i) {
    loads_[i].look(values.*loads[i].count, values.uptime_milliseconds);
    for (std::size_t span = 0; span < LoadAverages::names.size(); ++span) {
      char text[32];
      std::snprintf(text, sizeof text, "%.2f", loads_[i].averages()[span]);
      say("load/" + std::string(loads[i].name) + '/' + std::string(LoadAverages::names[span]), text);
    }
  }
}

void SysTopics::say_cluster(const SysCluster& cluster) {
  std::string members;
  for (const std::string& member : cluster.members) members += (members.empty() ? "" : " ") + member;
  say("cluster/name", cluster.name);
  say("cluster/members", members);
  say("cluster/members/count", cluster.members.size());
  say("cluster/view", cluster.view);
  say("cluster/partitions/primary", cluster.partitions);
  say("cluster/member", std::uint64_t{cluster.member});
  say("cluster/acting", std::uint64_t{cluster.acting});
  say("cluster/coordination", cluster.coordination);
  say("cluster/controller", std::uint64_t{cluster.controller});
  say("cluster/ready", std::uint64_t{cluster.ready});
}

}  // namespace mqttzoo::ops
