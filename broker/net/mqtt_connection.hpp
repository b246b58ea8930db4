#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "broker/core/connection.hpp"
#include "broker/core/ids.hpp"
#include "broker/net/connection_count.hpp"
#include "proto/mqtt/byte_buffer.hpp"

namespace mqttzoo::net {

struct AcceptedClient;
class MqttConnections;

/// The socket of one client, on the thread of its shard. Reads and writes only when the kernel said that it may, or
/// when the last call showed that there is more; owns no buffer but a farewell. Completions of asio only note what
/// became ready; the turn does the work.
///
///     open -> parting -> closed      the last bytes are sent, then the client's are thrown away until it closes: a
///     open -> closed                 close with unread bytes would be a reset that overtakes the farewell
class MqttConnection {
 public:
  MqttConnection(MqttConnections& owner, AcceptedClient&& client);

  /// Begins to read on behalf of the core's connection.
  void start(core::Connection& connection);

  // For MqttConnections.

  void turn(core::Now now);
  /// Sends the core's output.
  void flush(core::Now now);
  void pause_changed();
  /// The core has ended the connection; `unsent` is sent before the socket is closed.
  void part(mqtt::ByteBuffer unsent, core::Milliseconds now);
  void close();

  bool closed() const { return state_ == State::closed; }
  /// Nothing of asio refers to it any more.
  bool forgotten() const { return pending_ == 0; }
  core::Milliseconds deadline() const { return deadline_; }

  bool noted = false;             ///< it stands in the list of ready ones
  std::size_t place = 0;          ///< in the list of all
  std::size_t parting_place = 0;  ///< in the list of parting ones

 private:
  enum class State : std::uint8_t { open, parting, closed };
  enum Ready : std::uint8_t { readable = 1, writable = 2 };

  void note(Ready what);
  void await_readable();
  void await_writable();
  void read(core::Now now);
  void lose(const char* detail, core::Now now);
  void send_farewell();
  void read_nothing();

  MqttConnections& owner_;
  ConnectionPlace counted_;  ///< given back after the socket is closed
  boost::asio::ip::tcp::socket socket_;
  core::Connection* connection_ = nullptr;  ///< while open
  mqtt::ByteBuffer farewell_;               ///< while parting
  core::Milliseconds deadline_ = 0;         ///< while parting
  State state_ = State::open;
  std::uint8_t ready_ = 0;
  std::uint8_t pending_ = 0;
  bool waits_readable_ = false;
  bool waits_writable_ = false;
};

}  // namespace mqttzoo::net
