#include "broker/net/listening_socket.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "broker/net/clock.hpp"
#include "broker/net/limits.hpp"

namespace mqttzoo::net {

namespace {

bool family_missing(int error) { return error == EAFNOSUPPORT || error == EADDRNOTAVAIL; }

bool prepare(int fd, const SocketAddress& address, const SocketOptions& options) {
  const int on = 1;
  const int no_delay = options.no_delay ? 1 : 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Accepted sockets inherit these: no system call for each client.
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (address.any.sa_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const std::string& interface = options.interface;
  return interface.empty() ||
         ::setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface.data(), static_cast<socklen_t>(interface.size())) == 0;
}

UniqueFd listening_fd(const SocketAddress& address, const SocketOptions& options, int& error) {
  UniqueFd fd(::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() >= 0 && prepare(fd.get(), address, options) && ::bind(fd.get(), &address.any, address.size()) == 0 &&
      ::listen(fd.get(), listen_backlog) == 0) {
    return fd;
  }
  error = errno;
  return UniqueFd();
}

std::string on_interface(const std::string& interface) {
  return interface.empty() ? std::string() : " of interface " + interface;
}

}  // namespace

ListenError::ListenError(const SocketAddress& address, const std::string& interface, int error_number)
    : std::runtime_error("cannot listen on " + address.text() + on_interface(interface) + ": " +
                         (error_number == EADDRINUSE ? "the port is in use" : std::strerror(error_number))),
      error(error_number) {}

ListeningSocket::ListeningSocket(boost::asio::io_context& io, const SocketAddress& address, NetEvents& events,
                                 NetCounters& counters, const SocketOptions& options)
    : events_(events), counters_(counters), acceptor_(io), address_(address), resume_at_(never) {
  int error = 0;
  UniqueFd fd = listening_fd(address, options, error);
  if (fd.get() < 0) throw ListenError(address, options.interface, error);
  socklen_t size = sizeof address_;
  ::getsockname(fd.get(), &address_.any, &size);
  acceptor_.assign(address.any.sa_family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4(),
                   fd.get());
  fd.release();
  alive_ = std::make_shared<Alive>(Alive{this});
}

ListeningSocket::~ListeningSocket() { stop(); }

void ListeningSocket::stop() {
  alive_->socket = nullptr;
  resume_at_ = never;
  ready_ = false;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
}

void ListeningSocket::start(OnAccept on_accept) {
  on_accept_ = std::move(on_accept);
  await_readable();
}

void ListeningSocket::await_readable() {
  acceptor_.async_wait(boost::asio::ip::tcp::acceptor::wait_read, [alive = alive_](const auto&) {
    if (alive->socket) alive->socket->ready_ = true;
  });
}

void ListeningSocket::turn(core::Milliseconds now) {
  if (resume_at_ <= now) {
    resume_at_ = never;
    ready_ = true;
  }
  if (!ready_) return;
  for (int accepts = 0; accepts < accepts_per_turn; ++accepts) {
    SocketAddress from;
    socklen_t size = sizeof from;
    UniqueFd fd(::accept4(acceptor_.native_handle(), &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() >= 0) {
      if (std::exchange(paused_, false)) events_.accepting(true, {});
      counters_.sockets_accepted.fetch_add(1, std::memory_order_relaxed);
      on_accept_(std::move(fd), from, now);
      if (!acceptor_.is_open()) return;
    } else if (errno == EAGAIN) {
      ready_ = false;
      return await_readable();
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      return pause(errno, now);
    }
    // Anything else is the fault of one socket (it was reset before it was accepted): the next one is looked at.
  }
}

void ListeningSocket::pause(int error, core::Milliseconds now) {
  ready_ = false;
  resume_at_ = now + accept_pause_ms;
  if (std::exchange(paused_, true)) return;
  counters_.accept_pauses.fetch_add(1, std::memory_order_relaxed);
  events_.accepting(false, std::strerror(error));
}

std::vector<std::unique_ptr<ListeningSocket>> listen_on(boost::asio::io_context& io,
                                                        std::vector<SocketAddress> addresses, NetEvents& events,
                                                        NetCounters& counters, const SocketOptions& options) {
  std::vector<std::unique_ptr<ListeningSocket>> sockets;
  std::optional<ListenError> missing;
  for (SocketAddress& address : addresses) {
    if (address.port() == 0 && !sockets.empty()) address.set_port(sockets.front()->address().port());
    try {
      sockets.push_back(std::make_unique<ListeningSocket>(io, address, events, counters, options));
    } catch (const ListenError& failed) {
      if (!family_missing(failed.error)) throw;
      missing = failed;
    }
  }
  if (sockets.empty() && missing) throw *missing;
  return sockets;
}

}  // namespace mqttzoo::net
