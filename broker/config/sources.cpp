#include "broker/config/sources.hpp"

#include "broker/config/error.hpp"
#include "broker/config/file_reader.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

template <class Visit>
void for_each_option(Visit visit) {
  for (const KeyGroup& group : key_groups()) {
    for (const Key& key : group.keys) {
      if (!key.only_in_file()) visit(key);
    }
  }
}

void apply_to_broker(Settings& settings, const Key& key, std::string_view value, const std::string& where) {
  if (settings.per_listener_settings && key.of_access()) {
    throw ConfigError(where + ": per_listener_settings is true: say it in the file, behind each listener");
  }
  apply({settings, settings.access, settings.default_listener}, key, value, where);
}

void apply_environment(Settings& settings, const Sources& sources) {
  if (!sources.environment) return;
  for_each_option([&](const Key& key) {
    const std::string name = environment_name(key);
    if (const char* value = sources.environment(name)) apply_to_broker(settings, key, value, name);
  });
}

/// What the lines of the file mean depends on it, wherever it comes from.
bool access_is_per_listener(const Sources& sources) {
  Settings settings;
  const Key& key = *find_key("per_listener_settings");
  for (const ConfLine& line : sources.lines) {
    if (line.key == key.name) apply_to_broker(settings, key, line.value, line.where() + ": " + line.key);
  }
  const std::string variable = environment_name(key);
  const char* const value = sources.environment ? sources.environment(variable) : nullptr;
  if (value) apply_to_broker(settings, key, value, variable);
  for (const auto& [name, of_option] : sources.options) {
    if (name == key.name) apply_to_broker(settings, key, of_option, option_name(key));
  }
  return settings.per_listener_settings;
}

void apply_options(Settings& settings, const Sources& sources) {
  for (const auto& [name, value] : sources.options) {
    const Key& key = *find_key(name);
    apply_to_broker(settings, key, value, option_name(key));
  }
  if (sources.verbose) {
    settings.log.level = LogLevel::debug;
    settings.log.types.reset();
  }
}

/// The default listener stands for `port` and `bind_address`, for each port of -p, and for port 1883 of this machine
/// when there is nothing else.
void complete_listeners(Settings& settings, std::vector<std::uint16_t> loopback_ports,
                        const std::string& default_listener_line) {
  std::vector<ListenerSettings>& listeners = settings.listeners;
  ListenerSettings& plain = settings.default_listener;
  const bool asked_for = plain.endpoint.port != 0 || !plain.endpoint.host.empty();
  if (!asked_for && listeners.empty() && loopback_ports.empty()) loopback_ports = {1883};
  if (!asked_for && loopback_ports.empty() && !default_listener_line.empty()) {
    throw ConfigError(default_listener_line + ": there is no listener before it that it could be for");
  }
  if (asked_for) {
    if (plain.endpoint.port == 0) plain.endpoint.port = 1883;
    listeners.insert(listeners.begin(), plain);
  }
  for (const std::uint16_t port : loopback_ports) {
    ListenerSettings& listener = listeners.emplace_back(plain);
    listener.endpoint = {{}, port};
    listener.loopback = true;
  }
}

void check_redirections(const std::vector<ListenerSettings>& listeners) {
  for (const ListenerSettings& listener : listeners) {
    if (!listener.use_another_server.empty() && !listener.server_moved.empty()) {
      throw ConfigError("use_another_server and server_moved: a listener sends its clients away for now or for good");
    }
  }
}

void complete_access(Settings& settings) {
  for (ListenerSettings& listener : settings.listeners) {
    if (!settings.per_listener_settings) listener.access = settings.access;
    AccessSettings& access = listener.access;
    if (listener.allow_anonymous) access.allow_anonymous = listener.allow_anonymous;
    if (!access.allow_anonymous) access.allow_anonymous = settings.loopback_only();
    if (listener.auto_id_prefix) access.auto_id_prefix = *listener.auto_id_prefix;
  }
}

/// What would have no effect is refused.
void check_log(const LogSettings& log) {
  const bool is_json = log.format == LogFormat::json;
  if (!log.timestamp_format.empty() && is_json) {
    throw ConfigError("log_timestamp_format: lines in JSON have their time in ISO 8601");
  }
  if (!log.timestamp_format.empty() && !log.timestamps) {
    throw ConfigError("log_timestamp_format: log_timestamp is false, so that there is no time");
  }
  if (log.facility && !(log.destinations && log.destinations->to_syslog)) {
    throw ConfigError("log_facility: there is no log_dest syslog");
  }
}

bool is_any_address(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

void check_advertised(const std::vector<ListenerSettings>& listeners) {
  for (const ListenerSettings& listener : listeners) {
    if (listener.advertise && is_any_address(listener.advertise->host)) {
      throw ConfigError("listener_advertise: clients cannot connect to " + listener.advertise->host);
    }
  }
}

void complete_cluster(Settings& settings) {
  if (settings.zookeeper.empty()) {
    if (settings.cluster_listener || settings.cluster_advertise) {
      throw ConfigError("cluster_listener and cluster_advertise need zookeeper: brokers find each other there");
    }
    return;
  }
  // The fence of a lease (the lease and 10 %) must be over before ZooKeeper can end the session, whose last tick does
  // not count.
  if (settings.lease_seconds * 1100 > settings.zookeeper_session_seconds * 875) {
    throw ConfigError("lease_seconds and 10 % must be shorter than 7/8 of zookeeper_session_seconds");
  }
  if (!settings.cluster_listener) settings.cluster_listener = Endpoint{"0.0.0.0", 7883};
  if (settings.cluster_advertise && is_any_address(settings.cluster_advertise->host)) {
    throw ConfigError("cluster_advertise: other brokers cannot connect to " + settings.cluster_advertise->host);
  }
}

}  // namespace

Settings settings_from(const Sources& sources) {
  Settings settings;
  settings.per_listener_settings = access_is_per_listener(sources);
  FileReader reader(settings, settings.per_listener_settings);
  for (const ConfLine& line : sources.lines) reader.take(line);
  if (reader.has_taken("log_level") && reader.has_taken("log_type")) {
    throw ConfigError("log_level and log_type say both what is written: keep one of them");
  }
  apply_environment(settings, sources);
  apply_options(settings, sources);
  complete_listeners(settings, sources.loopback_ports, reader.default_listener_line());
  check_redirections(settings.listeners);
  complete_access(settings);
  check_log(settings.log);
  check_advertised(settings.listeners);
  complete_cluster(settings);
  return settings;
}

}  // namespace mqttzoo::config
