#include "broker/auth/text_file.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <utility>

#include "broker/auth/limits.hpp"

namespace mqttzoo::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<std::pair<int, std::string>> lines_of(std::string_view text) {
  std::vector<std::pair<int, std::string>> lines;
  for_each_line(text, "f", [&](int number, std::string_view line) { lines.emplace_back(number, line); });
  return lines;
}

std::string error_of(std::string_view text) {
  try {
    for_each_line(text, "some/file", [](int, std::string_view line) {
      if (line == "bad") throw BadLine("it is bad");
    });
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

TEST(TextFile, Lines_without_comments_and_spaces_at_their_ends) {
  EXPECT_THAT(lines_of("a b\n\n  # c\n\t d \r\nlast"), ElementsAre(Pair(1, "a b"), Pair(4, "d"), Pair(5, "last")));
  EXPECT_THAT(lines_of(""), ElementsAre());
}

TEST(TextFile, Errors_name_file_and_line) { EXPECT_EQ(error_of("good\n\nbad\n"), "some/file:3: it is bad"); }

TEST(TextFile, What_is_not_text) {
  EXPECT_THAT(error_of(std::string_view("a\0b", 3)), HasSubstr("some/file:1: the line is not UTF-8"));
  EXPECT_THAT(error_of("\xff"), HasSubstr("not UTF-8"));
  EXPECT_EQ(error_of(std::string(line_bytes_max, 'x')), "none");
  EXPECT_THAT(error_of("\n" + std::string(line_bytes_max + 1, 'x')), HasSubstr("some/file:2: the line is longer"));
}

TEST(TextFile, A_file_that_cannot_be_read) {
  const auto error_of_file = [](const std::string& path) -> std::string {
    try {
      (void)read_auth_file(path);
    } catch (const FileError& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(error_of_file("/no/such/file"), "/no/such/file: cannot be opened: No such file or directory");
  EXPECT_EQ(error_of_file("/proc"), "/proc: cannot be read: Is a directory");
  EXPECT_THAT(error_of_file("/dev/zero"), HasSubstr("larger than 64 MiB"));
}

TEST(TextFile, A_file_that_can_be_read) {
  const std::string path = testing::TempDir() + "text_file_test";
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  const std::string text(100'000, 'x');
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  EXPECT_EQ(read_auth_file(path), text);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace mqttzoo::auth
