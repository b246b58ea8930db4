#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::mqtt {

/// The bytes of a Variable Byte Integer (v5 1.5.5). `value` is at most 268,435,455.
constexpr std::size_t variable_integer_size(std::size_t value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

/// Throws std::length_error: the sender's data cannot be expressed in MQTT.
[[noreturn]] void throw_string_too_long();
[[noreturn]] void throw_packet_too_long();

/// The bytes of a string with its length in front; throws std::length_error above 65,535 bytes.
inline std::size_t string_size(std::string_view text) {
  if (text.size() > string_bytes_max) [[unlikely]]
    throw_string_too_long();
  return 2 + text.size();
}

/// Writes the data types of v5 1.5 at a place that has been checked to be large enough.
class WireWriter {
 public:
  explicit WireWriter(char* place) : place_(place) {}

  void byte(std::uint8_t value) { *place_++ = static_cast<char>(value); }
  void two_bytes(std::uint16_t value) {
    byte(static_cast<std::uint8_t>(value >> 8));
    byte(static_cast<std::uint8_t>(value));
  }
  void four_bytes(std::uint32_t value) {
    two_bytes(static_cast<std::uint16_t>(value >> 16));
    two_bytes(static_cast<std::uint16_t>(value));
  }
  void variable_integer(std::size_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void raw(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(place_, bytes.data(), bytes.size());
    place_ += bytes.size();
  }
  void string(std::string_view text) {
    two_bytes(static_cast<std::uint16_t>(text.size()));
    raw(text);
  }

 private:
  char* place_;
};

}  // namespace mqttzoo::mqtt
