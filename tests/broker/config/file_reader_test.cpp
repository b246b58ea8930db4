#include "broker/config/file_reader.hpp"

#include <gmock/gmock.h>

#include "broker/config/error.hpp"

namespace mqttzoo::config {
namespace {

struct Read {
  explicit Read(std::string_view text, bool per_listener = false)
      : Read(parse_conf(text, "broker.conf"), per_listener) {}
  explicit Read(const std::vector<ConfLine>& lines, bool per_listener = false) : reader(settings, per_listener) {
    try {
      for (const ConfLine& line : lines) reader.take(line);
    } catch (const ConfigError& refused) {
      error = refused.what();
    }
  }

  Settings settings;
  FileReader reader;
  std::string error = "none";
};

TEST(FileReader, What_follows_a_listener_is_for_it) {
  const Read file(
      "listener 1883\nsocket_domain ipv4\nmax_connections 10\nprotocol mqtt\n"
      "listener 1884\nsocket_domain ipv6\nbind_interface eth0\nmax_connections -1\n");
  ASSERT_EQ(file.error, "none");
  ASSERT_EQ(file.settings.listeners.size(), 2U);
  const ListenerSettings& first = file.settings.listeners[0];
  EXPECT_EQ(first.socket_domain, SocketDomain::ipv4);
  EXPECT_EQ(first.connections_max, 10U);
  EXPECT_EQ(first.bind_interface, "");
  const ListenerSettings& second = file.settings.listeners[1];
  EXPECT_EQ(second.socket_domain, SocketDomain::ipv6);
  EXPECT_EQ(second.connections_max, std::nullopt);
  EXPECT_EQ(second.bind_interface, "eth0");
  EXPECT_EQ(file.reader.default_listener_line(), "");
}

TEST(FileReader, Who_may_come_in_is_for_all_listeners_or_for_each) {
  const std::string text =
      "listener 1883\nallow_anonymous true\nauto_id_prefix a-\nlistener 1884\nallow_zero_length_clientid false\n";
  const Read common(text);
  ASSERT_EQ(common.error, "none");
  EXPECT_EQ(common.settings.access.allow_anonymous, true);
  EXPECT_EQ(common.settings.access.auto_id_prefix, "a-");
  EXPECT_FALSE(common.settings.access.allow_zero_length_clientid);
  EXPECT_EQ(common.settings.listeners[0].access, AccessSettings());

  const Read each(text + "allow_anonymous false\n", true);
  ASSERT_EQ(each.error, "none");
  EXPECT_EQ(each.settings.access, AccessSettings());
  EXPECT_EQ(each.settings.listeners[0].access.allow_anonymous, true);
  EXPECT_EQ(each.settings.listeners[0].access.auto_id_prefix, "a-");
  EXPECT_EQ(each.settings.listeners[1].access.allow_anonymous, false);
  EXPECT_FALSE(each.settings.listeners[1].access.allow_zero_length_clientid);
  EXPECT_EQ(Read(text + "allow_anonymous false\n").error,
            "broker.conf:6: allow_anonymous: given twice, first in broker.conf:2");
}

TEST(FileReader, Files_with_users_and_rights_are_for_all_listeners) {
  EXPECT_EQ(Read("listener 1\nacl_file a\n").error, "none");
  EXPECT_THAT(Read("listener 1\nacl_file a\n", true).error,
              testing::StartsWith("broker.conf:2: acl_file: not supported by MQTTZoo with per_listener_settings"));
}

TEST(FileReader, What_is_for_the_broker_may_stand_anywhere) {
  const Read file("threads 2\nlistener 1883\nset_tcp_nodelay false\nmax_connections 1\nglobal_max_connections 5\n");
  ASSERT_EQ(file.error, "none");
  EXPECT_EQ(file.settings.threads, 2);
  EXPECT_FALSE(file.settings.tcp_no_delay);
  EXPECT_EQ(file.settings.connections_max, 5U);
  EXPECT_EQ(file.settings.listeners[0].connections_max, 1U);
}

TEST(FileReader, Before_any_listener_it_is_for_the_default_listener) {
  const Read file("# x\nmax_connections 5\nport 1883\nlistener 1884\n");
  ASSERT_EQ(file.error, "none");
  EXPECT_EQ(file.settings.default_listener.connections_max, 5U);
  EXPECT_EQ(file.settings.default_listener.endpoint, (Endpoint{"", 1883}));
  EXPECT_EQ(file.reader.default_listener_line(), "broker.conf:2: max_connections");
}

TEST(FileReader, Each_file_has_its_own_listeners) {
  const Read files({{"a", 1, "listener", "1883"},
                    {"b", 1, "max_connections", "1"},
                    {"b", 2, "listener", "1884"},
                    {"b", 3, "max_connections", "2"},
                    {"a", 2, "max_connections", "3"}});
  ASSERT_EQ(files.error, "none");
  EXPECT_EQ(files.settings.default_listener.connections_max, 1U);
  EXPECT_EQ(files.settings.listeners[0].connections_max, 3U);
  EXPECT_EQ(files.settings.listeners[1].connections_max, 2U);
}

TEST(FileReader, Keys_stand_once_for_what_they_are_for) {
  EXPECT_EQ(Read("threads 1\nthreads 1\n").error, "broker.conf:2: threads: given twice, first in broker.conf:1");
  EXPECT_EQ(Read("listener 1\nmax_connections 1\nlistener 2\nmax_connections 1\n").error, "none");
  EXPECT_EQ(Read("listener 1\nmax_connections 1\nmax_connections 1\n").error,
            "broker.conf:3: max_connections: given twice, first in broker.conf:2");
  EXPECT_EQ(Read({{"a", 7, "threads", "1"}, {"b", 1, "threads", "1"}}).error,
            "b:1: threads: given twice, first in a:7");
}

TEST(FileReader, What_cannot_be_used_is_named_with_its_reason) {
  EXPECT_EQ(Read("\nlistener 70000\n").error, "broker.conf:2: listener: \"70000\" is not a number from 1 to 65535");
  EXPECT_EQ(Read("threads\n").error, "broker.conf:1: threads: a value is missing: NUMBER");
  EXPECT_EQ(Read("persistance true\n").error, "broker.conf:1: persistance: unknown option");
  EXPECT_EQ(Read("# x\npersistence true\n").error,
            "broker.conf:2: persistence: not supported by MQTTZoo: nothing is written to disk yet");
  EXPECT_EQ(Read("include_dir /etc\n").error, "broker.conf:1: include_dir: only the file of -c may include others");
  EXPECT_EQ(Read("listener 1883\nprotocol websockets\n").error,
            "broker.conf:2: protocol: websockets is not supported yet: MQTT over TCP alone");
  EXPECT_EQ(Read("listener 1883\nprotocol mqttsn\n").error, "broker.conf:2: protocol: \"mqttsn\" is not mqtt");
}

}  // namespace
}  // namespace mqttzoo::config
