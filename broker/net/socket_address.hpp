#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mqttzoo::net {

/// An IPv4 or IPv6 address with its port, as the kernel gives it.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  SocketAddress() : v6{} {}

  socklen_t size() const { return any.sa_family == AF_INET6 ? sizeof v6 : sizeof v4; }
  std::uint16_t port() const;
  void set_port(std::uint16_t port);
  /// "127.0.0.1:1883", "[::1]:1883".
  std::string text() const;
};

enum class Family : std::uint8_t { any, v4, v6 };

/// The addresses that `host` stands for; an empty one: all of this machine, IPv4 and IPv6. Blocks for name service.
/// Throws std::runtime_error with one line, also when none is of the family.
std::vector<SocketAddress> listening_addresses(const std::string& host, std::uint16_t port,
                                               Family family = Family::any);

/// 127.0.0.1 and ::1.
std::vector<SocketAddress> loopback_addresses(std::uint16_t port, Family family = Family::any);

/// "HOST:PORT" taken apart, IPv6 addresses without their brackets. False: it is not that.
bool split_host_and_port(const std::string& text, std::string& host, std::string& port);

}  // namespace mqttzoo::net
