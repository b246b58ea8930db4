#include "broker/config/sources.hpp"

#include <gmock/gmock.h>

#include <map>

#include "broker/config/command_line.hpp"
#include "broker/config/error.hpp"

namespace mqttzoo::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Given {
  std::string file;
  std::map<std::string, std::string> environment;
  std::vector<std::pair<std::string, std::string>> options;

  Settings read() const {
    Sources sources;
    sources.file_name = "broker.conf";
    sources.file = parse_conf(file, sources.file_name);
    sources.options = options;
    sources.environment = [this](const std::string& name) {
      const auto found = environment.find(name);
      return found == environment.end() ? nullptr : found->second.c_str();
    };
    return settings_from(sources);
  }

  std::string error() const {
    try {
      (void)read();
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "none";
  }
};

TEST(Sources, Without_anything_the_broker_is_for_this_machine_alone) {
  const Settings settings = Given().read();
  EXPECT_THAT(settings.loopback_ports, ElementsAre(1883));
  EXPECT_TRUE(settings.loopback_only());
  EXPECT_TRUE(settings.anonymous_allowed());
  EXPECT_EQ(settings.zookeeper, "");
}

TEST(Sources, A_listener_closes_the_broker_to_anonymous_clients) {
  const Settings settings = Given{"listener 1883\nlistener 1884 ::1\n", {}, {}}.read();
  EXPECT_THAT(settings.listeners, ElementsAre(Endpoint{"", 1883}, Endpoint{"::1", 1884}));
  EXPECT_THAT(settings.loopback_ports, ElementsAre());
  EXPECT_FALSE(settings.anonymous_allowed());
  EXPECT_TRUE((Given{"listener 1883\nallow_anonymous true\n", {}, {}}.read().anonymous_allowed()));
}

TEST(Sources, An_option_wins_over_the_environment_and_that_over_the_file) {
  Given given{"threads 1\nsys_interval 1\nlog_format json\n",
              {{"MQTTZOO_THREADS", "2"}, {"MQTTZOO_SYS_INTERVAL", "2"}},
              {{"threads", "3"}}};
  const Settings settings = given.read();
  EXPECT_EQ(settings.threads, 3);
  EXPECT_EQ(settings.sys_interval_seconds, 2U);
  EXPECT_EQ(settings.log_format, LogFormat::json);
}

TEST(Sources, Kubernetes_own_variables_do_no_harm) {
  EXPECT_EQ((Given{"", {{"MQTTZOO_PORT", "tcp://10.0.0.1:1883"}, {"MQTTZOO_SERVICE_HOST", "10.0.0.1"}}, {}}.error()),
            "none");
}

TEST(Sources, Errors_name_file_line_key_and_reason) {
  EXPECT_EQ((Given{"\nlistener 70000\n", {}, {}}.error()),
            "broker.conf:2: listener: \"70000\" is not a number from 1 to 65535");
  EXPECT_EQ((Given{"threads\n", {}, {}}.error()), "broker.conf:1: threads: a value is missing: NUMBER");
  EXPECT_EQ((Given{"# x\npersistence true\n", {}, {}}.error()),
            "broker.conf:2: persistence: not supported yet by MQTTZoo");
  EXPECT_EQ((Given{"persistance true\n", {}, {}}.error()), "broker.conf:1: persistance: unknown option");
  EXPECT_EQ((Given{"threads 1\nthreads 1\n", {}, {}}.error()), "broker.conf:2: threads: given twice, first in line 1");
  EXPECT_EQ((Given{"", {{"MQTTZOO_BANK", "x"}}, {}}.error()),
            "MQTTZOO_BANK: \"x\" is not a number from 0 to 1099511627776");
  EXPECT_EQ((Given{"", {}, {{"log_format", "xml"}}}.error()), "--log-format: \"xml\" is not text or json");
}

TEST(Sources, Threads_are_bounded) {
  EXPECT_EQ((Given{"threads 64\n", {}, {}}.read().threads), threads_max);
  EXPECT_EQ((Given{"threads 65\n", {}, {}}.error()), "broker.conf:1: threads: \"65\" is not a number from 1 to 64");
}

TEST(Sources, A_cluster_gets_a_listener) {
  const Settings settings = Given{"zookeeper zk:2181\n", {}, {}}.read();
  EXPECT_EQ(settings.zookeeper, "zk:2181/mqttzoo");
  EXPECT_EQ(settings.cluster_listener, (Endpoint{"0.0.0.0", 7883}));
}

TEST(Sources, Keys_of_a_cluster_need_ZooKeeper) {
  EXPECT_THAT((Given{"cluster_listener 127.0.0.1:7883\n", {}, {}}.error()), HasSubstr("need zookeeper"));
  EXPECT_THAT((Given{"cluster_advertise b:7883\n", {}, {}}.error()), HasSubstr("need zookeeper"));
}

TEST(Sources, Nobody_can_connect_to_any_address) {
  EXPECT_THAT((Given{"zookeeper zk:2181\ncluster_advertise 0.0.0.0:7883\n", {}, {}}.error()),
              HasSubstr("cannot connect to 0.0.0.0"));
}

TEST(Sources, The_lease_ends_before_the_session) {
  EXPECT_EQ((Given{"zookeeper zk:2181\nlease_seconds 3\nzookeeper_session_seconds 4\n", {}, {}}.error()), "none");
  EXPECT_THAT((Given{"zookeeper zk:2181\nlease_seconds 4\nzookeeper_session_seconds 4\n", {}, {}}.error()),
              HasSubstr("lease_seconds"));
}

std::variant<Settings, EndNow> command_line(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "mqttzoo");
  return read_command_line(static_cast<int>(arguments.size()), arguments.data(),
                           [](const std::string&) -> const char* { return nullptr; });
}

TEST(CommandLine, Ports_are_of_loopback_as_in_mosquitto) {
  const auto settings = std::get<Settings>(command_line({"-p", "1884", "-p", "1885"}));
  EXPECT_THAT(settings.loopback_ports, ElementsAre(1884, 1885));
  EXPECT_TRUE(settings.anonymous_allowed());
}

TEST(CommandLine, Every_key_with_one_value_is_an_option) {
  const auto settings = std::get<Settings>(command_line(
      {"--broker-name", "a", "--threads", "4", "--zookeeper", "zk:1/x", "--cluster-listener", "127.0.0.1:0", "-v"}));
  EXPECT_EQ(settings.broker_name, "a");
  EXPECT_EQ(settings.threads, 4);
  EXPECT_EQ(settings.zookeeper, "zk:1/x");
  EXPECT_EQ(settings.cluster_listener, (Endpoint{"127.0.0.1", 0}));
  EXPECT_EQ(settings.log_level, LogLevel::debug);
}

TEST(CommandLine, Wrong_usage_says_where_to_read_on) {
  for (const auto& arguments : std::vector<std::vector<const char*>>{{"--frobnicate"},
                                                                     {"stray"},
                                                                     {"-p"},
                                                                     {"-p", "0"},
                                                                     {"-p", "x"},
                                                                     {"--listener", "1883"},
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
