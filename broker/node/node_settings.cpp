#include "broker/node/node_settings.hpp"

#include <syslog.h>

#include <algorithm>
#include <limits>

#include "broker/cluster/interest/targets.hpp"
#include "broker/node/node_process.hpp"

namespace mqttzoo {

namespace {

net::Family family_of(config::SocketDomain domain) {
  switch (domain) {
    case config::SocketDomain::ipv4:
      return net::Family::v4;
    case config::SocketDomain::ipv6:
      return net::Family::v6;
    case config::SocketDomain::any:
      break;
  }
  return net::Family::any;
}

core::Redirect redirect_of(config::Redirect redirect) {
  switch (redirect) {
    case config::Redirect::asked:
      return core::Redirect::asked;
    case config::Redirect::persistent:
      return core::Redirect::persistent;
    case config::Redirect::never:
      break;
  }
  return core::Redirect::never;
}

/// What stands for a limit that somebody has switched off: never reached, and far from overflowing in a sum.
constexpr std::size_t no_limit = std::size_t{1} << 48;

void set_limits_of_client(core::Limits& limits, const config::LimitSettings& given) {
  limits.packet_bytes_max = given.packet_bytes_max;
  limits.connect_packet_bytes_max = std::min<std::size_t>(limits.connect_packet_bytes_max, given.packet_bytes_max);
  limits.topic_bytes_max = given.topic_bytes_max;
  // Topics with fewer bytes than levels are allowed are not looked at closely, so that no more levels than bytes can
  // make (one more) may be allowed.
  limits.topic_levels_max = std::min<std::size_t>(given.topic_levels_max, limits.topic_bytes_max + 1);
  limits.client_id_bytes_max = given.client_id_bytes_max;
  limits.connect_timeout_milliseconds = given.connect_timeout_seconds * 1000;
  limits.keep_alive_seconds_max = given.keep_alive_seconds_max;
  limits.receive_maximum = given.receive_maximum;
  limits.in_flight_max = given.in_flight_max == 0 ? std::numeric_limits<std::uint16_t>::max() : given.in_flight_max;
  limits.in_flight_bytes_max = given.in_flight_bytes_max;
  limits.subscriptions_max = given.subscriptions_max;
  limits.subscription_bytes_max = given.subscription_bytes_max;
  limits.queue_messages_max = given.queue_messages_max == 0 ? no_limit : given.queue_messages_max;
  limits.queue_bytes_max = given.queue_bytes_max == 0 ? no_limit : given.queue_bytes_max;
  limits.check_retain_source = given.check_retain_source;
  limits.queue_qos0_messages = given.queue_qos0_messages;
  limits.upgrade_outgoing_qos = given.upgrade_outgoing_qos;
  if (given.session_expiry_seconds_max != 0) limits.session_expiry_seconds_max = given.session_expiry_seconds_max;
}

}  // namespace

core::ShardIndex shard_count_of(const config::Settings& settings) {
  static_assert(config::threads_max <= cluster::shards_max);
  if (settings.threads != 0) return settings.threads;
  return static_cast<core::ShardIndex>(std::min<unsigned>(usable_cores(), config::threads_max));
}

core::Limits shard_limits_of(const config::Settings& settings, core::ShardIndex shards, std::size_t client_files) {
  core::Limits limits;
  set_limits_of_client(limits, settings.limits);
  if (settings.sessions_max) limits.session_quota = std::make_shared<core::SessionQuota>(*settings.sessions_max);
  limits.connections_max = std::clamp<std::size_t>(client_files / shards, 1, limits.connections_max);
  const std::size_t filter_bytes_max = cluster::ControlLimits().peer_interest_bytes_max;
  limits.filter_bytes_max = std::min(limits.filter_bytes_max, filter_bytes_max - filter_bytes_max / 4) / shards;
  return limits;
}

namespace {

/// A broker that serves on needs a moment to find out that the lease is lost because ZooKeeper is.
core::Milliseconds coordination_grace_ms(const config::Settings& settings) {
  const bool serves_on = settings.coordination_loss == config::CoordinationLoss::serve;
  return core::Milliseconds{std::max(settings.coordination_grace_seconds, serves_on ? 2U : 0U)} * 1000;
}

}  // namespace

cluster::ControlLimits control_limits_of(const config::Settings& settings) {
  cluster::ControlLimits limits;
  limits.lease_ms = core::Milliseconds{settings.lease_seconds} * 1000;
  limits.replicas = settings.replicas;
  limits.coordination_grace_ms = coordination_grace_ms(settings);
  limits.serves_without_lease = settings.coordination_loss == config::CoordinationLoss::serve;
  return limits;
}

cluster::RouterLimits router_limits_of(const config::Settings& settings) {
  cluster::RouterLimits limits;
  // Another broker may be presumed to act for a lease; the rest is for entering the view that follows.
  limits.session_wait_ms = core::Milliseconds{settings.lease_seconds} * 1000 + 1000;
  limits.coordination_grace_ms = coordination_grace_ms(settings);
  limits.serves_without_lease = settings.coordination_loss == config::CoordinationLoss::serve;
  limits.min_replicas = std::min(settings.min_replicas, settings.replicas);
  return limits;
}

cluster::RetainedOptions retained_options_of(const config::Settings& settings) {
  cluster::RetainedOptions options;
  options.bank_bytes = settings.bank_bytes;
  options.retain_ttl_ms = core::Milliseconds{settings.retain_ttl_seconds} * 1000;
  options.values_max = settings.retained_messages_max;
  return options;
}

ops::LogOptions log_options_of(const config::LogSettings& log) {
  const config::LogTypes types = log.types_to_write();
  ops::LogOptions options;
  options.format = log.format == config::LogFormat::json ? ops::LineFormat::json : ops::LineFormat::text;
  options.levels = ops::Levels();
  if (types.error) options.levels.add(ops::Level::error);
  if (types.warning) options.levels.add(ops::Level::warning);
  if (types.info) options.levels.add(ops::Level::info);
  if (types.debug) options.levels.add(ops::Level::debug);
  if (log.destinations) {
    options.to_stderr = log.destinations->to_stderr;
    options.to_stdout = log.destinations->to_stdout;
    options.file = log.destinations->file;
    // The facilities local0 to local7 follow each other.
    if (log.destinations->to_syslog) {
      options.syslog_facility = log.facility ? LOG_LOCAL0 + (*log.facility << 3) : LOG_DAEMON;
    }
  }
  options.timestamps = log.timestamps;
  options.timestamp_format = log.timestamp_format;
  return options;
}

std::vector<core::ListenerRules> listener_rules_of(const config::Settings& settings) {
  std::vector<core::ListenerRules> all;
  for (const config::ListenerSettings& listener : settings.listeners) {
    core::ListenerRules& rules = all.emplace_back();
    rules.number = static_cast<std::uint16_t>(all.size() - 1);
    rules.redirect = redirect_of(settings.redirect);
    rules.anonymous_allowed = listener.access.allow_anonymous.value_or(false);
    rules.accepts_v3_1 = listener.versions.v3_1;
    rules.accepts_v3_1_1 = listener.versions.v3_1_1;
    rules.accepts_v5 = listener.versions.v5;
    rules.server_moved = !listener.server_moved.empty();
    rules.server_reference = rules.server_moved ? listener.server_moved : listener.use_another_server;
    rules.shutdown_server_reference = listener.shutdown_server_reference;
    rules.empty_client_id_allowed = listener.access.allow_zero_length_clientid;
    rules.assigned_id_prefix = listener.access.auto_id_prefix;
    rules.required_id_prefix = settings.client_id_prefix;
    rules.user_name_is_client_id = listener.user_name_is_client_id;
    rules.topic_alias_maximum = listener.topic_alias_max;
    rules.sent_topic_aliases_max = listener.sent_topic_aliases_max;
    rules.qos_max = static_cast<mqtt::QoS>(listener.qos_max);
    rules.retain_available = settings.retain_available;
    rules.response_topic_prefix = settings.response_topic_prefix;
    rules.validates_payload_format = settings.validate_payload_format;
    if (settings.payload_bytes_max != 0) rules.payload_bytes_max = settings.payload_bytes_max;
  }
  return all;
}

cluster::ClientAddresses client_addresses_of(const config::Settings& settings) {
  cluster::ClientAddresses addresses;
  for (const config::ListenerSettings& listener : settings.listeners) {
    addresses.push_back(listener.advertise ? config::host_and_port(*listener.advertise) : std::string());
  }
  if (addresses.size() > cluster::client_addresses_max) addresses.resize(cluster::client_addresses_max);
  return addresses;
}

void open_listeners(net::ClientListeners& clients, const config::Settings& settings,
                    const std::vector<core::ListenerRules>& rules) {
  for (std::size_t number = 0; number < settings.listeners.size(); ++number) {
    const config::ListenerSettings& listener = settings.listeners[number];
    const net::Family family = family_of(listener.socket_domain);
    const std::uint16_t port = listener.endpoint.port;
    clients.add(listener.loopback ? net::loopback_addresses(port, family)
                                  : net::listening_addresses(listener.endpoint.host, port, family),
                {.interface = listener.bind_interface, .no_delay = settings.tcp_no_delay}, listener.connections_max,
                rules[number]);
  }
}

}  // namespace mqttzoo
