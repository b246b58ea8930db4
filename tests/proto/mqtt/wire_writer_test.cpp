#include "proto/mqtt/wire_writer.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

TEST(WireWriter, WritesTheTypesOfTheStandard) {
  std::string bytes(20, '.');
  WireWriter writer(bytes.data());
  writer.byte(0x12);
  writer.two_bytes(0x3456);
  writer.four_bytes(0x789ABCDE);
  writer.variable_integer(321);
  writer.string("ab");
  writer.raw("cd");
  writer.raw("");
  EXPECT_EQ(test::hex(bytes), test::hex(test::wire("12 3456 789ABCDE C102 0002 'ab' 'cd' '.....'")));
}

TEST(WireWriter, KnowsTheSizeOfVariableIntegers) {
  for (const std::size_t value : {0, 127, 128, 16'383, 16'384, 2'097'151, 2'097'152, 268'435'455}) {
    const std::string expected = test::variable_integer(value);
    EXPECT_EQ(variable_integer_size(value), expected.size());
    std::string bytes(expected.size(), '\0');
    WireWriter(bytes.data()).variable_integer(value);
    EXPECT_EQ(bytes, expected);
  }
}

TEST(WireWriter, RefusesStringsThatTwoBytesCannotCount) {
  EXPECT_EQ(string_size(std::string(65'535, 'x')), 65'537U);
  EXPECT_THROW(string_size(std::string(65'536, 'x')), std::length_error);
}

}  // namespace
}  // namespace mqttzoo::mqtt
