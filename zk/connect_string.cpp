#include "zk/connect_string.hpp"

#include <charconv>
#include <stdexcept>

#include "zk/znode_path.hpp"

namespace mqttzoo::zk {
namespace {

constexpr std::uint16_t default_port = 2181;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw std::invalid_argument("zookeeper '" + std::string(text) + "': " + std::string(why));
}

std::uint16_t parse_port(std::string_view digits, std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65'535)
    refuse(text, "port '" + std::string(digits) + "' is not a number from 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

/// What follows "[": address, "]" and perhaps a port.
ConnectString::Server parse_bracketed(std::string_view server, std::string_view text) {
  const auto close = server.find(']');
  if (close == std::string_view::npos) refuse(text, "'" + std::string(server) + "' has no closing bracket");
  const auto rest = server.substr(close + 1);
  const auto address = server.substr(1, close - 1);
  if (address.empty()) refuse(text, "empty brackets");
  if (rest.empty()) return {std::string(address), default_port};
  if (rest.front() != ':') refuse(text, "'" + std::string(rest) + "' after the bracket is not :port");
  return {std::string(address), parse_port(rest.substr(1), text)};
}

ConnectString::Server parse_server(std::string_view server, std::string_view text) {
  if (server.empty()) refuse(text, "a server is missing (host:port,host:port,.../chroot)");
  if (server.find_first_of(" \t\r\n") != std::string_view::npos)
    refuse(text, "'" + std::string(server) + "' contains a blank; servers are separated by commas");
  if (server.front() == '[') return parse_bracketed(server, text);
  const auto colon = server.find(':');
  if (colon == std::string_view::npos) return {std::string(server), default_port};
  if (server.find(':', colon + 1) != std::string_view::npos)
    refuse(text, "'" + std::string(server) + "': write an IPv6 address in brackets, [address]:port");
  if (colon == 0) refuse(text, "'" + std::string(server) + "' has no host");
  return {std::string(server.substr(0, colon)), parse_port(server.substr(colon + 1), text)};
}

}  // namespace

ConnectString ConnectString::parse(std::string_view text) {
  ConnectString result;
  const auto slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto chroot = trimmed(text.substr(slash));
    if (chroot.find(',') != std::string_view::npos) refuse(text, "the chroot is written once, behind the last server");
    if (const char* why = path_error(chroot)) refuse(text, "the chroot '" + std::string(chroot) + "': " + why);
    if (chroot != "/") result.chroot = chroot;
  }
  auto servers = text.substr(0, slash);
  while (true) {
    const auto comma = servers.find(',');
    result.servers.push_back(parse_server(trimmed(servers.substr(0, comma)), text));
    if (comma == std::string_view::npos) break;
    servers.remove_prefix(comma + 1);
  }
  return result;
}

std::string ConnectString::hosts_for_c_client() const {
  std::string hosts;
  for (const auto& [host, port] : servers) {
    if (!hosts.empty()) hosts += ',';
    hosts += host + ':' + std::to_string(port);  // it splits at the last colon
  }
  return hosts;
}

std::string ConnectString::to_string() const {
  std::string text;
  for (const auto& [host, port] : servers) {
    if (!text.empty()) text += ',';
    const bool ipv6 = host.find(':') != std::string::npos;
    text += (ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
  }
  return text + chroot;
}

}  // namespace mqttzoo::zk
