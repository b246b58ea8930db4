#include "proto/mqtt/utf8.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::wire;

// Each text alone and at every offset in ASCII, so that every path of the word-wise check meets it, in memory of
// exactly its size, so that the address sanitizer sees a character that is read beyond the end.
void expect_everywhere(const std::string& text, bool valid) {
  for (std::size_t before = 0; before < 18; ++before) {
    for (std::size_t after = 0; after < 18; ++after) {
      const std::string padded = std::string(before, 'x') + text + std::string(after, 'y');
      const std::vector<char> exact(padded.begin(), padded.end());
      EXPECT_EQ(valid_utf8({exact.data(), exact.size()}), valid)
          << test::hex(text) << "after " << before << " before " << after;
    }
  }
}

TEST(Utf8, AsciiOfAnyLengthIsValid) {
  for (std::size_t size = 0; size < 70; ++size) EXPECT_TRUE(valid_utf8(std::string(size, 'a'))) << size;
}

TEST(Utf8, ControlCharactersAndTheByteOrderMarkAreAllowed) {
  expect_everywhere(wire("01"), true);
  expect_everywhere(wire("7F"), true);
  expect_everywhere(wire("C2 80"), true);     // U+0080
  expect_everywhere(wire("EF BB BF"), true);  // U+FEFF [MQTT-1.5.4-3]
  expect_everywhere(wire("EF BF BF"), true);  // U+FFFF, a non-character
}

TEST(Utf8, CharactersOfTwoToFourBytes) {
  expect_everywhere(wire("C2 A9"), true);
  expect_everywhere(wire("DF BF"), true);
  expect_everywhere(wire("E0 A0 80"), true);
  expect_everywhere(wire("ED 9F BF"), true);
  expect_everywhere(wire("EE 80 80"), true);
  expect_everywhere(wire("F0 90 80 80"), true);
  expect_everywhere(wire("F0 AA 9B 94"), true);  // v5 1.5.4: U+2A6D4
  expect_everywhere(wire("F4 8F BF BF"), true);
}

TEST(Utf8, ZeroIsNotAllowed_MQTT_1_5_4_2) { expect_everywhere(wire("00"), false); }

TEST(Utf8, SurrogatesAreNotAllowed_MQTT_1_5_4_1) {
  expect_everywhere(wire("ED A0 80"), false);
  expect_everywhere(wire("ED BF BF"), false);
}

TEST(Utf8, OverlongFormsAreIllFormed) {
  expect_everywhere(wire("C0 80"), false);
  expect_everywhere(wire("C1 BF"), false);
  expect_everywhere(wire("E0 9F BF"), false);
  expect_everywhere(wire("F0 8F BF BF"), false);
}

TEST(Utf8, WhatIsBeyondUnicodeIsIllFormed) {
  expect_everywhere(wire("F4 90 80 80"), false);
  expect_everywhere(wire("F5 80 80 80"), false);
  expect_everywhere(wire("F8 88 80 80 80"), false);
  expect_everywhere(wire("FE"), false);
  expect_everywhere(wire("FF"), false);
}

TEST(Utf8, CutAndMisplacedContinuationsAreIllFormed) {
  expect_everywhere(wire("80"), false);
  expect_everywhere(wire("BF"), false);
  expect_everywhere(wire("C2"), false);
  expect_everywhere(wire("E2 82"), false);
  expect_everywhere(wire("F0 9F 98"), false);
  expect_everywhere(wire("C2 41"), false);
  expect_everywhere(wire("E2 41 AC"), false);
  expect_everywhere(wire("E2 82 41"), false);
  expect_everywhere(wire("F0 9F 98 C2"), false);
}

TEST(Utf8, EveryCodePointIsAcceptedExactlyWhenTheStandardAllowsIt) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    std::string text;
    const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xC0 | point >> 6);
    } else if (point < 0x10000) {
      add(0xE0 | point >> 12);
    } else {
      add(0xF0 | point >> 18);
      add(0x80 | (point >> 12 & 0x3F));
    }
    if (point >= 0x800) add(0x80 | (point >> 6 & 0x3F));
    if (point >= 0x80) add(0x80 | (point & 0x3F));
    const bool allowed = point != 0 && (point < 0xD800 || point > 0xDFFF);
    ASSERT_EQ(valid_utf8(text), allowed) << point;
  }
}

TEST(Utf8, PlainTopicsHaveNeitherWildcardsNorMoreThanAscii) {
  for (std::size_t before = 0; before < 18; ++before) {
    for (std::size_t after = 0; after < 18; ++after) {
      for (int byte = 0; byte < 256; ++byte) {
        const std::string text = std::string(before, 'x') + static_cast<char>(byte) + std::string(after, '/');
        const bool plain = byte > 0 && byte < 0x80 && byte != '#' && byte != '+';
        ASSERT_EQ(is_plain_topic(text), plain) << byte;
      }
    }
  }
  EXPECT_TRUE(is_plain_topic(""));
}

TEST(Utf8, LengthCountsCharacters) {
  EXPECT_EQ(utf8_length(""), 0U);
  EXPECT_EQ(utf8_length("abc"), 3U);
  EXPECT_EQ(utf8_length(wire("41 C2A9 E282AC F0AA9B94")), 4U);
}

// v5 3.3.2.3.2: a payload is text as Unicode has it.
TEST(Utf8, APayloadMayHaveZeroBytes) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text : {""sv, "abc"sv, "\0"sv, "a\0\0"sv, "\0b"sv, "\xC3\xA4\0\xE2\x82\xAC"sv}) {
    EXPECT_TRUE(well_formed_utf8(text));
  }
  for (const std::string_view bytes : {"\xC3"sv, "\xC3\0\xA4"sv, "abc\0\x80"sv, "\xC0\x80\0"sv, "\0\xED\xA0\x80"sv}) {
    EXPECT_FALSE(well_formed_utf8(bytes));
  }
}

}  // namespace
}  // namespace mqttzoo::mqtt
