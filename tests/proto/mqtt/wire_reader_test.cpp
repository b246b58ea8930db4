#include "proto/mqtt/wire_reader.hpp"

#include <gmock/gmock.h>

#include <string>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::wire;

TEST(WireReader, ReadsIntegersBigEndian) {
  const std::string bytes = wire("12 3456 789ABCDE");
  WireReader reader(bytes);
  std::uint8_t one = 0;
  std::uint16_t two = 0;
  std::uint32_t four = 0;
  ASSERT_TRUE(reader.byte(one) && reader.two_bytes(two) && reader.four_bytes(four));
  EXPECT_EQ(one, 0x12);
  EXPECT_EQ(two, 0x3456);
  EXPECT_EQ(four, 0x789ABCDEU);
  EXPECT_TRUE(reader.empty());
}

TEST(WireReader, SaysWhenAValueIsCut) {
  const std::string bytes = wire("00");
  std::uint16_t two = 0;
  std::uint32_t four = 0;
  std::string_view text;
  EXPECT_FALSE(WireReader(bytes).two_bytes(two));
  EXPECT_FALSE(WireReader(bytes).four_bytes(four));
  EXPECT_FALSE(WireReader(bytes).binary(text));
  EXPECT_FALSE(WireReader(bytes).raw(2, text));
  const std::string cut_text = wire("0004 'abc'");
  EXPECT_FALSE(WireReader(cut_text).binary(text));
}

// v5 1.5.5
TEST(WireReader, VariableIntegersTakeNoMoreBytesThanNeeded) {
  const auto read = [](const char* notation, std::uint32_t& value) {
    const std::string bytes = wire(notation);
    WireReader reader(bytes);
    return reader.variable_integer(value) && reader.empty();
  };
  std::uint32_t value = 1;
  EXPECT_TRUE(read("00", value));
  EXPECT_EQ(value, 0U);
  EXPECT_TRUE(read("C1 02", value));
  EXPECT_EQ(value, 321U);
  EXPECT_TRUE(read("FF FF FF 7F", value));
  EXPECT_EQ(value, 268'435'455U);
  EXPECT_FALSE(read("", value));
  EXPECT_FALSE(read("80", value));
  EXPECT_FALSE(read("80 00", value));
  EXPECT_FALSE(read("81 80 00", value));
  EXPECT_FALSE(read("80 80 80 80 01", value));
}

}  // namespace
}  // namespace mqttzoo::mqtt
