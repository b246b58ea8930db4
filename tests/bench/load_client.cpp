#include "tests/bench/load_client.hpp"

#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "proto/mqtt/encode.hpp"

namespace mqttzoo::bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr std::size_t packet_bytes_max = 1 << 20;

char read_buffer[read_bytes];

int connected_socket(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    throw std::runtime_error(host + " cannot be resolved");
  }
  const int fd = ::socket(found->ai_family, SOCK_STREAM, 0);
  const int failed = fd < 0 ? -1 : ::connect(fd, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (failed != 0) throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

LoadClient::LoadClient(const std::string& host, std::uint16_t port, const std::string& client_id)
    : fd_(connected_socket(host, port)) {
  mqtt::Connect connect;
  connect.version = mqtt::ProtocolVersion::v3_1_1;
  connect.client_id = client_id;
  mqtt::encode(output_, connect);
  flush();
}

LoadClient::~LoadClient() { ::close(fd_); }

bool LoadClient::flush() {
  while (!output_.empty()) {
    const ssize_t size = ::send(fd_, output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return false;
    if (size < 0) throw std::runtime_error(std::string("send: ") + std::strerror(errno));
    output_.consume(static_cast<std::size_t>(size));
  }
  return true;
}

bool LoadClient::receive(const std::function<void(const mqtt::Frame&)>& on_frame) {
  const ssize_t size = ::recv(fd_, read_buffer, sizeof read_buffer, MSG_DONTWAIT);
  if (size < 0 && errno == EAGAIN) return false;
  if (size <= 0) throw std::runtime_error(size == 0 ? "closed by the broker" : std::strerror(errno));
  std::string_view bytes(read_buffer, static_cast<std::size_t>(size));
  if (!tail_.empty()) bytes = tail_.append(bytes);
  for (;;) {
    const mqtt::Split split = mqtt::split_frame(bytes, packet_bytes_max);
    if (split.status == mqtt::SplitStatus::incomplete) break;
    if (split.status != mqtt::SplitStatus::complete) throw std::runtime_error("the broker sent a malformed packet");
    on_frame(split.frame);
    bytes.remove_prefix(split.frame.total_size);
  }
  tail_ = std::string(bytes);
  return true;
}

}  // namespace mqttzoo::bench
