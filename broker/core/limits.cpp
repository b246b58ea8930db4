#include "broker/core/limits.hpp"

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::core {

std::size_t Limits::bytes_of_filter(std::string_view filter) const {
  return filter.size() + (mqtt::has_wildcard(filter) ? mqtt::count_levels(filter) * filter_level_bytes : 0);
}

}  // namespace mqttzoo::core
