#include "broker/config/command_line.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::config {
namespace {

using testing::HasSubstr;

std::variant<Settings, EndNow> command_line(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mqttzoo");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data(),
                           [](const std::string&) -> const char* { return nullptr; });
}

TEST(CommandLine, Ports_are_of_loopback_as_in_mosquitto) {
  const auto settings = std::get<Settings>(command_line({"-p", "1884", "-p", "1885"}));
  ASSERT_EQ(settings.listeners.size(), 2U);
  EXPECT_EQ(settings.listeners[0].endpoint, (Endpoint{"", 1884}));
  EXPECT_EQ(settings.listeners[1].endpoint, (Endpoint{"", 1885}));
  EXPECT_TRUE(settings.loopback_only());
  EXPECT_TRUE(settings.anonymous_allowed());
}

TEST(CommandLine, Every_key_with_one_value_is_an_option) {
  const auto settings = std::get<Settings>(command_line(
      {"--broker-name", "a", "--threads", "4", "--zookeeper", "zk:1/x", "--cluster-listener", "127.0.0.1:0", "-v"}));
  EXPECT_EQ(settings.broker_name, "a");
  EXPECT_EQ(settings.threads, 4);
  EXPECT_EQ(settings.zookeeper, "zk:1/x");
  EXPECT_EQ(settings.cluster_listener, (Endpoint{"127.0.0.1", 0}));
  EXPECT_EQ(settings.log.level, LogLevel::debug);
}

TEST(CommandLine, Wrong_usage_says_where_to_read_on) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"--frobnicate"},
                                                                     {"stray"},
                                                                     {"-p"},
                                                                     {"-p", "0"},
                                                                     {"-p", "x"},
                                                                     {"--listener", "1883"},
                                                                     {"--max-connections", "5"},
                                                                     {"--threads", "1", "--threads", "2"}}) {
    const auto end = std::get<EndNow>(command_line(arguments));
    EXPECT_EQ(end.exit_code, exit_code_usage) << arguments[0];
    EXPECT_THAT(end.text, HasSubstr("mqttzoo: "));
    EXPECT_THAT(end.text, HasSubstr("mqttzoo --help"));
  }
}

TEST(CommandLine, Help_and_version_end_well) {
  EXPECT_THAT(std::get<EndNow>(command_line({"--help"})).text, HasSubstr("Usage: mqttzoo"));
  EXPECT_EQ(std::get<EndNow>(command_line({"--version"})).exit_code, 0);
}

}  // namespace
}  // namespace mqttzoo::config
