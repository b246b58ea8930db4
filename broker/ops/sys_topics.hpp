#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mqttzoo::ops {

/// What $SYS/broker tells, for the whole broker.
struct SysValues {
  std::uint64_t uptime_seconds = 0;
  std::uint64_t clients_connected = 0;
  std::uint64_t messages_received = 0;  ///< packets of any type, as mosquitto counts
  std::uint64_t messages_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t publish_messages_received = 0;
  std::uint64_t publish_messages_sent = 0;
  std::uint64_t publish_messages_dropped = 0;
  std::uint64_t publish_bytes_received = 0;  ///< payloads
  std::uint64_t publish_bytes_sent = 0;
  std::uint64_t subscriptions = 0;
  std::uint64_t retained_messages = 0;
};

/// The topics under $SYS/broker with mosquitto's names. Knows what it said last: as in mosquitto, a topic is published
/// when its value has changed.
class SysTopics {
 public:
  using Changes = std::vector<std::pair<std::string, std::string>>;  ///< topic, value

  Changes changed(const SysValues& values);

 private:
  void say(std::string_view name, const std::string& value, Changes& changes);

  std::map<std::string, std::string, std::less<>> last_;
  std::uint64_t clients_maximum_ = 0;
};

}  // namespace mqttzoo::ops
