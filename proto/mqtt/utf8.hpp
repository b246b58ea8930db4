#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mqttzoo::mqtt {

namespace detail {

inline constexpr std::uint64_t every_byte_1 = 0x0101010101010101;
inline constexpr std::uint64_t every_byte_high_bit = 0x8080808080808080;

inline std::uint64_t load_8(const char* place) {
  std::uint64_t word;
  std::memcpy(&word, place, sizeof word);
  return word;
}
inline std::uint32_t load_4(const char* place) {
  std::uint32_t word;
  std::memcpy(&word, place, sizeof word);
  return word;
}

/// Whether all bytes of a word are 0x01 to 0x7F: a zero byte borrows and gets its high bit set.
inline bool all_ascii(std::uint64_t word) { return (((word - every_byte_1) | word) & every_byte_high_bit) == 0; }
/// The same, and none of the bytes is '#' or '+'. The two differ in one bit, which is masked out.
inline bool all_ascii_without_wildcard(std::uint64_t word) {
  const std::uint64_t zero_at_wildcard = (word & ~(every_byte_1 * 0x08)) ^ (every_byte_1 * 0x23);
  return (((word - every_byte_1) | word | (zero_at_wildcard - every_byte_1)) & every_byte_high_bit) == 0;
}

/// Applies a test on eight bytes to a whole text; the last words may overlap, short texts are filled up with 'a'.
template <bool (*test)(std::uint64_t)>
inline bool all_words(std::string_view text) {
  const char* place = text.data();
  const std::size_t size = text.size();
  if (size >= 8) {
    const char* const last = place + size - 8;
    for (; place < last; place += 8) {
      if (!test(load_8(place))) return false;
    }
    return test(load_8(last));
  }
  if (size >= 4) return test(load_4(place) | std::uint64_t{load_4(place + size - 4)} << 32);
  if (size == 0) return true;
  const auto byte = [place](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(place[i])}; };
  return test(byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16 | (every_byte_1 * 'a') << 24);
}

bool valid_utf8_beyond_ascii(std::string_view text);

}  // namespace detail

/// Whether `text` is a valid MQTT UTF-8 Encoded String: well-formed UTF-8 without surrogates, overlong forms and U+0000
/// (v5 [MQTT-1.5.4-1], [MQTT-1.5.4-2]; v3.1.1 [MQTT-1.5.3-1], [MQTT-1.5.3-2]). Any length; the byte order mark, control
/// characters and non-characters are allowed, as the standard leaves it to the receiver.
inline bool valid_utf8(std::string_view text) {
  return detail::all_words<detail::all_ascii>(text) || detail::valid_utf8_beyond_ascii(text);
}

/// Whether `bytes` are well-formed UTF-8 as Unicode has it: with U+0000, which no MQTT string may have, but a payload.
bool well_formed_utf8(std::string_view bytes);

/// Whether `text` is ASCII that can stand in a Topic Name. False says only that a closer look is needed.
inline bool is_plain_topic(std::string_view text) {
  return detail::all_words<detail::all_ascii_without_wildcard>(text);
}

/// The number of characters of a valid UTF-8 text.
std::size_t utf8_length(std::string_view text);

}  // namespace mqttzoo::mqtt
