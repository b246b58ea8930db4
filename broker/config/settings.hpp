#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mqttzoo::config {

/// Where to listen or connect. An empty host: all addresses of this machine.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const Endpoint&) const = default;
};
/// "host:1883" or "[::1]:1883".
std::string host_and_port(const Endpoint& endpoint);

enum class LogFormat : std::uint8_t { text, json };
enum class LogLevel : std::uint8_t { error, warning, info, debug };
enum class Redirect : std::uint8_t { asked, persistent, never };
enum class CoordinationLoss : std::uint8_t { refuse, serve };
enum class SocketDomain : std::uint8_t { any, ipv4, ipv6 };

/// The kinds of lines that are written.
struct LogTypes {
  bool error = false;
  bool warning = false;
  bool info = false;
  bool debug = false;

  bool operator==(const LogTypes&) const = default;
};

/// Where lines are written: nowhere, or to one or several of these.
struct LogDestinations {
  bool to_stdout = false;
  bool to_stderr = false;
  bool to_syslog = false;
  std::string file;  ///< empty: none

  bool operator==(const LogDestinations&) const = default;
};

struct LogSettings {
  LogFormat format = LogFormat::text;
  LogLevel level = LogLevel::info;
  std::optional<LogTypes> types;                ///< instead of a level
  std::optional<LogDestinations> destinations;  ///< standard error when nothing is said
  std::optional<std::uint8_t> facility;         ///< of syslog: local0 to local7; none: daemon
  bool timestamps = true;
  std::string timestamp_format;  ///< of strftime; empty: ISO 8601 with milliseconds, UTC
  bool connection_messages = true;

  bool operator==(const LogSettings&) const = default;

  LogTypes types_to_write() const;
};

/// The most that `threads` may be: interest knows the threads of a broker as bits of one word.
inline constexpr std::uint16_t threads_max = 64;

/// Who may come in, and as whom: for all listeners, or with `per_listener_settings` for each.
struct AccessSettings {
  std::optional<bool> allow_anonymous;  ///< none: as in mosquitto 2, where there is no `listener`
  bool allow_zero_length_clientid = true;
  std::string auto_id_prefix = "auto-";
  std::string password_file;  ///< empty: none; the same for the others
  std::string scram_file;
  std::string acl_file;

  bool has_files() const { return !password_file.empty() || !scram_file.empty() || !acl_file.empty(); }
  bool operator==(const AccessSettings&) const = default;
};

/// The versions of MQTT that are spoken.
struct ProtocolVersions {
  bool v3_1 = true;
  bool v3_1_1 = true;
  bool v5 = true;

  bool operator==(const ProtocolVersions&) const = default;
};

/// One `listener` with what follows it in the file.
struct ListenerSettings {
  Endpoint endpoint;
  bool loopback = false;  ///< 127.0.0.1 and ::1, whatever the endpoint's host
  SocketDomain socket_domain = SocketDomain::any;
  std::string bind_interface;                    ///< empty: all
  std::optional<std::uint32_t> connections_max;  ///< none: as many as the process can hold
  std::uint8_t qos_max = 2;
  std::uint16_t topic_alias_max = 10;
  std::uint16_t sent_topic_aliases_max = 10;
  ProtocolVersions versions;
  std::string use_another_server;  ///< empty: clients are served here; the same for the next two
  std::string server_moved;
  std::string shutdown_server_reference;
  std::optional<Endpoint> advertise;  ///< where clients reach it, told by other brokers; none: not told
  bool user_name_is_client_id = false;
  std::optional<bool> allow_anonymous;        ///< whatever `access` says
  std::optional<std::string> auto_id_prefix;  ///< the same
  AccessSettings access;                      ///< complete once the settings are

  bool operator==(const ListenerSettings&) const = default;
};

/// What one client may do at most, at whichever listener; the core's limits have the answers.
struct LimitSettings {
  std::uint32_t packet_bytes_max = 16 << 20;
  std::uint16_t topic_bytes_max = 65'535;
  std::uint16_t topic_levels_max = 128;
  std::uint16_t client_id_bytes_max = 1024;
  std::uint32_t connect_timeout_seconds = 10;
  std::uint16_t keep_alive_seconds_max = 0;  ///< 0: no limit
  std::uint16_t receive_maximum = 1024;
  std::uint16_t in_flight_max = 1024;     ///< 0: no limit
  std::uint64_t in_flight_bytes_max = 0;  ///< 0: no limit
  std::uint32_t subscriptions_max = 100'000;
  std::uint32_t subscription_bytes_max = 16 << 20;
  std::uint32_t queue_messages_max = 100'000;  ///< 0: no limit
  std::uint64_t queue_bytes_max = 64 << 20;    ///< 0: no limit
  bool check_retain_source = true;
  bool queue_qos0_messages = false;
  bool upgrade_outgoing_qos = false;
  std::uint32_t session_expiry_seconds_max = 0;  ///< 0: no limit

  bool operator==(const LimitSettings&) const = default;
};

/// Everything that a start is told, from options, environment and file. What each value means and why its default is
/// what it is stands in the tables of keys (*_keys.cpp); the defaults there and here are the same, a test compares
/// them.
struct Settings {
  // Clients
  std::vector<ListenerSettings> listeners;  ///< all of them, once the settings are complete
  /// While files are read: what `port`, `bind_address` and lines before the first `listener` say. Part of `listeners`
  /// afterwards, where it stands for something.
  ListenerSettings default_listener;
  bool per_listener_settings = false;
  AccessSettings access;
  std::string client_id_prefix;  ///< how all Client Identifiers begin
  bool retain_available = true;
  std::uint32_t payload_bytes_max = 0;  ///< 0: no limit
  bool validate_payload_format = false;
  std::string response_topic_prefix;             ///< empty: no Response Information
  std::optional<std::uint32_t> connections_max;  ///< of all listeners together
  std::optional<std::uint32_t> sessions_max;     ///< of the broker; none: no limit
  bool tcp_no_delay = true;
  LimitSettings limits;

  // Cluster
  std::string broker_name;  ///< empty: the host name
  std::string zookeeper;    ///< empty: a lone broker
  std::optional<Endpoint> cluster_listener;
  std::optional<Endpoint> cluster_advertise;
  std::uint32_t lease_seconds = 3;
  std::uint32_t replicas = 2;
  std::uint32_t min_replicas = 2;
  std::uint32_t zookeeper_session_seconds = 4;
  CoordinationLoss coordination_loss = CoordinationLoss::refuse;
  std::uint32_t coordination_grace_seconds = 30;
  Redirect redirect = Redirect::asked;

  // Retained data
  std::uint32_t retain_ttl_seconds = 0;  ///< 0: never
  std::uint64_t bank_bytes = 64ULL << 20;
  std::uint32_t retained_messages_max = 1'000'000;

  // The process
  std::uint16_t threads = 0;  ///< 0: one per core
  std::uint32_t watchdog_seconds = 10;
  std::optional<Endpoint> http_listener;
  std::string pid_file;                     ///< empty: none
  std::string user;                         ///< whom root becomes; empty: nobody else
  std::uint32_t sys_interval_seconds = 10;  ///< 0: no $SYS topics
  LogSettings log;

  bool operator==(const Settings&) const = default;

  /// Nobody outside this machine can reach the broker.
  bool loopback_only() const;
  /// At some listener.
  bool anonymous_allowed() const;
};

}  // namespace mqttzoo::config
