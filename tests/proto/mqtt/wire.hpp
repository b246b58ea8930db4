#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/types.hpp"

/// Bytes on the wire in a notation that can be compared with the figures of the standard.
namespace mqttzoo::mqtt::test {

namespace detail {

inline int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  throw std::invalid_argument(std::string("not a hex digit: ") + digit);
}

inline std::string take_until(char end, std::string_view& rest) {
  const std::size_t size = rest.find(end);
  if (size == std::string_view::npos) throw std::invalid_argument(std::string("missing ") + end);
  const std::string text(rest.substr(0, size));
  rest.remove_prefix(size + 1);
  return text;
}

}  // namespace detail

inline std::string variable_integer(std::size_t value) {
  std::string bytes;
  do {
    bytes += static_cast<char>(value % 128 + (value >= 128 ? 128 : 0));
    value /= 128;
  } while (value != 0);
  return bytes;
}

inline std::string two_bytes(std::size_t value) {
  return {static_cast<char>(value / 256), static_cast<char>(value % 256)};
}

/// Hex digits, with: 'text' as it is, (text) behind its two bytes of length, {notation} behind its length as a Variable
/// Byte Integer. Spaces do not count.
inline std::string wire(std::string_view notation) {
  std::string bytes;
  while (!notation.empty()) {
    const char first = notation.front();
    notation.remove_prefix(1);
    if (first == ' ') continue;
    if (first == '\'') {
      bytes += detail::take_until('\'', notation);
    } else if (first == '(') {
      const std::string text = detail::take_until(')', notation);
      bytes += two_bytes(text.size()) + text;
    } else if (first == '{') {
      const std::string inner = wire(detail::take_until('}', notation));
      bytes += variable_integer(inner.size()) + inner;
    } else {
      bytes += static_cast<char>(detail::hex_digit(first) * 16 + detail::hex_digit(notation.at(0)));
      notation.remove_prefix(1);
    }
  }
  return bytes;
}

/// A packet whose Remaining Length is worked out.
inline std::string packet(std::uint8_t first_byte, std::string_view body_notation) {
  const std::string body = wire(body_notation);
  return static_cast<char>(first_byte) + variable_integer(body.size()) + body;
}

/// The frame of bytes that are exactly one packet; `bytes` must outlive it.
inline Frame frame_of(std::string_view bytes) {
  const Split split = split_frame(bytes, packet_bytes_max);
  EXPECT_EQ(split.status, SplitStatus::complete);
  EXPECT_EQ(split.frame.total_size, bytes.size());
  return split.frame;
}
Frame frame_of(std::string&&) = delete;

/// For comparing bytes in readable messages.
inline std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 0x0F];
    text += ' ';
  }
  return text;
}

}  // namespace mqttzoo::mqtt::test
