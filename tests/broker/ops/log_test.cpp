#include "broker/ops/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <csignal>

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
    start_log(LineFormat::text, Level::info);
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

}  // namespace
}  // namespace mqttzoo::ops
