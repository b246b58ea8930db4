#include "client/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/write.hpp>

namespace mqttzoo::client {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::chrono::seconds connect_time_max{10};
constexpr std::chrono::seconds close_time_max{2};

/// The connection has ended, and may be gone: its place may even have the next one.
bool is_over(error_code error) { return error == asio::error::operation_aborted; }
}  // namespace

Connection::Connection(asio::io_context& context, ClientProtocol& protocol, ClosedCallback closed)
    : resolver_(context), socket_(context), timer_(context), protocol_(protocol), closed_(std::move(closed)) {}

void Connection::open(const std::string& host, std::uint16_t port) {
  address_ = host + ':' + std::to_string(port);
  timer_.expires_after(connect_time_max);
  timer_.async_wait([this](error_code error) {
    if (!error) fail("no answer from " + address_ + " within 10 s");
  });
  resolver_.async_resolve(host, std::to_string(port), [this](error_code error, auto endpoints) {
    if (is_over(error) || done_) return;
    if (error) return fail("cannot resolve the host of " + address_ + ": " + error.message());
    connect(endpoints);
  });
}

void Connection::connect(const asio::ip::tcp::resolver::results_type& endpoints) {
  asio::async_connect(socket_, endpoints, [this](error_code error, const asio::ip::tcp::endpoint&) {
    if (is_over(error) || done_) return;
    if (error) return fail(describe(error));
    timer_.cancel();
    socket_.set_option(asio::ip::tcp::no_delay(true), error);
    protocol_.start(ClientProtocol::Clock::now());
    read();
    flush();
    keep_alive();
  });
}

void Connection::read() {
  socket_.async_read_some(asio::buffer(received_), [this](error_code error, std::size_t size) {
    if (is_over(error) || done_) return;
    if (error) return fail(closing_ ? std::string() : describe(error));
    if (closing_) return read();
    const bool goes_on = protocol_.received({received_.data(), size}, ClientProtocol::Clock::now());
    if (done_) return;
    flush();
    if (goes_on || closing_) return read();
    close();
  });
}

void Connection::keep_alive() {
  if (protocol_.keep_alive().count() == 0 || closing_ || done_) return;
  timer_.expires_after(std::chrono::milliseconds(250));
  timer_.async_wait([this](error_code error) {
    if (error || done_ || closing_) return;
    if (!protocol_.keep_alive_due(ClientProtocol::Clock::now())) return fail(address_ + " does not answer any more");
    flush();
    keep_alive();
  });
}

void Connection::flush(std::function<void()> drained) {
  if (drained) drained_.push_back(std::move(drained));
  if (!writing_ && !done_ && socket_.is_open()) send();
}

void Connection::send() {
  sending_.swap(protocol_.output());
  if (sending_.empty()) {
    auto told = std::exchange(drained_, {});
    for (auto& callback : told) callback();
    return;
  }
  writing_ = true;
  asio::async_write(socket_, asio::buffer(sending_.data(), sending_.size()), [this](error_code error, std::size_t) {
    if (is_over(error)) return;
    writing_ = false;
    sending_.clear();
    if (done_) return;
    if (error) return fail(describe(error));
    protocol_.sent(ClientProtocol::Clock::now());
    send();
  });
}

void Connection::close() {
  if (closing_ || done_) return;
  closing_ = true;
  if (!socket_.is_open()) return fail({});
  timer_.expires_after(close_time_max);
  timer_.async_wait([this](error_code error) {
    if (!error) fail({});
  });
  flush([this] {
    error_code ignored;  // the peer may be gone already
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  });
}

void Connection::fail(std::string why) {
  if (std::exchange(done_, true)) return;
  error_code ignored;
  timer_.cancel();
  resolver_.cancel();
  socket_.close(ignored);
  closed_(std::move(why));
}

std::string Connection::describe(const error_code& error) const {
  if (error == asio::error::connection_refused) return "connection refused by " + address_;
  if (error == asio::error::eof || error == asio::error::connection_reset) return "connection closed by " + address_;
  return address_ + ": " + error.message();
}

}  // namespace mqttzoo::client
