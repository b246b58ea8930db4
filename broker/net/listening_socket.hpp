#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "broker/core/ids.hpp"
#include "broker/net/net_events.hpp"
#include "broker/net/socket_address.hpp"
#include "broker/net/unique_fd.hpp"

namespace mqttzoo::net {

/// An address that cannot be listened on: one line that names it and the reason.
struct ListenError : std::runtime_error {
  ListenError(const SocketAddress& address, const std::string& interface, int error);
  int error;
};

/// What a listening socket and those that it accepts are told.
struct SocketOptions {
  std::string interface;  ///< accept only what arrives there; empty: anywhere
  bool no_delay = true;   ///< TCP_NODELAY
};

/// One listening socket on the control thread. When the process is out of file descriptors or memory it pauses, says so
/// once, and says so once more when it could accept again.
class ListeningSocket {
 public:
  /// For each accepted socket: non-blocking.
  using OnAccept = std::function<void(UniqueFd, const SocketAddress& from, core::Milliseconds now)>;

  /// Listens. Throws ListenError.
  ListeningSocket(boost::asio::io_context& io, const SocketAddress& address, NetEvents& events, NetCounters& counters,
                  const SocketOptions& options = {});
  ~ListeningSocket();

  /// As bound: with the real port.
  const SocketAddress& address() const { return address_; }

  void start(OnAccept on_accept);
  void turn(core::Milliseconds now);
  bool has_work() const { return ready_; }
  core::Milliseconds next_deadline() const { return resume_at_; }
  void stop();

 private:
  void await_readable();
  void pause(int error, core::Milliseconds now);

  /// What a completion may still touch after this object is gone.
  struct Alive {
    ListeningSocket* socket;
  };

  NetEvents& events_;
  NetCounters& counters_;
  boost::asio::ip::tcp::acceptor acceptor_;
  SocketAddress address_;
  OnAccept on_accept_;
  std::shared_ptr<Alive> alive_;
  bool ready_ = false;
  bool paused_ = false;
  core::Milliseconds resume_at_;
};

/// A socket for each address; they share a port, also where any free one will do. An address family that this machine
/// does not have is left out where there is another one. Throws ListenError.
std::vector<std::unique_ptr<ListeningSocket>> listen_on(boost::asio::io_context& io,
                                                        std::vector<SocketAddress> addresses, NetEvents& events,
                                                        NetCounters& counters, const SocketOptions& options = {});

}  // namespace mqttzoo::net
