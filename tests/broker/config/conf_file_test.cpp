#include "broker/config/conf_file.hpp"

#include <gmock/gmock.h>

#include "broker/config/error.hpp"

namespace mqttzoo::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string error_of(std::string_view text) {
  try {
    (void)parse_conf(text, "broker.conf");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "none";
}

TEST(ConfFile, A_line_is_a_key_and_the_rest) {
  EXPECT_THAT(parse_conf("listener 1883 127.0.0.1\nbroker_name  a b \n", "f"),
              ElementsAre(ConfLine{"f", 1, "listener", "1883 127.0.0.1"}, ConfLine{"f", 2, "broker_name", "a b"}));
}

TEST(ConfFile, Comments_and_empty_lines_count_but_say_nothing) {
  EXPECT_THAT(parse_conf("# listener 1\n\n   \t\n  # x\nthreads 2", "f"),
              ElementsAre(ConfLine{"f", 5, "threads", "2"}));
}

TEST(ConfFile, A_hash_inside_a_value_belongs_to_it) {
  EXPECT_THAT(parse_conf("topic a/#", "f"), ElementsAre(ConfLine{"f", 1, "topic", "a/#"}));
}

TEST(ConfFile, Line_ends_of_windows_and_tabs_are_space) {
  EXPECT_THAT(parse_conf("threads\t2\r\n", "f"), ElementsAre(ConfLine{"f", 1, "threads", "2"}));
}

TEST(ConfFile, A_key_may_stand_without_value) {
  EXPECT_THAT(parse_conf("threads\n", "f"), ElementsAre(ConfLine{"f", 1, "threads", ""}));
}

TEST(ConfFile, Nothing_gives_nothing) { EXPECT_THAT(parse_conf("", "f"), ElementsAre()); }

TEST(ConfFile, A_NUL_byte_is_refused_with_its_line) {
  EXPECT_EQ(error_of(std::string_view("a 1\nb\0c 2\n", 10)), "broker.conf:2: the line holds a NUL byte");
}

TEST(ConfFile, A_line_without_end_is_bounded) {
  EXPECT_EQ(error_of("a 1\n" + std::string(conf_line_bytes_max + 1, 'x')),
            "broker.conf:2: the line is longer than 64 KiB");
}

TEST(ConfFile, A_missing_file_is_named) {
  try {
    (void)read_conf_file("/nonexistent/broker.conf");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "/nonexistent/broker.conf: cannot be opened: No such file or directory");
  }
}

TEST(ConfFile, A_directory_cannot_be_read) {
  try {
    (void)read_conf_file("/tmp");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("/tmp: cannot be read"));
  }
}

}  // namespace
}  // namespace mqttzoo::config
