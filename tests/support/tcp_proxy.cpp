#include "tests/support/tcp_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace mqttzoo::support {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

TcpProxy::TcpProxy(std::uint16_t target_port) : target_port_(target_port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t length = sizeof(address);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), length) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0 || ::pipe(wake_) != 0)
    throw std::runtime_error("the proxy cannot listen on loopback");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
  stopping_ = true;
  [[maybe_unused]] const auto written = ::write(wake_[1], "x", 1);
  thread_.join();
  disconnect();
  ::close(listener_);
  ::close(wake_[0]);
  ::close(wake_[1]);
}

void TcpProxy::disconnect() {
  const std::lock_guard lock(mutex_);
  // Shut down, not closed: the thread may be waiting for them.
  for (const auto& [client, server] : pairs_) {
    ::shutdown(client, SHUT_RDWR);
    ::shutdown(server, SHUT_RDWR);
  }
  if (!stopping_) return;
  for (const auto& [client, server] : pairs_) {
    ::close(client);
    ::close(server);
  }
  pairs_.clear();
}

void TcpProxy::run() {
  std::vector<pollfd> watched;
  while (!stopping_) {
    watched.assign({{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}});
    for (const auto& [client, server] : pairs_) {
      watched.push_back({client, POLLIN, 0});
      watched.push_back({server, POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), -1);
    const std::lock_guard lock(mutex_);
    std::size_t index = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end();) {
      const bool from_client = watched[index++].revents != 0;
      const bool from_server = watched[index++].revents != 0;
      const bool alive = (!from_client || pass_on(pair->client, pair->server, swallow_requests_)) &&
                         (!from_server || pass_on(pair->server, pair->client, swallow_replies_));
      if (alive) {
        ++pair;
        continue;
      }
      ::close(pair->client);
      ::close(pair->server);
      pair = pairs_.erase(pair);
    }
    if (watched[0].revents != 0) take();
  }
}

void TcpProxy::take() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(target_port_);
  if (!open_ || ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    ::close(client);
    ::close(server);
    return;
  }
  pairs_.push_back({client, server});
}

bool TcpProxy::pass_on(int from, int to, bool swallow) {
  char buffer[65'536];
  const auto count = ::recv(from, buffer, sizeof(buffer), 0);
  if (count <= 0) return false;
  if (swallow) {
    bytes_swallowed_ += static_cast<std::uint64_t>(count);
    return true;
  }
  for (ssize_t sent = 0; sent < count;) {
    const auto written = ::send(to, buffer + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
    if (written <= 0) return false;
    sent += written;
  }
  return true;
}

}  // namespace mqttzoo::support
