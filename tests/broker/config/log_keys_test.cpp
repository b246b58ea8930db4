#include <gmock/gmock.h>

#include "broker/config/error.hpp"
#include "broker/config/file_reader.hpp"

namespace mqttzoo::config {
namespace {

LogSettings log_of(std::string_view text) {
  Settings settings;
  FileReader reader(settings, false);
  for (const ConfLine& line : parse_conf(text, "f")) reader.take(line);
  return settings.log;
}

std::string error_of(std::string_view text) {
  try {
    (void)log_of(text);
  } catch (const ConfigError& refused) {
    return refused.what();
  }
  return "none";
}

TEST(LogKeys, Destinations_add_up) {
  EXPECT_EQ(log_of("").destinations, std::nullopt);
  EXPECT_EQ(log_of("log_dest none\n").destinations, LogDestinations());
  EXPECT_EQ(log_of("log_dest stdout\nlog_dest stderr\nlog_dest syslog\nlog_dest file  /var/log/a b.log\n").destinations,
            (LogDestinations{.to_stdout = true, .to_stderr = true, .to_syslog = true, .file = "/var/log/a b.log"}));
}

TEST(LogKeys, Destinations_that_cannot_be_are_refused) {
  EXPECT_EQ(error_of("log_dest none\nlog_dest stderr\n"), "f:2: log_dest: none stands alone");
  EXPECT_EQ(error_of("log_dest stderr\nlog_dest none\n"), "f:2: log_dest: none stands alone");
  EXPECT_EQ(error_of("log_dest file\n"), "f:1: log_dest: a path is missing: file PATH");
  EXPECT_EQ(error_of("log_dest file a\nlog_dest file b\n"), "f:2: log_dest: there is a file already: a");
  EXPECT_EQ(error_of("log_dest topic\n"), "f:1: log_dest: topic is not supported yet: the log is not published");
  EXPECT_EQ(error_of("log_dest dlt\n"), "f:1: log_dest: dlt is not supported by MQTTZoo");
  EXPECT_EQ(error_of("log_dest paper\n"), "f:1: log_dest: \"paper\" is not stdout, stderr, syslog, none or file PATH");
}

TEST(LogKeys, Types_add_up) {
  EXPECT_EQ(log_of("").types_to_write(), (LogTypes{.error = true, .warning = true, .info = true}));
  EXPECT_EQ(log_of("log_type error\nlog_type debug\n").types_to_write(), (LogTypes{.error = true, .debug = true}));
  EXPECT_EQ(log_of("log_type notice\nlog_type information\n").types_to_write(), (LogTypes{.info = true}));
  EXPECT_EQ(log_of("log_type warning\n").types_to_write(), (LogTypes{.warning = true}));
  EXPECT_EQ(log_of("log_type none\n").types_to_write(), LogTypes());
  EXPECT_EQ(log_of("log_type all\n").types_to_write(),
            (LogTypes{.error = true, .warning = true, .info = true, .debug = true}));
}

TEST(LogKeys, Types_that_do_not_exist_are_refused) {
  EXPECT_EQ(error_of("log_type none\nlog_type error\n"), "f:2: log_type: none stands alone");
  EXPECT_EQ(error_of("log_type subscribe\n"), "f:1: log_type: subscriptions are not logged");
  EXPECT_EQ(error_of("log_type websockets\n"), "f:1: log_type: there are no WebSockets yet");
  EXPECT_NE(error_of("log_type info\n"), "none");
}

TEST(LogKeys, A_level_brings_all_above_it) {
  EXPECT_EQ(log_of("log_level error\n").types_to_write(), (LogTypes{.error = true}));
  EXPECT_EQ(log_of("log_level warning\n").types_to_write(), (LogTypes{.error = true, .warning = true}));
  EXPECT_EQ(log_of("log_level debug\n").types_to_write(),
            (LogTypes{.error = true, .warning = true, .info = true, .debug = true}));
}

TEST(LogKeys, Times_are_written_as_strftime_does) {
  EXPECT_EQ(log_of("log_timestamp_format %H:%M %p\n").timestamp_format, "%H:%M %p");
  EXPECT_FALSE(log_of("log_timestamp false\n").timestamps);
  for (const std::string& format : {std::string("noon"), std::string("%H\x1b"), "%H" + std::string(63, '.')}) {
    EXPECT_NE(error_of("log_timestamp_format " + format + "\n"), "none") << format;
  }
}

}  // namespace
}  // namespace mqttzoo::config
