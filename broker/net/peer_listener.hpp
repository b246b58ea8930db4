#pragma once

#include <functional>
#include <memory>
#include <string>

#include "broker/net/net_events.hpp"
#include "broker/net/peer_links.hpp"

namespace mqttzoo::net {

class EventLoop;

/// The cluster port: accepts sockets, waits for their Hello and hands on those that belong here. Lives on the control
/// thread. A socket that says something else, nothing, or that `check_hello` refuses costs at most `hello_bytes_max`
/// for `hello_ms`; it is closed, counted and reported, and disturbs nobody.
class PeerListener {
 public:
  /// Control::check_hello.
  using CheckHello = std::function<proto::HelloAnswer(const proto::Hello&)>;
  using OnPeer = std::function<void(AcceptedPeer)>;

  /// Throws std::runtime_error, one line that names the address, when it cannot listen. Port 0: any free one.
  PeerListener(EventLoop& loop, const std::string& host, std::uint16_t port, NetEvents& events, NetCounters& counters);
  ~PeerListener();

  /// The port that it listens on.
  std::uint16_t port() const;

  void start(CheckHello check_hello, OnPeer on_peer);
  void stop();

  void turn(core::Milliseconds now);
  bool has_work() const;
  core::Milliseconds next_deadline() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqttzoo::net
