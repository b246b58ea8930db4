#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/net/listening_socket.hpp"

namespace mqttzoo::net {

class MailRoom;

/// All listening sockets for clients. Lives on the control thread and deals the accepted sockets out to the shards in
/// turn.
class ClientListeners {
 public:
  ClientListeners(MailRoom& mail, NetEvents& events, NetCounters& counters);

  /// Throws ListenError. Nothing is accepted before start().
  void add(const std::vector<SocketAddress>& addresses);
  /// As bound.
  std::vector<std::string> addresses() const;

  void start();
  void stop();

  void turn(core::Milliseconds now);
  bool has_work() const;
  core::Milliseconds next_deadline() const;

 private:
  MailRoom& mail_;
  NetEvents& events_;
  NetCounters& counters_;
  std::vector<std::unique_ptr<ListeningSocket>> sockets_;
  core::ShardIndex next_shard_ = 0;
};

}  // namespace mqttzoo::net
