#include "broker/config/keys.hpp"

#include <algorithm>
#include <cctype>

#include "broker/config/values.hpp"

namespace mqttzoo::config {

namespace {

std::uint32_t seconds(std::string_view text, std::uint32_t least, std::uint32_t most) {
  return static_cast<std::uint32_t>(parse_integer(text, least, most));
}

constexpr std::uint32_t day_seconds = 86'400;

constexpr Key table[] = {
    {"listener", "PORT [ADDRESS]", "127.0.0.1 and ::1, port 1883",
     "Accept MQTT clients here; may be given several times.",
     "Nobody outside this machine gets in before somebody decided that.", true,
     [](Settings& settings, std::string_view value) { settings.listeners.push_back(parse_listener(value)); }},

    {"allow_anonymous", "true|false", "true on loopback, false with a listener", "Let clients in without a user name.",
     "As mosquitto 2 does: easy to try, closed in the open.", false,
     [](Settings& settings, std::string_view value) { settings.allow_anonymous = parse_bool(value); }},

    {"broker_name", "NAME", "the host name", "This broker's name in the cluster; keep it over restarts.",
     "In Kubernetes and on machines of their own host names are stable and differ.", false,
     [](Settings& settings, std::string_view value) { settings.broker_name = parse_broker_name(value); }},

    {"zookeeper", "HOST:PORT,...[/CHROOT]", "none: a lone broker",
     "Form one cluster with all brokers that name the same ensemble and chroot "
     "(/mqttzoo when none is given).",
     "A lone broker needs nothing beside its binary.", false,
     [](Settings& settings, std::string_view value) { settings.zookeeper = parse_zookeeper(value, "/mqttzoo"); }},

    {"cluster_listener", "HOST:PORT", "0.0.0.0:7883 with zookeeper",
     "Accept other brokers here; port 0 takes any free port.", "Brokers usually run on machines of their own.", false,
     [](Settings& settings, std::string_view value) { settings.cluster_listener = parse_host_and_port(value, true); }},

    {"cluster_advertise", "HOST:PORT", "cluster_listener, with the host name for 0.0.0.0 and ::",
     "Where other brokers reach cluster_listener.", "Right unless there is address translation in between.", false,
     [](Settings& settings, std::string_view value) { settings.cluster_advertise = parse_host_and_port(value, true); }},

    {"lease_seconds", "SECONDS", "3",
     "How long a broker may act after ZooKeeper last heard it; others wait that long before they take over.",
     "Short enough for a failover in seconds, three heartbeats long; at most the session less a tick and 10 %.", false,
     [](Settings& settings, std::string_view value) { settings.lease_seconds = seconds(value, 1, 60); }},

    {"zookeeper_session_seconds", "SECONDS", "4", "ZooKeeper session timeout to ask for.",
     "The shortest that leaves room for a lease of 3 s with a tick of 500 ms.", false,
     [](Settings& settings, std::string_view value) { settings.zookeeper_session_seconds = seconds(value, 2, 120); }},

    {"retain_ttl", "SECONDS", "0", "Retained messages without a Message Expiry Interval end after this; 0: never.",
     "MQTT keeps retained messages for ever.", false,
     [](Settings& settings, std::string_view value) {
       settings.retain_ttl_seconds = seconds(value, 0, 3650 * day_seconds);
     }},

    {"bank", "BYTES", "64MiB", "How much all retained messages of the cluster may occupy in ZooKeeper (KiB, MiB, GiB).",
     "ZooKeeper keeps everything in memory; this fits its default heap many times over.", false,
     [](Settings& settings, std::string_view value) { settings.bank_bytes = parse_bytes(value); }},

    {"threads", "NUMBER", "one per core", "Threads that serve clients, 64 at most.",
     "More than the cores that the process may use cannot help.", false,
     [](Settings& settings, std::string_view value) {
       settings.threads = static_cast<std::uint16_t>(parse_integer(value, 1, threads_max));
     }},

    {"watchdog_seconds", "SECONDS", "10",
     "End the process when a thread has been stuck in one task for this long; 0: never.",
     "Far above any pause of a healthy process; a stuck broker must not look alive.", false,
     [](Settings& settings, std::string_view value) { settings.watchdog_seconds = seconds(value, 0, 3600); }},

    {"http_listener", "PORT [ADDRESS]", "none", "Answer /healthz, /readyz and /metrics over HTTP here.",
     "A port that nobody asked for stays closed.", false,
     [](Settings& settings, std::string_view value) { settings.http_listener = parse_port_and_address(value); }},

    {"log_format", "text|json", "text", "One line of text or one JSON object per event.",
     "People read it first, machines later.", false,
     [](Settings& settings, std::string_view value) {
       settings.log_format = parse_choice(value, {"text", "json"}) == 0 ? LogFormat::text : LogFormat::json;
     }},

    {"log_level", "error|warning|info|debug", "info", "The least important lines to write.",
     "One line per start, stop and end of a connection, none per message.", false,
     [](Settings& settings, std::string_view value) {
       settings.log_level = static_cast<LogLevel>(parse_choice(value, {"error", "warning", "info", "debug"}));
     }},

    {"sys_interval", "SECONDS", "10", "Publish the $SYS/broker topics this often; 0: never.", "As mosquitto does.",
     false,
     [](Settings& settings, std::string_view value) {
       settings.sys_interval_seconds = seconds(value, 0, day_seconds);
     }},
};

std::string spelled(std::string_view name, char (*change)(char)) {
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(), change);
  return text;
}

}  // namespace

std::span<const Key> all_keys() { return table; }

const Key* find_key(std::string_view name) {
  const auto found = std::find_if(std::begin(table), std::end(table), [&](const Key& key) { return key.name == name; });
  return found == std::end(table) ? nullptr : found;
}

std::string option_name(const Key& key) {
  return "--" + spelled(key.name, [](char c) { return c == '_' ? '-' : c; });
}

std::string environment_name(const Key& key) {
  return "MQTTZOO_" + spelled(key.name, [](char c) { return static_cast<char>(std::toupper(c)); });
}

}  // namespace mqttzoo::config
