#pragma once

#include <optional>
#include <string_view>

namespace mqttzoo::config {

/// Why MQTTZoo refuses a key that mosquitto 2 knows; none for a key that neither of them has, or that MQTTZoo has too.
std::optional<std::string_view> why_refused(std::string_view name);

}  // namespace mqttzoo::config
