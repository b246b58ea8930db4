#include "broker/config/conf_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

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

struct Directory : testing::Test {
  Directory() { std::filesystem::create_directories(path + "/conf.d"); }
  ~Directory() override { std::filesystem::remove_all(path); }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path + '/' + name) << text;
    return path + '/' + name;
  }
  std::string error_of_reading(const std::string& file) const {
    try {
      (void)read_conf_file(file);
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  }

  const std::string path = testing::TempDir() + "mqttzoo-conf-" + std::to_string(::getpid());
};

TEST_F(Directory, Is_included_in_its_place_and_in_the_order_of_the_alphabet) {
  for (const char* name : {"b", "B", "a", "01", "A", "00"})
    write("conf.d/" + std::string(name) + ".conf", "threads 1\n");
  write("conf.d/.conf", "no\n");
  write("conf.d/readme", "no\n");
  const std::string inner = path + "/conf.d/";
  const std::string main = write("main.conf", "listener 1\ninclude_dir " + inner + "\nlistener 2\n");
  std::vector<std::string> places;
  for (const ConfLine& line : read_conf_file(main)) places.push_back(line.where());
  EXPECT_THAT(places, ElementsAre(main + ":1", inner + "00.conf:1", inner + "01.conf:1", inner + "A.conf:1",
                                  inner + "a.conf:1", inner + "B.conf:1", inner + "b.conf:1", main + ":3"));
}

TEST_F(Directory, Included_files_include_no_others) {
  write("conf.d/a.conf", "include_dir " + path + "\n");
  const auto lines = read_conf_file(write("main.conf", "include_dir " + path + "/conf.d\n"));
  EXPECT_THAT(lines, ElementsAre(ConfLine{path + "/conf.d/a.conf", 1, "include_dir", path}));
}

TEST_F(Directory, That_is_not_there_is_named) {
  const std::string main = write("main.conf", "\ninclude_dir " + path + "/none\n");
  EXPECT_EQ(error_of_reading(main),
            main + ":2: include_dir: " + path + "/none cannot be read: No such file or directory");
}

TEST_F(Directory, Of_too_many_files_is_refused) {
  const std::string main = write("main.conf", "include_dir " + path + "/conf.d\n");
  for (std::size_t number = 0; number < included_files_max; ++number) {
    write("conf.d/" + std::to_string(number) + ".conf", "");
  }
  EXPECT_EQ(error_of_reading(main), "none");
  write("conf.d/more.conf", "");
  EXPECT_THAT(error_of_reading(main), HasSubstr("holds more than 1000 files"));
}

}  // namespace
}  // namespace mqttzoo::config
