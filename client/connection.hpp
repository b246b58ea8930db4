#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <vector>

#include "client/client_protocol.hpp"

namespace mqttzoo::client {

/// The socket of one ClientProtocol: resolves, connects, sends its output, hands in what arrives, keeps it alive.
/// Lives on one io_context thread and must outlive its handlers: call close() and run the context dry first.
class Connection {
 public:
  /// Told once, when the socket is gone; the text is empty after close().
  using ClosedCallback = std::function<void(std::string why)>;

  Connection(boost::asio::io_context& context, ClientProtocol& protocol, ClosedCallback closed);

  /// Bounded: 10 s to resolve and connect.
  void open(const std::string& host, std::uint16_t port);
  /// Sends what the protocol has to say. `drained` (may be empty) is called when all of it is with the kernel.
  void flush(std::function<void()> drained = {});
  /// After the output is sent, ends the stream and waits (at most 2 s) for the broker to end its side, so that nothing
  /// of what was sent is cut off by a reset.
  void close();
  std::size_t unsent_bytes() const { return sending_.size() + protocol_.output().size(); }

 private:
  void connect(const boost::asio::ip::tcp::resolver::results_type& endpoints);
  void read();
  void keep_alive();
  void send();
  void fail(std::string why);
  std::string describe(const boost::system::error_code& error) const;

  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  ClientProtocol& protocol_;
  ClosedCallback closed_;
  std::string address_;
  std::vector<char> received_ = std::vector<char>(64 * 1024);
  mqtt::ByteBuffer sending_;
  std::vector<std::function<void()>> drained_;
  bool writing_ = false;
  bool closing_ = false;
  bool done_ = false;
};

}  // namespace mqttzoo::client
