#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "broker/core/connection_end.hpp"

namespace mqttzoo::net {

/// What the edges have to tell people. The net layer never logs by itself: the node turns these into lines and limits
/// how many a hostile client can cause. Called on any loop's thread; must return at once.
class NetEvents {
 public:
  virtual ~NetEvents() = default;

  /// Once per client connection.
  virtual void client_ended(const core::ConnectionEnd& end) = 0;
  /// A client's socket was closed as soon as it was accepted: `limit` is the key whose limit was reached.
  virtual void client_turned_away(const std::string& address, std::string_view limit) = 0;
  /// Something connected to the cluster port and was turned away, or an open peer link broke the protocol.
  virtual void peer_refused(const std::string& address, std::string_view reason) = 0;
  /// A link to another broker that this one keeps open: each time it goes up or down, or that its attempts begin to
  /// fail for another reason than before.
  virtual void peer_link(const std::string& address, bool up, std::string_view reason) = 0;
  /// No client can be accepted for now (open files, memory), or again.
  virtual void accepting(bool possible, std::string_view reason) = 0;
};

/// Counted at the edges. Written with relaxed atomics by any loop.
struct NetCounters {
  std::atomic<std::uint64_t> sockets_accepted{0};
  std::atomic<std::uint64_t> sockets_over_limit{0};
  std::atomic<std::uint64_t> accept_pauses{0};
  std::atomic<std::uint64_t> peer_links_refused{0};
  std::atomic<std::uint64_t> peer_links_broken{0};
};

}  // namespace mqttzoo::net
