#include "proto/mqtt/utf8.hpp"

#include <algorithm>

namespace mqttzoo::mqtt {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// The bytes of the character that `rest` begins with, 0 if it is not valid. The bounds of the second byte exclude
/// overlong forms, surrogates and what lies beyond U+10FFFF (Unicode, table 3-7).
std::size_t valid_character_size(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest[0]);
  if (first < 0x80) return first == 0 ? 0 : 1;
  std::size_t size = 0;
  unsigned char lowest = 0x80;
  unsigned char highest = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    if (first == 0xE0) lowest = 0xA0;
    if (first == 0xED) highest = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    if (first == 0xF0) lowest = 0x90;
    if (first == 0xF4) highest = 0x8F;
  }
  if (size == 0 || rest.size() < size) return 0;
  const auto second = static_cast<unsigned char>(rest[1]);
  if (second < lowest || second > highest) return 0;
  return std::all_of(rest.begin() + 2, rest.begin() + static_cast<std::ptrdiff_t>(size), is_continuation) ? size : 0;
}

}  // namespace

bool detail::valid_utf8_beyond_ascii(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= 8 && all_ascii(load_8(text.data()))) {
      text.remove_prefix(8);
      continue;
    }
    const std::size_t size = valid_character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool well_formed_utf8(std::string_view bytes) {
  // No other character has a zero byte in it.
  for (;;) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (!valid_utf8(bytes.substr(0, end))) return false;
    if (end == bytes.size()) return true;
    bytes.remove_prefix(end + 1);
  }
}

std::size_t utf8_length(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

}  // namespace mqttzoo::mqtt
