#include "broker/config/values.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "broker/config/error.hpp"

namespace mqttzoo::config {

namespace {

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

std::uint16_t parse_port(std::string_view text, bool any_port_allowed) {
  return static_cast<std::uint16_t>(parse_integer(text, any_port_allowed ? 0 : 1, 65535));
}

void check_zookeeper_server(std::string_view server) {
  const std::size_t bracket = server.find(']');
  const std::size_t colon = server.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = server.substr(0, colon);
  if (host.empty() || host.find_first_of(" \t") != std::string_view::npos) {
    throw BadValue(quoted(server) + " is not HOST:PORT");
  }
  if (colon != std::string_view::npos) parse_port(server.substr(colon + 1), false);
}

void check_chroot(std::string_view chroot) {
  const bool whole = chroot.size() > 1 && chroot.back() != '/' && chroot.find("//") == std::string_view::npos;
  if (!whole || chroot.find_first_of(" \t,") != std::string_view::npos) {
    throw BadValue("the chroot " + quoted(chroot) + " is not a path of a znode, e.g. /mqttzoo");
  }
}

}  // namespace

bool parse_bool(std::string_view text) { return parse_choice(text, {"false", "true"}) == 1; }

std::uint64_t parse_integer(std::string_view text, std::uint64_t least, std::uint64_t most) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < least || number > most) {
    throw BadValue(quoted(text) + " is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

std::uint64_t parse_keep_alive(std::string_view text) { return text == "0" ? 0 : parse_integer(text, 10, 65'535); }

std::uint64_t parse_long_time(std::string_view text) {
  constexpr std::uint64_t hour = 3600;
  constexpr std::pair<char, std::uint64_t> units[] = {
      {'h', hour}, {'d', 24 * hour}, {'w', 7 * 24 * hour}, {'m', 30 * 24 * hour}, {'y', 365 * 24 * hour}};
  constexpr auto most = std::numeric_limits<std::uint32_t>::max() - 1;
  for (const auto& [unit, seconds] : units) {
    if (!text.empty() && text.back() == unit)
      return parse_integer(text.substr(0, text.size() - 1), 1, most / seconds) * seconds;
  }
  throw BadValue(quoted(text) + " is not a number with h, d, w, m or y behind it");
}

std::optional<std::uint32_t> parse_count_or_unlimited(std::string_view text) {
  if (text == "-1") return std::nullopt;
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > most) {
    throw BadValue(quoted(text) + " is not -1 or a number from 1 to " + std::to_string(most));
  }
  return static_cast<std::uint32_t>(number);
}

std::uint64_t parse_bytes(std::string_view text, std::uint64_t least, std::uint64_t most) {
  struct Unit {
    std::string_view name;
    std::uint64_t bytes;
  };
  constexpr Unit units[] = {{"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};
  for (const Unit& unit : units) {
    if (!text.ends_with(unit.name)) continue;
    const std::string_view number = text.substr(0, text.size() - unit.name.size());
    return parse_integer(number, (least + unit.bytes - 1) / unit.bytes, most / unit.bytes) * unit.bytes;
  }
  return parse_integer(text, least, most);
}

std::size_t parse_choice(std::string_view text, std::initializer_list<std::string_view> choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string expected;
  for (const auto& choice : choices) {
    if (!expected.empty()) expected += &choice == choices.end() - 1 ? " or " : ", ";
    expected += choice;
  }
  throw BadValue(quoted(text) + " is not " + expected);
}

Endpoint parse_port_and_address(std::string_view text) {
  const auto space = text.find_first_of(" \t");
  Endpoint endpoint;
  endpoint.port = parse_port(text.substr(0, space), false);
  if (space == std::string_view::npos) return endpoint;
  endpoint.host = parse_address(text.substr(text.find_first_not_of(" \t", space)));
  return endpoint;
}

std::string parse_address(std::string_view text) {
  if (text.find_first_of(" \t") != std::string_view::npos) throw BadValue(quoted(text) + " is not one address");
  return std::string(text);
}

Endpoint parse_listener(std::string_view text) {
  if (text.substr(0, text.find_first_of(" \t")) == "0") {
    throw BadValue("port 0 (a Unix socket in mosquitto) is not supported yet by MQTTZoo");
  }
  return parse_port_and_address(text);
}

std::string parse_interface(std::string_view text) {
  constexpr std::size_t name_bytes_max = 15;  // IFNAMSIZ without the NUL
  if (text.size() > name_bytes_max || text.find_first_of("/ \t") != std::string_view::npos) {
    throw BadValue(quoted(text) + " is not the name of a network interface");
  }
  return std::string(text);
}

Endpoint parse_host_and_port(std::string_view text, bool any_port_allowed) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) throw BadValue(quoted(text) + " is not HOST:PORT");
  std::string_view host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']' && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[] \t") != std::string_view::npos) {
    throw BadValue(quoted(text) + " is not HOST:PORT (an IPv6 address stands in brackets, e.g. [::1]:7883)");
  }
  return {std::string(host), parse_port(text.substr(colon + 1), any_port_allowed)};
}

std::string parse_prefix(std::string_view text) {
  constexpr std::size_t prefix_bytes_max = 64;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (text.size() > prefix_bytes_max || !printable) {
    throw BadValue(quoted(text) + " is not a prefix of at most 64 printable characters without spaces");
  }
  return std::string(text);
}

std::string parse_topic_prefix(std::string_view text) {
  constexpr std::size_t prefix_bytes_max = 256;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  const bool plain = printable && text.find_first_of("+#") == std::string_view::npos;
  if (text.empty() || !plain || text.size() > prefix_bytes_max || text.front() == '$' || text.back() == '/') {
    throw BadValue(quoted(text) +
                   " is not the beginning of a topic: at most 256 printable characters without '+' and "
                   "'#', no '$' at the front and no '/' at the end");
  }
  return std::string(text);
}

std::string parse_server_reference(std::string_view text) {
  constexpr std::size_t reference_bytes_max = 1024;
  if (text.size() > reference_bytes_max) throw BadValue("the reference is longer than 1024 bytes");
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string_view server = rest.substr(0, space);
    const bool has_port = server.find(':') != std::string_view::npos && server.back() != ']';
    if (has_port) {
      parse_host_and_port(server, false);
    } else if (server.empty() ||
               !std::all_of(server.begin(), server.end(), [](char c) { return c > ' ' && c <= '~'; })) {
      throw BadValue(quoted(text) + " is not HOST, HOST:PORT or several of them with a space between");
    }
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return std::string(text);
}

ProtocolVersions parse_versions(std::string_view text) {
  ProtocolVersions versions{.v3_1 = false, .v3_1_1 = false, .v5 = false};
  bool* const each[] = {&versions.v3_1, &versions.v3_1_1, &versions.v5};
  for (;;) {
    const auto comma = text.find(',');
    bool& one = *each[parse_choice(text.substr(0, comma), {"3", "4", "5"})];
    if (one) throw BadValue("a version is given twice");
    one = true;
    if (comma == std::string_view::npos) return versions;
    text.remove_prefix(comma + 1);
  }
}

std::string parse_user_name(std::string_view text) {
  if (text.find_first_of(" \t:/") != std::string_view::npos)
    throw BadValue(quoted(text) + " is not the name of a user");
  return std::string(text);
}

std::string parse_time_format(std::string_view text) {
  constexpr std::size_t format_bytes_max = 64;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (text.size() > format_bytes_max || !printable || text.find('%') == std::string_view::npos) {
    throw BadValue(quoted(text) + " is not a format of strftime, of at most 64 printable characters");
  }
  return std::string(text);
}

std::string parse_broker_name(std::string_view text) {
  const bool only_dots = text.find_first_not_of('.') == std::string_view::npos;
  if (text.size() > 64 || only_dots || !std::all_of(text.begin(), text.end(), is_name_character)) {
    throw BadValue(quoted(text) + " is not a name of 1 to 64 letters, digits, '.', '_' or '-'");
  }
  return std::string(text);
}

std::string parse_zookeeper(std::string_view text, std::string_view default_chroot) {
  const auto slash = text.find('/');
  std::string_view servers = text.substr(0, slash);
  if (slash != std::string_view::npos && text.substr(slash) != "/") check_chroot(text.substr(slash));
  for (;;) {
    const auto comma = servers.find(',');
    check_zookeeper_server(servers.substr(0, comma));
    if (comma == std::string_view::npos) break;
    servers.remove_prefix(comma + 1);
  }
  return slash == std::string_view::npos ? std::string(text) + std::string(default_chroot) : std::string(text);
}

}  // namespace mqttzoo::config
