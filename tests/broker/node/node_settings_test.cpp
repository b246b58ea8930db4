#include "broker/node/node_settings.hpp"

#include <gmock/gmock.h>
#include <syslog.h>

namespace mqttzoo {
namespace {

constexpr std::size_t many_files = 10'000'000;

core::Limits limits_of(const config::LimitSettings& given) {
  config::Settings settings;
  settings.limits = given;
  return shard_limits_of(settings, 1, many_files);
}

TEST(NodeSettings, Limits_that_nobody_sets_are_the_defaults_of_the_core) {
  const core::Limits plain;
  const core::Limits limits = limits_of({});
  EXPECT_EQ(limits.packet_bytes_max, plain.packet_bytes_max);
  EXPECT_EQ(limits.connect_packet_bytes_max, plain.connect_packet_bytes_max);
  EXPECT_EQ(limits.topic_bytes_max, plain.topic_bytes_max);
  EXPECT_EQ(limits.topic_levels_max, plain.topic_levels_max);
  EXPECT_EQ(limits.client_id_bytes_max, plain.client_id_bytes_max);
  EXPECT_EQ(limits.connections_max, plain.connections_max);
  EXPECT_EQ(limits.connect_timeout_milliseconds, plain.connect_timeout_milliseconds);
  EXPECT_EQ(limits.keep_alive_seconds_max, plain.keep_alive_seconds_max);
  EXPECT_EQ(limits.receive_maximum, plain.receive_maximum);
  EXPECT_EQ(limits.subscriptions_max, plain.subscriptions_max);
  EXPECT_EQ(limits.subscription_bytes_max, plain.subscription_bytes_max);
  EXPECT_EQ(limits.in_flight_max, plain.in_flight_max);
  EXPECT_EQ(limits.in_flight_bytes_max, plain.in_flight_bytes_max);
  EXPECT_EQ(limits.queue_messages_max, plain.queue_messages_max);
  EXPECT_EQ(limits.queue_bytes_max, plain.queue_bytes_max);
  EXPECT_EQ(limits.check_retain_source, plain.check_retain_source);
  EXPECT_EQ(limits.queue_qos0_messages, plain.queue_qos0_messages);
  EXPECT_EQ(limits.upgrade_outgoing_qos, plain.upgrade_outgoing_qos);
  EXPECT_EQ(limits.session_expiry_seconds_max, plain.session_expiry_seconds_max);
}

TEST(NodeSettings, Each_limit_reaches_the_core) {
  config::LimitSettings given;
  given.packet_bytes_max = 1'000'000;
  given.topic_bytes_max = 1000;
  given.topic_levels_max = 12;
  given.client_id_bytes_max = 30;
  given.connect_timeout_seconds = 5;
  given.keep_alive_seconds_max = 60;
  given.receive_maximum = 20;
  given.in_flight_max = 21;
  given.in_flight_bytes_max = 2100;
  given.subscriptions_max = 22;
  given.subscription_bytes_max = 2300;
  given.queue_messages_max = 24;
  given.queue_bytes_max = 2500;
  given.check_retain_source = false;
  given.queue_qos0_messages = true;
  given.upgrade_outgoing_qos = true;
  given.session_expiry_seconds_max = 2600;
  const core::Limits limits = limits_of(given);
  EXPECT_EQ(limits.packet_bytes_max, 1'000'000U);
  EXPECT_EQ(limits.topic_bytes_max, 1000U);
  EXPECT_EQ(limits.topic_levels_max, 12U);
  EXPECT_EQ(limits.client_id_bytes_max, 30U);
  EXPECT_EQ(limits.connect_timeout_milliseconds, 5000U);
  EXPECT_EQ(limits.keep_alive_seconds_max, 60U);
  EXPECT_EQ(limits.receive_maximum, 20U);
  EXPECT_EQ(limits.in_flight_max, 21U);
  EXPECT_EQ(limits.in_flight_bytes_max, 2100U);
  EXPECT_EQ(limits.subscriptions_max, 22U);
  EXPECT_EQ(limits.subscription_bytes_max, 2300U);
  EXPECT_EQ(limits.queue_messages_max, 24U);
  EXPECT_EQ(limits.queue_bytes_max, 2500U);
  EXPECT_FALSE(limits.check_retain_source);
  EXPECT_TRUE(limits.queue_qos0_messages);
  EXPECT_TRUE(limits.upgrade_outgoing_qos);
  EXPECT_EQ(limits.session_expiry_seconds_max, 2600U);
}

TEST(NodeSettings, Zero_is_no_limit_where_mosquitto_has_it_so) {
  config::LimitSettings given;
  given.in_flight_max = 0;
  given.queue_messages_max = 0;
  given.queue_bytes_max = 0;
  const core::Limits limits = limits_of(given);
  EXPECT_EQ(limits.in_flight_max, 65'535U);
  EXPECT_GT(limits.queue_messages_max, 4'000'000'000U);
  EXPECT_GT(limits.queue_bytes_max, std::size_t{1} << 40);
  EXPECT_GT(limits.queue_messages_max + limits.retained_waiting_max, limits.queue_messages_max) << "no overflow";
}

TEST(NodeSettings, A_CONNECT_is_no_larger_than_a_packet_may_be) {
  config::LimitSettings given;
  given.packet_bytes_max = 2000;
  EXPECT_EQ(limits_of(given).connect_packet_bytes_max, 2000U);
}

// The core looks closely only at topics that have as many bytes as levels are allowed.
TEST(NodeSettings, A_short_limit_on_topics_holds_for_each_topic) {
  config::LimitSettings given;
  given.topic_bytes_max = 50;
  EXPECT_EQ(limits_of(given).topic_levels_max, 51U);
}

TEST(NodeSettings, Files_and_filters_are_shared_by_the_threads) {
  const core::Limits limits = shard_limits_of({}, 4, 1000);
  EXPECT_EQ(limits.connections_max, 250U);
  EXPECT_EQ(limits.filter_bytes_max, core::Limits().filter_bytes_max / 4);
  EXPECT_EQ(shard_limits_of({}, 4, 0).connections_max, 1U);
}

TEST(NodeSettings, Sessions_are_bounded_for_all_threads_together) {
  config::Settings settings;
  EXPECT_EQ(shard_limits_of(settings, 2, many_files).session_quota, nullptr);
  settings.sessions_max = 2;
  const core::Limits limits = shard_limits_of(settings, 2, many_files);
  EXPECT_TRUE(limits.session_quota->take() && limits.session_quota->take());
  EXPECT_FALSE(core::Limits(limits).session_quota->take());
}

TEST(NodeSettings, Lease_and_grace_reach_both_threads) {
  config::Settings settings;
  EXPECT_EQ(control_limits_of(settings).lease_ms, cluster::ControlLimits().lease_ms);
  EXPECT_EQ(control_limits_of(settings).coordination_grace_ms, cluster::ControlLimits().coordination_grace_ms);
  EXPECT_EQ(router_limits_of(settings).session_wait_ms, cluster::RouterLimits().session_wait_ms);
  EXPECT_EQ(router_limits_of(settings).coordination_grace_ms, cluster::RouterLimits().coordination_grace_ms);
  settings.lease_seconds = 10;
  settings.coordination_grace_seconds = 7;
  EXPECT_EQ(control_limits_of(settings).lease_ms, 10'000);
  EXPECT_EQ(control_limits_of(settings).coordination_grace_ms, 7'000);
  EXPECT_EQ(router_limits_of(settings).session_wait_ms, 11'000) << "a lease and 1 s";
  EXPECT_EQ(router_limits_of(settings).coordination_grace_ms, 7'000);
}

TEST(NodeSettings, Retained_data_is_bounded_as_it_is_told) {
  config::Settings settings;
  EXPECT_EQ(retained_options_of(settings).values_max, cluster::RetainedOptions().values_max);
  EXPECT_EQ(retained_options_of(settings).bank_bytes, cluster::RetainedOptions().bank_bytes);
  settings.retained_messages_max = 7;
  settings.bank_bytes = 8;
  settings.retain_ttl_seconds = 9;
  const cluster::RetainedOptions options = retained_options_of(settings);
  EXPECT_EQ(options.values_max, 7U);
  EXPECT_EQ(options.bank_bytes, 8U);
  EXPECT_EQ(options.retain_ttl_ms, 9000);
}

TEST(NodeSettings, The_log_goes_to_standard_error_unless_it_is_told_otherwise) {
  const ops::LogOptions plain = log_options_of({});
  EXPECT_TRUE(plain.to_stderr);
  EXPECT_FALSE(plain.to_stdout);
  EXPECT_EQ(plain.file, "");
  EXPECT_EQ(plain.syslog_facility, std::nullopt);
  EXPECT_TRUE(plain.levels.contains(ops::Level::info));
  EXPECT_FALSE(plain.levels.contains(ops::Level::debug));

  config::LogSettings log;
  log.destinations = config::LogDestinations{.to_stdout = true, .to_syslog = true, .file = "/f"};
  log.types = config::LogTypes{.debug = true};
  const ops::LogOptions told = log_options_of(log);
  EXPECT_FALSE(told.to_stderr);
  EXPECT_TRUE(told.to_stdout);
  EXPECT_EQ(told.file, "/f");
  EXPECT_EQ(told.syslog_facility, LOG_DAEMON);
  EXPECT_FALSE(told.levels.contains(ops::Level::error));
  EXPECT_TRUE(told.levels.contains(ops::Level::debug));
  log.facility = 3;
  EXPECT_EQ(log_options_of(log).syslog_facility, LOG_LOCAL3);
}

TEST(NodeSettings, Each_listener_is_known_to_others_by_its_number) {
  config::Settings settings;
  settings.listeners.resize(3);
  settings.listeners[1].advertise = config::Endpoint{"b", 1883};
  EXPECT_EQ(client_addresses_of(settings), (cluster::ClientAddresses{"", "b:1883", ""}));
  const std::vector<core::ListenerRules> rules = listener_rules_of(settings);
  EXPECT_EQ(rules[1].number, 1);
  EXPECT_EQ(rules[2].number, 2);
  EXPECT_EQ(rules[0].redirect, core::Redirect::asked);
  settings.redirect = config::Redirect::never;
  EXPECT_EQ(listener_rules_of(settings)[0].redirect, core::Redirect::never);
  settings.redirect = config::Redirect::persistent;
  EXPECT_EQ(listener_rules_of(settings)[0].redirect, core::Redirect::persistent);
  settings.listeners.resize(40);
  EXPECT_EQ(client_addresses_of(settings).size(), cluster::client_addresses_max);
}

TEST(NodeSettings, Each_listener_has_its_rules) {
  config::Settings settings;
  settings.listeners.resize(2);
  const core::ListenerRules plain = listener_rules_of(settings).at(0);
  const core::ListenerRules of_core;
  EXPECT_FALSE(plain.anonymous_allowed) << "only when the settings are complete";
  EXPECT_TRUE(plain.accepts_v3_1 && plain.accepts_v3_1_1 && plain.accepts_v5);
  EXPECT_TRUE(plain.empty_client_id_allowed);
  EXPECT_EQ(plain.assigned_id_prefix, of_core.assigned_id_prefix);
  EXPECT_EQ(plain.required_id_prefix, "");
  EXPECT_FALSE(plain.user_name_is_client_id);
  EXPECT_EQ(plain.topic_alias_maximum, of_core.topic_alias_maximum);
  EXPECT_EQ(plain.sent_topic_aliases_max, of_core.sent_topic_aliases_max);
  EXPECT_EQ(plain.qos_max, mqtt::QoS::exactly_once);
  EXPECT_TRUE(plain.retain_available);
  EXPECT_EQ(plain.payload_bytes_max, of_core.payload_bytes_max);
  EXPECT_FALSE(plain.validates_payload_format);
  EXPECT_EQ(plain.response_topic_prefix, "");
  EXPECT_EQ(plain.server_reference, "");
  EXPECT_EQ(plain.shutdown_server_reference, "");

  settings.client_id_prefix = "p";
  settings.retain_available = false;
  settings.payload_bytes_max = 100;
  settings.validate_payload_format = true;
  settings.response_topic_prefix = "r";
  config::ListenerSettings& second = settings.listeners[1];
  second.access.allow_anonymous = true;
  second.access.allow_zero_length_clientid = false;
  second.access.auto_id_prefix = "q";
  second.versions = {.v3_1 = false, .v3_1_1 = true, .v5 = false};
  second.user_name_is_client_id = true;
  second.use_another_server = "for-now";
  second.shutdown_server_reference = "later";
  second.topic_alias_max = 3;
  second.sent_topic_aliases_max = 4;
  second.qos_max = 1;
  const core::ListenerRules told = listener_rules_of(settings).at(1);
  EXPECT_TRUE(told.anonymous_allowed);
  EXPECT_FALSE(told.accepts_v3_1);
  EXPECT_TRUE(told.accepts_v3_1_1);
  EXPECT_FALSE(told.accepts_v5);
  EXPECT_FALSE(told.empty_client_id_allowed);
  EXPECT_EQ(told.assigned_id_prefix, "q");
  EXPECT_EQ(told.required_id_prefix, "p");
  EXPECT_TRUE(told.user_name_is_client_id);
  EXPECT_EQ(told.topic_alias_maximum, 3);
  EXPECT_EQ(told.sent_topic_aliases_max, 4);
  EXPECT_EQ(told.qos_max, mqtt::QoS::at_least_once);
  EXPECT_FALSE(told.retain_available);
  EXPECT_EQ(told.payload_bytes_max, 100U);
  EXPECT_TRUE(told.validates_payload_format);
  EXPECT_EQ(told.response_topic_prefix, "r");
  EXPECT_EQ(told.server_reference, "for-now");
  EXPECT_FALSE(told.server_moved);
  EXPECT_EQ(told.shutdown_server_reference, "later");
  settings.listeners[0].server_moved = "for-good";
  EXPECT_EQ(listener_rules_of(settings)[0].server_reference, "for-good");
  EXPECT_TRUE(listener_rules_of(settings)[0].server_moved);
  EXPECT_EQ(listener_rules_of(settings)[0].topic_alias_maximum, of_core.topic_alias_maximum);
}

}  // namespace
}  // namespace mqttzoo
