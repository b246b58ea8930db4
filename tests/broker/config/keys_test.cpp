#include "broker/config/keys.hpp"

#include <gmock/gmock.h>

#include <set>

#include "broker/config/help.hpp"
#include "broker/config/values.hpp"

namespace mqttzoo::config {
namespace {

TEST(Keys, Each_explains_itself_and_can_be_applied) {
  std::set<std::string_view> names;
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    for (const auto& text : {key.name, key.value, key.default_text, key.help, key.reason}) {
      EXPECT_FALSE(text.empty()) << key.name;
    }
    EXPECT_EQ(find_key(key.name), &key);
    EXPECT_NE(key.apply, nullptr) << key.name;
    EXPECT_FALSE(is_mosquitto_key(key.name)) << key.name;
  }
  EXPECT_EQ(find_key("no_such_key"), nullptr);
}

TEST(Keys, Names_of_options_and_variables_follow_from_the_key) {
  EXPECT_EQ(option_name(*find_key("broker_name")), "--broker-name");
  EXPECT_EQ(environment_name(*find_key("broker_name")), "MQTTZOO_BROKER_NAME");
}

// The text of a default and the member that holds it must not drift apart.
TEST(Keys, Defaults_are_what_the_table_says) {
  const Settings plain;
  const auto with_default = [](const char* name) {
    Settings settings;
    find_key(name)->apply(settings, find_key(name)->default_text);
    return settings;
  };
  EXPECT_EQ(with_default("lease_seconds").lease_seconds, plain.lease_seconds);
  EXPECT_EQ(with_default("zookeeper_session_seconds").zookeeper_session_seconds, plain.zookeeper_session_seconds);
  EXPECT_EQ(with_default("retain_ttl").retain_ttl_seconds, plain.retain_ttl_seconds);
  EXPECT_EQ(with_default("bank").bank_bytes, plain.bank_bytes);
  EXPECT_EQ(with_default("watchdog_seconds").watchdog_seconds, plain.watchdog_seconds);
  EXPECT_EQ(with_default("log_format").log_format, plain.log_format);
  EXPECT_EQ(with_default("log_level").log_level, plain.log_level);
  EXPECT_EQ(with_default("sys_interval").sys_interval_seconds, plain.sys_interval_seconds);
}

TEST(Keys, Those_of_mosquitto_are_known) {
  for (const char* name : {"accept_protocol_versions", "cafile", "max_inflight_messages", "persistence", "user",
                           "websockets_origin", "plugin_opt_anything", "auth_opt_x"}) {
    EXPECT_TRUE(is_mosquitto_key(name)) << name;
  }
  for (const char* name : {"", "persist", "cafile capath", "Persistence"}) EXPECT_FALSE(is_mosquitto_key(name)) << name;
}

TEST(Keys, Help_names_every_one_and_stays_in_its_width) {
  const std::string page = help_page();
  for (const Key& key : all_keys()) {
    EXPECT_THAT(page, testing::HasSubstr(key.repeatable ? std::string(key.name) : option_name(key)));
  }
  std::size_t line_begin = 0;
  for (std::size_t end; (end = page.find('\n', line_begin)) != std::string::npos; line_begin = end + 1) {
    EXPECT_LE(end - line_begin, 110U) << page.substr(line_begin, end - line_begin);
  }
}

}  // namespace
}  // namespace mqttzoo::config
