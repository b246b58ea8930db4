#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/ops/load_averages.hpp"

namespace mqttzoo::ops {

/// What $SYS/broker tells, for the whole broker. Counts are since the start of the process.
struct SysValues {
  std::int64_t uptime_milliseconds = 0;
  std::uint64_t clients_connected = 0;
  std::uint64_t clients_disconnected = 0;  ///< their sessions are here
  std::uint64_t clients_expired = 0;
  std::uint64_t sockets_opened = 0;
  std::uint64_t connects_received = 0;
  std::uint64_t messages_received = 0;  ///< packets of any type, as mosquitto counts
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t publish_messages_received = 0;
  std::uint64_t publish_messages_sent = 0;
  std::uint64_t publish_messages_dropped = 0;
  std::uint64_t publish_bytes_received = 0;  ///< payloads
  std::uint64_t publish_bytes_sent = 0;
  std::uint64_t messages_in_flight = 0;  ///< sent and not acknowledged
  std::uint64_t stored_messages = 0;     ///< in sessions, and retained
  std::uint64_t stored_bytes = 0;        ///< their payloads
  std::uint64_t subscriptions = 0;
  std::uint64_t shared_subscriptions = 0;
  std::uint64_t retained_messages = 0;
};

/// What $SYS/broker/cluster tells: the cluster as this broker sees it.
struct SysCluster {
  std::string name;  ///< of this broker
  std::vector<std::string> members;
  std::uint64_t view = 0;
  std::uint64_t partitions = 0;  ///< whose primary it is
  bool member = false;
  bool acting = false;
  std::string coordination;  ///< "ok", or what is amiss
  bool controller = false;
  bool ready = false;
};

/// The topics under $SYS/broker, with mosquitto's names for what both have. Knows what it said last: as in mosquitto, a
/// topic is published when its value has changed.
class SysTopics {
 public:
  using Changes = std::vector<std::pair<std::string, std::string>>;  ///< topic, value

  Changes changed(const SysValues& values, const SysCluster& cluster);

 private:
  void say(std::string_view name, const std::string& value);
  void say(std::string_view name, std::uint64_t value) { say(name, std::to_string(value)); }
  void say_clients(const SysValues& values);
  void say_traffic(const SysValues& values);
  void say_what_is_kept(const SysValues& values);
  void say_loads(const SysValues& values);
  void say_cluster(const SysCluster& cluster);

  std::map<std::string, std::string, std::less<>> last_;
  std::uint64_t clients_maximum_ = 0;
  std::array<LoadAverages, 9> loads_;
  Changes changes_;  ///< of the present call
};

}  // namespace mqttzoo::ops
