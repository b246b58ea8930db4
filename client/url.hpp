#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mqttzoo::client {

/// The parts of `mqtt://user:password@host:port/topic`, percent-decoded. Only host is always there.
struct MqttUrl {
  std::string host;
  std::uint16_t port = 1883;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::optional<std::string> topic;
};

/// Throws std::invalid_argument with the reason.
MqttUrl parse_url(std::string_view text);

}  // namespace mqttzoo::client
