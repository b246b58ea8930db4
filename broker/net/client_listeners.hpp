#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/listener_rules.hpp"
#include "broker/net/connection_count.hpp"
#include "broker/net/listening_socket.hpp"

namespace mqttzoo::net {

class MailRoom;

/// All listeners for clients. Lives on the control thread and deals the accepted sockets out to the shards in turn. At
/// its own limit, or at that of all listeners, a listener closes what it accepts at once.
class ClientListeners {
 public:
  /// `connections_max` is for all listeners together; none: no limit.
  ClientListeners(MailRoom& mail, NetEvents& events, NetCounters& counters,
                  std::optional<std::uint32_t> connections_max);

  /// A listener with a socket for each address; `rules` outlive its clients. Throws ListenError. Nothing is accepted
  /// before start().
  void add(const std::vector<SocketAddress>& addresses, const SocketOptions& options,
           std::optional<std::uint32_t> connections_max, const core::ListenerRules& rules);
  /// As bound.
  std::vector<std::string> addresses() const;

  void start();
  void stop();

  void turn(core::Milliseconds now);
  bool has_work() const;
  core::Milliseconds next_deadline() const;

 private:
  struct Socket {
    std::unique_ptr<ListeningSocket> listening;
    std::shared_ptr<ListenerCounts> counts;  ///< of its listener, as the rules
    const core::ListenerRules* rules;
  };

  void accepted(const Socket& socket, UniqueFd fd, const SocketAddress& from);

  MailRoom& mail_;
  NetEvents& events_;
  NetCounters& counters_;
  std::shared_ptr<ConnectionCount> of_all_;
  std::vector<Socket> sockets_;
  core::ShardIndex next_shard_ = 0;
};

}  // namespace mqttzoo::net
