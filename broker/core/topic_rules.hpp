#pragma once

#include <string_view>

#include "broker/core/limits.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::core {

/// What this broker allows in valid Topic Names and Topic Filters beyond the standard's rules.
inline bool too_deep_or_long(std::string_view topic, const Limits& limits) {
  if (topic.size() < limits.topic_levels_max) [[likely]]
    return false;  // not even if each byte were a slash
  return topic.size() > limits.topic_bytes_max || mqtt::count_levels(topic) > limits.topic_levels_max;
}

/// $SYS is what the broker tells about itself; clients do not write there (v5 and v3.1.1 4.7.2).
inline bool is_reserved_topic(std::string_view topic) { return topic.starts_with("$SYS/") || topic == "$SYS"; }

}  // namespace mqttzoo::core
