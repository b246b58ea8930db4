#include "broker/config/settings.hpp"

#include <algorithm>

namespace mqttzoo::config {

std::string host_and_port(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  return (is_v6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' + std::to_string(endpoint.port);
}

LogTypes LogSettings::types_to_write() const {
  return types.value_or(LogTypes{.error = true,
                                 .warning = level >= LogLevel::warning,
                                 .info = level >= LogLevel::info,
                                 .debug = level >= LogLevel::debug});
}

bool Settings::anonymous_allowed() const {
  return std::any_of(listeners.begin(), listeners.end(),
                     [](const ListenerSettings& listener) { return listener.access.allow_anonymous.value_or(false); });
}

bool Settings::loopback_only() const {
  return std::all_of(listeners.begin(), listeners.end(),
                     [](const ListenerSettings& listener) { return listener.loopback; });
}

}  // namespace mqttzoo::config
