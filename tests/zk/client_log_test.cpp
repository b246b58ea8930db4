#include "zk/client_log.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace mqttzoo::zk {
namespace {

using Lines = std::vector<std::pair<bool, std::string>>;

ClientLog::Sink into(Lines& lines) {
  return [&lines](bool is_error, std::string_view message) { lines.emplace_back(is_error, message); };
}

TEST(ClientLog, StripsTimeProcessAndSourceLine) {
  Lines lines;
  const ClientLog log(into(lines));
  log.c_function()("2025-11-21 11:42:00,123:77(0x7f00):ZOO_ERROR@check_events@3017: Socket a zk retcode=-4: text");
  log.c_function()("2025-11-21 11:42:00,123:77(0x7f00):ZOO_WARN@zookeeper_interest@2559: Delaying [127.0.0.1:1]\n");
  log.c_function()("something else");
  EXPECT_EQ(
      lines,
      (Lines{{true, "Socket a zk retcode=-4: text"}, {false, "Delaying [127.0.0.1:1]"}, {false, "something else"}}));
}

TEST(ClientLog, EachSessionHearsItsOwn) {
  Lines first;
  Lines second;
  const ClientLog one(into(first));
  const ClientLog other(into(second));
  other.c_function()("for the other");
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(second.size(), 1u);
}

TEST(ClientLog, NothingAfterItsEndAndThePlaceIsFreeAgain) {
  Lines lines;
  auto log = std::make_unique<ClientLog>(into(lines));
  const auto function = log->c_function();
  log.reset();
  function("too late");
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(ClientLog(into(lines)).c_function(), function);
}

TEST(ClientLog, OneTooManyLogsNothing) {
  Lines lines;
  std::vector<std::unique_ptr<ClientLog>> logs;
  for (int count = 0; count < 100; ++count) logs.push_back(std::make_unique<ClientLog>(into(lines)));
  logs.back()->c_function()("unheard");
  EXPECT_TRUE(lines.empty());
}

TEST(ClientLog, FailureInWords) {
  EXPECT_EQ(failure_in("Socket 127.0.0.1:2181 zk retcode=-4, errno=111(Connection refused): server refused to accept "
                       "the client"),
            "127.0.0.1:2181: Connection refused");
  EXPECT_EQ(failure_in("Socket [::1]:2181 zk retcode=-7, errno=110(Connection timed out): connection to [::1]:2181 "
                       "timed out (exceeded timeout by 0ms)"),
            "[::1]:2181: Connection timed out");
  EXPECT_EQ(failure_in("Socket 10.0.0.1:2181 zk retcode=-4, errno=112(Host is down): failed while receiving a server "
                       "response"),
            "10.0.0.1:2181: hung up");
  EXPECT_EQ(failure_in("getaddrinfo: Name or service not known"), "getaddrinfo: Name or service not known");
  EXPECT_EQ(failure_in("Socket "), "Socket ");
  EXPECT_EQ(failure_in("Socket a"), "Socket a");
  EXPECT_EQ(failure_in("Socket a errno="), "Socket a errno=");
  EXPECT_EQ(failure_in("Socket a errno=1(never closed"), "Socket a errno=1(never closed");
}

}  // namespace
}  // namespace mqttzoo::zk
