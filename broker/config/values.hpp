#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "broker/config/settings.hpp"

/// How values are written in files, options and the environment. Each function throws BadValue with a reason that says
/// what was expected.
namespace mqttzoo::config {

/// "true" or "false", as mosquitto.conf has it.
bool parse_bool(std::string_view text);

/// A decimal number without sign from `least` to `most`.
std::uint64_t parse_integer(std::string_view text, std::uint64_t least, std::uint64_t most);

/// 0 for none, or 10 to 65535: mosquitto's max_keepalive.
std::uint64_t parse_keep_alive(std::string_view text);
/// Seconds, of a number with its unit: h, d, w, m (30 days) or y (365 days), as mosquitto writes long times. Less than
/// 2^32 - 1, which MQTT has for "never".
std::uint64_t parse_long_time(std::string_view text);

/// A number up to 4,294,967,295, or -1 for none, as mosquitto's max_connections.
std::optional<std::uint32_t> parse_count_or_unlimited(std::string_view text);

/// A number of bytes from `least` to `most`: "1048576", "1024KiB", "1MiB".
std::uint64_t parse_bytes(std::string_view text, std::uint64_t least, std::uint64_t most);

/// One of `choices`; gives its index.
std::size_t parse_choice(std::string_view text, std::initializer_list<std::string_view> choices);

/// "PORT" or "PORT ADDRESS", as after mosquitto's `listener`.
Endpoint parse_port_and_address(std::string_view text);
/// The same for `listener`, whose port 0 means something in mosquitto.
Endpoint parse_listener(std::string_view text);

/// An IP address or a host name, as mosquitto's `bind_address`.
std::string parse_address(std::string_view text);

/// The name of a network interface, as the kernel allows it: "eth0".
std::string parse_interface(std::string_view text);

/// "HOST:PORT"; an IPv6 address stands in brackets: "[::1]:7883". Port 0 (any free one) only where it says so.
Endpoint parse_host_and_port(std::string_view text, bool any_port_allowed);

/// The beginning of a Client Identifier: at most 64 printable characters, no spaces.
std::string parse_prefix(std::string_view text);

/// The beginning of a Topic Name: at most 256 bytes, not for the broker itself ('$'), without wildcards and without an
/// empty level at its end.
std::string parse_topic_prefix(std::string_view text);

/// A Server Reference as MQTT 5.0 suggests it: "HOST" or "HOST:PORT", or several with spaces between, the best one
/// first; at most 1024 bytes.
std::string parse_server_reference(std::string_view text);

/// mosquitto's accept_protocol_versions: "3", "4" and "5", with commas between.
ProtocolVersions parse_versions(std::string_view text);

/// The name of a user: without spaces.
std::string parse_user_name(std::string_view text);

/// What strftime takes, as one line of printable characters with a `%` among them.
std::string parse_time_format(std::string_view text);

/// 1 to 64 letters, digits, '.', '_' or '-', and not only dots: the name stands in znode paths.
std::string parse_broker_name(std::string_view text);

/// "HOST:PORT,HOST/CHROOT" (the port may be left out), with the chroot `default_chroot` when there is none.
std::string parse_zookeeper(std::string_view text, std::string_view default_chroot);

}  // namespace mqttzoo::config
