#include "broker/config/keys.hpp"

#include <gmock/gmock.h>

#include <set>

#include "broker/config/error.hpp"
#include "broker/config/file_reader.hpp"
#include "broker/config/refused_keys.hpp"

namespace mqttzoo::config {
namespace {

std::vector<const Key*> all_keys() {
  std::vector<const Key*> keys;
  for (const KeyGroup& group : key_groups()) {
    for (const Key& key : group.keys) keys.push_back(&key);
  }
  return keys;
}

TEST(Keys, Each_explains_itself_and_is_found) {
  std::set<std::string_view> names;
  for (const Key* key : all_keys()) {
    EXPECT_TRUE(names.insert(key->name).second) << key->name;
    for (const auto& text : {key->name, key->value, key->default_text, key->help, key->reason}) {
      EXPECT_FALSE(text.empty()) << key->name;
    }
    EXPECT_EQ(find_key(key->name), key);
    EXPECT_EQ(why_refused(key->name), std::nullopt) << key->name;
  }
  EXPECT_EQ(find_key("no_such_key"), nullptr);
}

TEST(Keys, Names_of_options_and_variables_follow_from_the_key) {
  EXPECT_EQ(option_name(*find_key("broker_name")), "--broker-name");
  EXPECT_EQ(environment_name(*find_key("broker_name")), "MQTTZOO_BROKER_NAME");
}

TEST(Keys, Only_what_has_one_value_for_the_whole_broker_is_an_option) {
  for (const char* name : {"listener", "port", "bind_address", "max_connections"}) {
    EXPECT_TRUE(find_key(name)->only_in_file()) << name;
  }
  for (const char* name : {"allow_anonymous", "threads"}) EXPECT_FALSE(find_key(name)->only_in_file()) << name;
}

// The text of a default and the member that holds it must not drift apart. Defaults that are no values are told in
// words: these are left out.
TEST(Keys, Defaults_are_what_the_tables_say) {
  std::set<std::string_view> in_words;
  for (const Key* key : all_keys()) {
    if (key->place == Place::file_repeatedly) continue;
    if (key->default_text == "none") {  // which could be the name of a file
      in_words.insert(key->name);
      continue;
    }
    Settings settings;
    ListenerSettings listener;
    try {
      apply({settings, settings.access, listener}, *key, key->default_text, "default");
    } catch (const ConfigError&) {
      in_words.insert(key->name);
      continue;
    }
    EXPECT_EQ(settings, Settings()) << key->name;
    EXPECT_EQ(listener, ListenerSettings()) << key->name;
  }
  EXPECT_THAT(in_words, testing::UnorderedElementsAre(
                            "acl_file", "allow_anonymous", "bind_address", "listener_allow_anonymous",
                            "listener_auto_id_prefix", "listener_advertise", "clientid_prefixes", "bind_interface",
                            "broker_name", "cluster_advertise", "cluster_listener", "http_listener", "log_facility",
                            "log_timestamp_format", "password_file", "persistent_client_expiration", "pid_file", "port",
                            "response_topic_prefix", "server_moved", "shutdown_server_reference", "use_another_server",
                            "scram_file", "socket_domain", "threads", "user", "zookeeper"));
}

}  // namespace
}  // namespace mqttzoo::config
