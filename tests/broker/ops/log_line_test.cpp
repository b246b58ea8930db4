#include "broker/ops/log_line.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace mqttzoo::ops {
namespace {

std::string text_of(std::string_view value) {
  const Field field{"client", value};
  return text_line("ended", {&field, 1});
}

std::string json_value_of(std::string_view value) {
  const Field field{"client", value};
  const auto object = boost::json::parse("{" + json_members("ended", {&field, 1}) + "}");
  return std::string(object.as_object().at("client").as_string());
}

TEST(LogLine, Text_is_a_message_and_fields) {
  const Field fields[] = {{"address", "127.0.0.1"}, {"port", 1883}};
  EXPECT_EQ(text_line("listening", fields), "listening address=127.0.0.1 port=1883");
}

TEST(LogLine, Json_members_are_strings_and_numbers) {
  const Field fields[] = {{"address", "127.0.0.1"}, {"port", 1883}};
  EXPECT_EQ(json_members("listening", fields), R"("message":"listening","address":"127.0.0.1","port":1883)");
}

TEST(LogLine, A_client_cannot_forge_a_line_or_a_field) {
  EXPECT_EQ(text_of("a\nerror forged"), R"(ended client="a\x0aerror forged")");
  EXPECT_EQ(text_of("a reason=none"), R"(ended client="a reason=none")");
  EXPECT_EQ(text_of("a\" b"), R"(ended client="a\" b")");
  EXPECT_EQ(text_of("a\\"), R"(ended client="a\\")");
  EXPECT_EQ(text_of(""), R"(ended client="")");
}

TEST(LogLine, What_a_message_names_cannot_forge_a_line_either) {
  EXPECT_EQ(text_line("linked with b at h\n:1 \"b\" \x1b[2J\xc2\x9b gr\xc3\xbc\xc3\x9f \xc2", {}),
            "linked with b at h\\x0a:1 \"b\" \\x1b[2J\\x9b gr\xc3\xbc\xc3\x9f \xc2");
}

TEST(LogLine, Terminals_are_not_driven) {
  EXPECT_EQ(text_of("\x1b[2J"), R"(ended client="\x1b[2J")");
  EXPECT_EQ(text_of("\xc2\x9b"), R"(ended client="\x9b")");
  EXPECT_EQ(text_of("\x7f"), R"(ended client="\x7f")");
}

TEST(LogLine, Json_escapes_what_JSON_cannot_hold) {
  EXPECT_EQ(json_value_of("a\"b\\c\n\x01\x7f"), "a\"b\\c\n\x01\x7f");
  EXPECT_EQ(json_value_of("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
}

TEST(LogLine, Text_that_is_not_UTF8_stays_readable) {
  EXPECT_EQ(text_of("a\xff"), R"(ended client="a\xff")");
  EXPECT_EQ(text_of("\xc3"), R"(ended client="\xc3")");
  EXPECT_EQ(json_value_of("a\xff"), "a\xef\xbf\xbd");
  EXPECT_EQ(json_value_of("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(json_value_of("\xf0\x9f\x98"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(json_value_of("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

TEST(LogLine, Long_values_are_cut_between_characters) {
  std::string expected(field_bytes_max, 'x');
  expected += "...";
  EXPECT_EQ(json_value_of(std::string(300, 'x')), expected);
  std::string wide;
  while (wide.size() < 300) wide += "\xe2\x82\xac";  // 3 bytes each: 85 of them fit
  expected = wide.substr(0, 255);
  expected += "...";
  EXPECT_EQ(json_value_of(wide), expected);
}

}  // namespace
}  // namespace mqttzoo::ops
