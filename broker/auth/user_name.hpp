#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "broker/auth/text_file.hpp"

namespace mqttzoo::auth {

/// Longest user name that a CONNECT can carry.
inline constexpr std::size_t user_name_bytes_max = 65'535;

/// Finds std::string keys by views.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

/// Cuts `NAME:` off the front of a line of a file with users. Throws BadLine.
inline std::string_view take_user_name(std::string_view& line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) throw BadLine("there is no ':' behind the user name");
  const std::string_view name = trimmed(line.substr(0, colon));
  if (name.empty()) throw BadLine("the user name is missing");
  if (name.size() > user_name_bytes_max) throw BadLine("the user name is longer than 65535 bytes");
  line = trimmed(line.substr(colon + 1));
  return name;
}

}  // namespace mqttzoo::auth
