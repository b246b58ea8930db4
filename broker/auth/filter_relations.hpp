#pragma once

#include <string_view>

/// How two Topic Filters stand to each other (v5 and v3.1.1 4.7). Both must be valid.
namespace mqttzoo::auth {

/// There is a topic that both match.
bool overlap(std::string_view a, std::string_view b);

/// `wide` matches every topic that `narrow` matches.
bool covers(std::string_view wide, std::string_view narrow);

}  // namespace mqttzoo::auth
