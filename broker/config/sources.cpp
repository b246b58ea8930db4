#include "broker/config/sources.hpp"

#include <map>

#include "broker/config/error.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

void apply(Settings& settings, const Key& key, std::string_view value, const std::string& where) {
  try {
    if (value.empty()) throw BadValue("a value is missing: " + std::string(key.value));
    key.apply(settings, value);
  } catch (const BadValue& bad) {
    throw ConfigError(where + ": " + bad.what());
  }
}

void apply_file(Settings& settings, const Sources& sources) {
  std::map<std::string_view, int> lines_of_keys;
  for (const ConfLine& line : sources.file) {
    const std::string where = sources.file_name + ':' + std::to_string(line.number) + ": " + line.key;
    const Key* key = find_key(line.key);
    if (!key) {
      throw ConfigError(where + (is_mosquitto_key(line.key) ? ": not supported yet by MQTTZoo" : ": unknown option"));
    }
    const auto [first, is_first] = lines_of_keys.emplace(key->name, line.number);
    if (!is_first && !key->repeatable) {
      throw ConfigError(where + ": given twice, first in line " + std::to_string(first->second));
    }
    apply(settings, *key, line.value, where);
  }
}

void apply_environment(Settings& settings, const Sources& sources) {
  if (!sources.environment) return;
  for (const Key& key : all_keys()) {
    if (key.repeatable) continue;
    const std::string name = environment_name(key);
    if (const char* value = sources.environment(name)) apply(settings, key, value, name);
  }
}

void apply_options(Settings& settings, const Sources& sources) {
  for (const auto& [name, value] : sources.options) {
    const Key& key = *find_key(name);
    apply(settings, key, value, option_name(key));
  }
  settings.loopback_ports = sources.loopback_ports;
  if (sources.verbose) settings.log_level = LogLevel::debug;
}

bool is_any_address(const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }

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
  apply_file(settings, sources);
  apply_environment(settings, sources);
  apply_options(settings, sources);
  if (settings.listeners.empty() && settings.loopback_ports.empty()) settings.loopback_ports = {1883};
  complete_cluster(settings);
  return settings;
}

}  // namespace mqttzoo::config
