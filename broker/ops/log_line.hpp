#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace mqttzoo::ops {

/// One named value of a log line. Lives for one call.
struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t> value;
};

/// At most this much of one value is written: names that clients choose may be long.
inline constexpr std::size_t field_bytes_max = 256;

/// `message key=value key="a value"`: quoted where it is empty or holds spaces, quotes, '=' or control characters, so
/// that no client can forge a line or a field. Bytes that are not valid UTF-8 are written as \xNN.
std::string text_line(std::string_view message, std::span<const Field> fields);

/// `"message":"...","key":"value","number":1`: the members of a JSON object, without its braces. Bytes that are not
/// valid UTF-8 become U+FFFD.
std::string json_members(std::string_view message, std::span<const Field> fields);

}  // namespace mqttzoo::ops
