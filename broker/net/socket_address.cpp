#include "broker/net/socket_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <cstring>
#include <memory>
#include <stdexcept>

namespace mqttzoo::net {

std::uint16_t SocketAddress::port() const { return ntohs(any.sa_family == AF_INET6 ? v6.sin6_port : v4.sin_port); }

void SocketAddress::set_port(std::uint16_t port) {
  (any.sa_family == AF_INET6 ? v6.sin6_port : v4.sin_port) = htons(port);
}

std::string SocketAddress::text() const {
  char host[INET6_ADDRSTRLEN] = "?";
  if (any.sa_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return '[' + std::string(host) + "]:" + std::to_string(port());
  }
  ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
  return std::string(host) + ':' + std::to_string(port());
}

std::vector<SocketAddress> listening_addresses(const std::string& host, std::uint16_t port, Family family) {
  addrinfo hints{};
  hints.ai_family = family == Family::any ? AF_UNSPEC : family == Family::v4 ? AF_INET : AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) throw std::runtime_error("address " + host + " cannot be resolved: " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    std::memcpy(&addresses.emplace_back().v6, entry->ai_addr, entry->ai_addrlen);
  }
  return addresses;
}

std::vector<SocketAddress> loopback_addresses(std::uint16_t port, Family family) {
  std::vector<SocketAddress> addresses;
  if (family != Family::v6) {
    sockaddr_in& v4 = addresses.emplace_back().v4;
    v4.sin_family = AF_INET;
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  if (family != Family::v4) {
    sockaddr_in6& v6 = addresses.emplace_back().v6;
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = in6addr_loopback;
  }
  for (SocketAddress& address : addresses) address.set_port(port);
  return addresses;
}

bool split_host_and_port(const std::string& text, std::string& host, std::string& port) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  host = text.substr(0, colon);
  port = text.substr(colon + 1);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return !host.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace mqttzoo::net
