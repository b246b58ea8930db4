#include "broker/ops/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

// A log whose writer hangs in standard error is left behind, on purpose.
extern "C" const char* __lsan_default_suppressions() { return "leak:mqttzoo::ops::start_log\n"; }

namespace mqttzoo::ops {
namespace {

using testing::EndsWith;

// The log goes into a pipe, whose reader reads when the test says so.
struct LogTest : testing::Test {
  LogTest() : own_stderr(::dup(STDERR_FILENO)) {
    EXPECT_EQ(::pipe(pipe.data()), 0);
    ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
    ::dup2(pipe[1], STDERR_FILENO);
    start_log({});
  }
  ~LogTest() override {
    std::signal(SIGPIPE, SIG_IGN);
    ::close(pipe[0]);  // what could not be written yet goes nowhere
    stop_log();
    ::dup2(own_stderr, STDERR_FILENO);
    ::close(pipe[1]);
    ::close(own_stderr);
  }

  std::string written() const {
    std::string text(65536, '\0');
    const ssize_t size = ::read(pipe[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

  std::array<int, 2> pipe{};
  int own_stderr;
};

TEST_F(LogTest, A_flush_waits_until_the_lines_are_written_and_the_log_goes_on) {
  for (int line = 0; line < 100; ++line) log(Level::error, "a thread is stuck", {{"line", line}});
  EXPECT_TRUE(flush_log(std::chrono::minutes(1)));
  EXPECT_THAT(written(), EndsWith("a thread is stuck line=99\n"));
  log(Level::info, "of another thread");
  EXPECT_TRUE(flush_log(std::chrono::minutes(1)));
  EXPECT_THAT(written(), EndsWith("of another thread\n"));
}

TEST_F(LogTest, Neither_a_flush_nor_the_end_waits_for_ever_for_a_reader_who_does_not_read) {
  const std::string long_line(4096, 'x');
  for (int line = 0; line < 64; ++line) log(Level::info, long_line);  // more than a pipe holds
  EXPECT_FALSE(flush_log(std::chrono::milliseconds(1)));
  EXPECT_EQ(log_lines_dropped(), 0U);
  EXPECT_FALSE(stop_log(std::chrono::milliseconds(1)));
}

// What a log with these options writes into a file.
struct FileLogTest : testing::Test {
  FileLogTest() : directory(testing::TempDir() + "mqttzoo-log-" + std::to_string(::getpid())) {
    std::filesystem::create_directory(directory);
  }
  ~FileLogTest() override {
    stop_log();
    std::filesystem::remove_all(directory);
  }

  std::string path() const { return directory + "/broker.log"; }

  static std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string one_line(LogOptions options, Level level = Level::error) {
    std::filesystem::remove(path());
    options.to_stderr = false;
    options.file = path();
    start_log(options);
    log(level, "a line", {{"number", 1}});
    EXPECT_TRUE(stop_log(std::chrono::minutes(1)));
    return content_of(path());
  }

  const std::string directory;
};

TEST_F(FileLogTest, Lines_begin_with_the_time_in_utc) {
  EXPECT_THAT(one_line({}), testing::MatchesRegex("....-..-..T..:..:..\\....Z error   a line number=1\n"));
}

TEST_F(FileLogTest, Or_with_what_strftime_writes_or_with_no_time) {
  LogOptions options;
  options.timestamp_format = "[%Y] %% ";
  EXPECT_THAT(one_line(options), testing::MatchesRegex("\\[20..\\] %  error   a line number=1\n"));
  options.timestamps = false;
  EXPECT_EQ(one_line(options), "error   a line number=1\n");
  options.format = LineFormat::json;
  EXPECT_EQ(one_line(options), "{\"level\":\"error\",\"message\":\"a line\",\"number\":1}\n");
}

TEST_F(FileLogTest, Each_level_is_written_or_not) {
  LogOptions options;
  options.levels = {Level::error, Level::debug};
  options.timestamps = false;
  EXPECT_EQ(one_line(options, Level::error), "error   a line number=1\n");
  EXPECT_EQ(one_line(options, Level::warning), "");
  EXPECT_EQ(one_line(options, Level::info), "");
  EXPECT_EQ(one_line(options, Level::debug), "debug   a line number=1\n");
}

TEST_F(FileLogTest, A_rotated_file_is_left_for_a_new_one) {
  LogOptions options;
  options.to_stderr = false;
  options.file = path();
  options.timestamps = false;
  start_log(options);
  log(Level::info, "before");
  ASSERT_TRUE(flush_log(std::chrono::minutes(1)));
  std::filesystem::rename(path(), path() + ".1");
  log(Level::info, "between");
  ASSERT_TRUE(flush_log(std::chrono::minutes(1)));
  EXPECT_TRUE(reopen_log_file());
  log(Level::info, "after");
  ASSERT_TRUE(stop_log(std::chrono::minutes(1)));
  EXPECT_EQ(content_of(path() + ".1"), "info    before\ninfo    between\n");
  EXPECT_EQ(content_of(path()), "info    after\n");
}

TEST_F(FileLogTest, A_file_that_cannot_be_opened_stops_the_start) {
  LogOptions options;
  options.file = directory;
  try {
    start_log(options);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("the log file cannot be opened"));
  }
}

TEST_F(FileLogTest, A_log_without_destination_writes_nothing) {
  LogOptions options;
  options.to_stderr = false;
  start_log(options);
  EXPECT_FALSE(logs(Level::error));
  log(Level::error, "unseen");
  EXPECT_FALSE(reopen_log_file());
  EXPECT_TRUE(stop_log(std::chrono::minutes(1)));
}

}  // namespace
}  // namespace mqttzoo::ops
