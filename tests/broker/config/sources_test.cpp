#include "broker/config/sources.hpp"

#include <gmock/gmock.h>

#include <map>

#include "broker/config/error.hpp"

namespace mqttzoo::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Given {
  std::string file;
  std::map<std::string, std::string> environment;
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::uint16_t> loopback_ports = {};

  Settings read() const {
    Sources sources;
    sources.lines = parse_conf(file, "broker.conf");
    sources.loopback_ports = loopback_ports;
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

std::vector<std::string> places_of(const Settings& settings) {
  std::vector<std::string> places;
  for (const ListenerSettings& listener : settings.listeners) {
    const std::string& host = listener.endpoint.host;
    places.push_back((listener.loopback ? "loopback" : host) + ':' + std::to_string(listener.endpoint.port));
  }
  return places;
}

TEST(Sources, Without_anything_the_broker_is_for_this_machine_alone) {
  const Settings settings = Given().read();
  EXPECT_THAT(places_of(settings), ElementsAre("loopback:1883"));
  EXPECT_TRUE(settings.loopback_only());
  EXPECT_TRUE(settings.anonymous_allowed());
  EXPECT_EQ(settings.zookeeper, "");
}

TEST(Sources, A_listener_sends_its_clients_away_for_now_or_for_good) {
  const std::string one = "listener 1\nuse_another_server a:1 b\n";
  const auto given = [](const std::string& file) { return Given{file, {}, {}}; };
  EXPECT_EQ(given(one + "listener 2\nserver_moved c\n").read().listeners[0].use_another_server, "a:1 b");
  EXPECT_THAT(given(one + "server_moved c\n").error(), HasSubstr("use_another_server and server_moved"));
  EXPECT_THAT(given("listener 1\nserver_moved a:b\n").error(), HasSubstr("broker.conf:2: server_moved"));
}

TEST(Sources, A_listener_is_advertised_by_a_name_that_clients_can_reach) {
  const auto given = [](const std::string& file) { return Given{file, {}, {}}; };
  const Settings settings = given("listener 1\nlistener 2\nlistener_advertise [::1]:3\nredirect never\n").read();
  EXPECT_EQ(settings.listeners[0].advertise, std::nullopt);
  EXPECT_EQ(settings.listeners[1].advertise, (Endpoint{"::1", 3}));
  EXPECT_EQ(host_and_port(*settings.listeners[1].advertise), "[::1]:3");
  EXPECT_EQ(settings.redirect, Redirect::never);
  EXPECT_THAT(given("listener 1\nlistener_advertise 0.0.0.0:1\n").error(), HasSubstr("cannot connect to 0.0.0.0"));
  EXPECT_THAT(given("listener 1\nlistener_advertise a:0\n").error(), HasSubstr("broker.conf:2: listener_advertise"));
  EXPECT_THAT(given("redirect always\n").error(), HasSubstr("redirect"));
}

TEST(Sources, A_listener_closes_the_broker_to_anonymous_clients) {
  const Settings settings = Given{"listener 1883\nlistener 1884 ::1\n", {}, {}}.read();
  EXPECT_THAT(places_of(settings), ElementsAre(":1883", "::1:1884"));
  EXPECT_FALSE(settings.anonymous_allowed());
  EXPECT_TRUE((Given{"listener 1883\nallow_anonymous true\n", {}, {}}.read().anonymous_allowed()));
}

TEST(Sources, Each_listener_knows_who_may_come_in) {
  const Settings common = Given{
      "listener 1\nlistener_allow_anonymous true\nlistener_auto_id_prefix b-\nlistener 2\nauto_id_prefix a-\n",
      {},
      {}}.read();
  EXPECT_EQ(common.listeners[0].access.allow_anonymous, true);
  EXPECT_EQ(common.listeners[1].access.allow_anonymous, false);
  EXPECT_EQ(common.listeners[0].access.auto_id_prefix, "b-");
  EXPECT_EQ(common.listeners[1].access.auto_id_prefix, "a-");
  EXPECT_TRUE(common.anonymous_allowed());
  const Settings each =
      Given{"per_listener_settings true\nlistener 1\nlistener 2\nallow_anonymous true\n", {}, {}}.read();
  EXPECT_EQ(each.listeners[0].access.allow_anonymous, false);
  EXPECT_EQ(each.listeners[1].access.allow_anonymous, true);
}

TEST(Sources, With_settings_per_listener_options_say_nothing_of_access) {
  EXPECT_EQ((Given{"listener 1\nper_listener_settings true\n", {{"MQTTZOO_ALLOW_ANONYMOUS", "true"}}, {}}.error()),
            "MQTTZOO_ALLOW_ANONYMOUS: per_listener_settings is true: say it in the file, behind each listener");
  EXPECT_EQ((Given{"listener 1\nallow_anonymous true\nlistener 2\nallow_anonymous false\n",
                   {},
                   {{"per_listener_settings", "true"}}}
                 .error()),
            "none");
  EXPECT_EQ((Given{"allow_anonymous true\nlistener 1\n", {{"MQTTZOO_PER_LISTENER_SETTINGS", "true"}}, {}}.error()),
            "broker.conf:1: allow_anonymous: there is no listener before it that it could be for");
}

TEST(Sources, The_default_listener_is_asked_for_by_its_port_or_its_address) {
  EXPECT_THAT(places_of(Given{"port 1884\n", {}, {}}.read()), ElementsAre(":1884"));
  EXPECT_THAT(places_of(Given{"bind_address ::1\n", {}, {}}.read()), ElementsAre("::1:1883"));
  const Settings beside = Given{"listener 1885\nbind_address 127.0.0.1\nport 1884\n", {}, {}}.read();
  EXPECT_THAT(places_of(beside), ElementsAre("127.0.0.1:1884", ":1885"));
  EXPECT_FALSE(beside.anonymous_allowed());
}

TEST(Sources, The_default_listener_takes_what_stands_before_the_first_listener) {
  const Settings settings = Given{"max_connections 5\nport 1884\nlistener 1885\nmax_connections 6\n", {}, {}}.read();
  ASSERT_EQ(settings.listeners.size(), 2U);
  EXPECT_EQ(settings.listeners[0].connections_max, 5U);
  EXPECT_EQ(settings.listeners[1].connections_max, 6U);
}

TEST(Sources, So_do_the_ports_of_loopback) {
  const Settings settings = Given{"max_connections 5\nlistener 1883\n", {}, {}, {1884, 1885}}.read();
  ASSERT_EQ(settings.listeners.size(), 3U);
  EXPECT_EQ(settings.listeners[0].connections_max, std::nullopt);
  EXPECT_EQ(settings.listeners[1].connections_max, 5U);
  EXPECT_EQ(settings.listeners[2].connections_max, 5U);
  EXPECT_TRUE(settings.listeners[2].loopback);
  EXPECT_EQ((Given{"max_connections 5\n", {}, {}}.read().listeners.at(0).connections_max), 5U);
}

// mosquitto would open a second listener on port 1883 for it.
TEST(Sources, What_is_for_no_listener_is_refused) {
  EXPECT_EQ((Given{"threads 1\nmax_connections 5\nsocket_domain ipv4\nlistener 1883\n", {}, {}}.error()),
            "broker.conf:2: max_connections: there is no listener before it that it could be for");
}

TEST(Sources, An_option_wins_over_the_environment_and_that_over_the_file) {
  Given given{"threads 1\nsys_interval 1\nlog_format json\n",
              {{"MQTTZOO_THREADS", "2"}, {"MQTTZOO_SYS_INTERVAL", "2"}},
              {{"threads", "3"}}};
  const Settings settings = given.read();
  EXPECT_EQ(settings.threads, 3);
  EXPECT_EQ(settings.sys_interval_seconds, 2U);
  EXPECT_EQ(settings.log.format, LogFormat::json);
}

TEST(Sources, Kubernetes_own_variables_do_no_harm) {
  EXPECT_EQ((Given{"", {{"MQTTZOO_PORT", "tcp://10.0.0.1:1883"}, {"MQTTZOO_SERVICE_HOST", "10.0.0.1"}}, {}}.error()),
            "none");
}

TEST(Sources, Errors_name_file_line_key_and_reason) {
  EXPECT_EQ((Given{"\nlistener 70000\n", {}, {}}.error()),
            "broker.conf:2: listener: \"70000\" is not a number from 1 to 65535");
  EXPECT_EQ((Given{"threads\n", {}, {}}.error()), "broker.conf:1: threads: a value is missing: NUMBER");
  EXPECT_EQ((Given{"", {{"MQTTZOO_BANK", "x"}}, {}}.error()),
            "MQTTZOO_BANK: \"x\" is not a number from 0 to 1099511627776");
  EXPECT_EQ((Given{"", {}, {{"log_format", "xml"}}}.error()), "--log-format: \"xml\" is not text or json");
}

TEST(Sources, Threads_are_bounded) {
  EXPECT_EQ((Given{"threads 64\n", {}, {}}.read().threads), threads_max);
  EXPECT_EQ((Given{"threads 65\n", {}, {}}.error()), "broker.conf:1: threads: \"65\" is not a number from 1 to 64");
}

// The copy of a subscriber may be larger, and must still be a packet of MQTT.
TEST(Sources, The_largest_packet_leaves_room_for_what_a_delivery_adds) {
  EXPECT_EQ((Given{"max_packet_size 255MiB\n", {}, {}}.read().limits.packet_bytes_max), 255U << 20);
  EXPECT_EQ((Given{"max_packet_size 256MiB\n", {}, {}}.error()),
            "broker.conf:1: max_packet_size: \"256\" is not a number from 1 to 255");
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

TEST(Sources, A_level_of_an_option_wins_over_the_types_of_the_file) {
  constexpr LogTypes errors{.error = true};
  EXPECT_EQ((Given{"log_type error\n", {}, {}}.read().log.types_to_write()), errors);
  EXPECT_EQ((Given{"log_type debug\n", {}, {{"log_level", "error"}}}.read().log.types_to_write()), errors);
  EXPECT_EQ((Given{"log_type debug\n", {{"MQTTZOO_LOG_LEVEL", "error"}}, {}}.read().log.types_to_write()), errors);
}

TEST(Sources, Of_the_log_nothing_is_said_twice_or_in_vain) {
  for (const char* file :
       {"log_level info\nlog_type error\n", "log_type error\nlog_level info\n",
        "log_format json\nlog_timestamp_format %s\n", "log_timestamp false\nlog_timestamp_format %s\n",
        "log_facility 1\n", "log_dest stderr\nlog_facility 1\n"}) {
    EXPECT_THAT((Given{file, {}, {}}.error()), HasSubstr("log_")) << file;
  }
  EXPECT_EQ((Given{"log_dest syslog\nlog_facility 1\nlog_format json\nlog_timestamp false\n", {}, {}}.error()), "none");
}

}  // namespace
}  // namespace mqttzoo::config
