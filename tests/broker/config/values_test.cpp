#include "broker/config/values.hpp"

#include <gmock/gmock.h>

#include "broker/config/error.hpp"

namespace mqttzoo::config {
namespace {

template <class Parse>
std::string refusal(Parse parse) {
  try {
    (void)parse();
  } catch (const BadValue& bad) {
    return bad.what();
  }
  return "none";
}

TEST(Values, Booleans_are_true_or_false_and_nothing_else) {
  EXPECT_TRUE(parse_bool("true"));
  EXPECT_FALSE(parse_bool("false"));
  for (const char* text : {"", "1", "yes", "True", "true "}) {
    EXPECT_EQ(refusal([&] { return parse_bool(text); }), '"' + std::string(text) + "\" is not false or true");
  }
}

TEST(Values, Numbers_stay_in_their_range) {
  EXPECT_EQ(parse_integer("1", 1, 10), 1U);
  EXPECT_EQ(parse_integer("10", 1, 10), 10U);
  for (const char* text : {"", "0", "11", "-1", "+1", "1.5", "1 ", "0x1", "99999999999999999999"}) {
    EXPECT_EQ(refusal([&] { return parse_integer(text, 1, 10); }),
              '"' + std::string(text) + "\" is not a number from 1 to 10");
  }
}

TEST(Values, A_long_time_has_its_unit_behind_it) {
  EXPECT_EQ(parse_long_time("1h"), 3600U);
  EXPECT_EQ(parse_long_time("14d"), 14U * 86'400);
  EXPECT_EQ(parse_long_time("2w"), 14U * 86'400);
  EXPECT_EQ(parse_long_time("2m"), 60U * 86'400);
  EXPECT_EQ(parse_long_time("136y"), 136U * 365 * 86'400);
  for (const char* const text : {"", "h", "5", "5s", "0d", "-1d", "137y", "1 d", "1dd"}) {
    EXPECT_FALSE(refusal([&] { return parse_long_time(text); }).empty()) << text;
  }
}

TEST(Values, A_keep_alive_is_none_or_not_too_short) {
  EXPECT_EQ(parse_keep_alive("0"), 0U);
  EXPECT_EQ(parse_keep_alive("10"), 10U);
  EXPECT_EQ(parse_keep_alive("65535"), 65535U);
  for (const char* text : {"", "9", "65536", "00"}) {
    EXPECT_EQ(refusal([&] { return parse_keep_alive(text); }),
              '"' + std::string(text) + "\" is not a number from 10 to 65535");
  }
}

TEST(Values, A_count_may_be_without_limit) {
  EXPECT_EQ(parse_count_or_unlimited("-1"), std::nullopt);
  EXPECT_EQ(parse_count_or_unlimited("1"), 1U);
  EXPECT_EQ(parse_count_or_unlimited("4294967295"), 4294967295U);
  for (const char* text : {"", "0", "-2", "4294967296", "many", "1 "}) {
    EXPECT_EQ(refusal([&] { return parse_count_or_unlimited(text); }),
              '"' + std::string(text) + "\" is not -1 or a number from 1 to 4294967295");
  }
}

TEST(Values, Bytes_take_binary_units) {
  constexpr std::uint64_t most = 1ULL << 40;
  EXPECT_EQ(parse_bytes("0", 0, most), 0U);
  EXPECT_EQ(parse_bytes("512", 0, most), 512U);
  EXPECT_EQ(parse_bytes("3KiB", 0, most), 3U << 10);
  EXPECT_EQ(parse_bytes("64MiB", 0, most), 64U << 20);
  EXPECT_EQ(parse_bytes("1024GiB", 0, most), 1ULL << 40);
  for (const char* text : {"", "MiB", "64MB", "64 MiB", "1025GiB", "1.5MiB", "18446744073709551615KiB"}) {
    EXPECT_NE(refusal([&] { return parse_bytes(text, 0, most); }), "none") << text;
  }
}

TEST(Values, Bytes_stay_in_their_range_in_every_unit) {
  for (const char* text : {"20", "1KiB", "3071", "2KiB"}) {
    EXPECT_EQ(refusal([&] { return parse_bytes(text, 20, 3071); }), "none") << text;
  }
  for (const char* text : {"19", "0KiB", "3072", "3KiB", "1MiB"}) {
    EXPECT_NE(refusal([&] { return parse_bytes(text, 20, 3071); }), "none") << text;
  }
}

TEST(Values, A_choice_says_what_it_could_be) {
  EXPECT_EQ(parse_choice("b", {"a", "b", "c"}), 1U);
  EXPECT_EQ(refusal([] { return parse_choice("d", {"a", "b", "c"}); }), "\"d\" is not a, b or c");
}

TEST(Values, A_listener_is_a_port_and_perhaps_an_address) {
  EXPECT_EQ(parse_port_and_address("1883"), (Endpoint{"", 1883}));
  EXPECT_EQ(parse_port_and_address("1883 127.0.0.1"), (Endpoint{"127.0.0.1", 1883}));
  EXPECT_EQ(parse_port_and_address("1883\t ::1"), (Endpoint{"::1", 1883}));
  EXPECT_EQ(parse_listener("1883 ::1"), (Endpoint{"::1", 1883}));
  EXPECT_EQ(refusal([] { return parse_port_and_address("0"); }), "\"0\" is not a number from 1 to 65535");
  EXPECT_EQ(refusal([] { return parse_port_and_address("70000"); }), "\"70000\" is not a number from 1 to 65535");
  EXPECT_EQ(refusal([] { return parse_port_and_address("1883 a b"); }), "\"a b\" is not one address");
  EXPECT_EQ(refusal([] { return parse_listener("0 /run/mqtt.sock"); }),
            "port 0 (a Unix socket in mosquitto) is not supported yet by MQTTZoo");
}

TEST(Values, Interfaces_are_named_as_the_kernel_names_them) {
  EXPECT_EQ(parse_interface("eth0"), "eth0");
  EXPECT_EQ(parse_interface("wlp0s20f3.1000x"), "wlp0s20f3.1000x");
  for (const char* text : {"sixteen-letters-", "a/b", "a b"}) {
    EXPECT_NE(refusal([&] { return parse_interface(text); }), "none") << text;
  }
}

TEST(Values, Versions_are_listed_by_their_level) {
  EXPECT_EQ(parse_versions("3,4,5"), ProtocolVersions());
  EXPECT_EQ(parse_versions("5"), (ProtocolVersions{.v3_1 = false, .v3_1_1 = false, .v5 = true}));
  EXPECT_EQ(parse_versions("5,3"), (ProtocolVersions{.v3_1 = true, .v3_1_1 = false, .v5 = true}));
  for (const char* text : {"", "6", "3,", ",3", "3, 4", "3,3", "3.1"}) {
    EXPECT_NE(refusal([&] { return parse_versions(text); }), "none") << text;
  }
}

TEST(Values, Prefixes_are_short_and_printable) {
  EXPECT_EQ(parse_prefix("auto-"), "auto-");
  EXPECT_EQ(parse_prefix(std::string(64, 'x')), std::string(64, 'x'));
  for (const std::string& text :
       {std::string(65, 'x'), std::string("a\tb"), std::string("a b"), std::string("\xc3\xa4")}) {
    EXPECT_NE(refusal([&] { return parse_prefix(text); }), "none") << text;
  }
}

TEST(Values, Beginnings_of_topics_leave_their_level) {
  for (const std::string& text : {std::string("a"), std::string("a b/c"), std::string(256, 'x')}) {
    EXPECT_EQ(parse_topic_prefix(text), text);
  }
  for (const std::string& text : {std::string(), std::string(257, 'x'), std::string("a/+"), std::string("#"),
                                  std::string("a/"), std::string("$a"), std::string("a\tb"), std::string("\xc3\xa4")}) {
    EXPECT_NE(refusal([&] { return parse_topic_prefix(text); }), "none") << text;
  }
}

TEST(Values, Server_references_are_hosts) {
  for (const char* text : {"other", "other.example:1883", "[::1]", "[::1]:1883 10.0.0.1", "a b:1"}) {
    EXPECT_EQ(parse_server_reference(text), text);
  }
  for (const std::string& text : {std::string("a:b"), std::string("a  b"), std::string(" a"), std::string("a:0"),
                                  std::string("a\tb"), std::string("::1:2"), std::string(1025, 'a')}) {
    EXPECT_NE(refusal([&] { return parse_server_reference(text); }), "none") << text;
  }
}

TEST(Values, Users_have_one_word_as_their_name) {
  EXPECT_EQ(parse_user_name("mqtt-zoo_1"), "mqtt-zoo_1");
  for (const char* text : {"a b", "a:b", "/etc"}) EXPECT_NE(refusal([&] { return parse_user_name(text); }), "none");
}

TEST(Values, Host_and_port_with_names_and_both_address_families) {
  EXPECT_EQ(parse_host_and_port("broker-1.local:7883", false), (Endpoint{"broker-1.local", 7883}));
  EXPECT_EQ(parse_host_and_port("0.0.0.0:0", true), (Endpoint{"0.0.0.0", 0}));
  EXPECT_EQ(parse_host_and_port("[::1]:7883", false), (Endpoint{"::1", 7883}));
  for (const char* text : {"", "7883", ":7883", "host", "host:", "host:0", "::1:7883", "[]:1", "a b:1", "host:1x"}) {
    EXPECT_NE(refusal([&] { return parse_host_and_port(text, false); }), "none") << text;
  }
}

TEST(Values, Broker_names_fit_into_a_path_of_znodes) {
  EXPECT_EQ(parse_broker_name("mqttzoo-0.zoo_A"), "mqttzoo-0.zoo_A");
  EXPECT_EQ(parse_broker_name(std::string(64, 'x')), std::string(64, 'x'));
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("a#1"), std::string("a b"),
        std::string("\xc3\xa4"), std::string(65, 'x')}) {
    EXPECT_NE(refusal([&] { return parse_broker_name(text); }), "none") << text;
  }
}

TEST(Values, The_chroot_of_ZooKeeper_is_filled_in) {
  EXPECT_EQ(parse_zookeeper("zk1:2181", "/mqttzoo"), "zk1:2181/mqttzoo");
  EXPECT_EQ(parse_zookeeper("zk1:2181,zk2:2182", "/mqttzoo"), "zk1:2181,zk2:2182/mqttzoo");
  EXPECT_EQ(parse_zookeeper("zk1:2181,zk2:2181/iot/west", "/mqttzoo"), "zk1:2181,zk2:2181/iot/west");
  EXPECT_EQ(parse_zookeeper("zk1:2181/", "/mqttzoo"), "zk1:2181/");
  EXPECT_EQ(parse_zookeeper("zk1,[::1]:2181,[::1]", "/mqttzoo"), "zk1,[::1]:2181,[::1]/mqttzoo");
  for (const char* text : {"", "zk1:", ":2181", "zk1:0", "zk1:2181,", "zk1:2181, zk2:2181", "zk1:2181/a/",
                           "zk1:2181//a", "zk1:2181/a b"}) {
    EXPECT_NE(refusal([&] { return parse_zookeeper(text, "/mqttzoo"); }), "none") << text;
  }
}

}  // namespace
}  // namespace mqttzoo::config
