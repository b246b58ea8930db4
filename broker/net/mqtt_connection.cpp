#include "broker/net/mqtt_connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "broker/core/shard.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/mail_room.hpp"
#include "broker/net/mqtt_connections.hpp"

namespace mqttzoo::net {

namespace {

using tcp = boost::asio::ip::tcp;

bool is_later(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

MqttConnection::MqttConnection(MqttConnections& owner, AcceptedClient&& client)
    : owner_(owner),
      counted_(std::move(client.place)),
      socket_(owner.context(), client.from.any.sa_family == AF_INET6 ? tcp::v6() : tcp::v4(), client.socket.get()) {
  client.socket.release();
}

void MqttConnection::start(core::Connection& connection) {
  connection_ = &connection;
  note(readable);  // a client sends its CONNECT at once: it is often there already
}

// ---------------------------------------------------------------- readiness

void MqttConnection::note(Ready what) {
  ready_ |= what;
  if (!noted) owner_.note_ready(*this);
}

void MqttConnection::await_readable() {
  if (waits_readable_ || state_ == State::closed) return;
  waits_readable_ = true;
  ++pending_;
  socket_.async_wait(tcp::socket::wait_read, [this](const boost::system::error_code&) {
    --pending_;
    waits_readable_ = false;
    if (state_ == State::closed) return owner_.forget(*this);
    note(readable);
  });
}

void MqttConnection::await_writable() {
  if (waits_writable_ || state_ == State::closed) return;
  waits_writable_ = true;
  ++pending_;
  socket_.async_wait(tcp::socket::wait_write, [this](const boost::system::error_code&) {
    --pending_;
    waits_writable_ = false;
    if (state_ == State::closed) return owner_.forget(*this);
    note(writable);
  });
}

void MqttConnection::turn(core::Now now) {
  const std::uint8_t ready = std::exchange(ready_, 0);
  if (state_ == State::open) {
    if (ready & writable) flush(now);
    if (ready & readable) read(now);
  } else if (state_ == State::parting) {
    if (!farewell_.empty()) {
      send_farewell();
    } else {
      read_nothing();
    }
  }
}

// ---------------------------------------------------------------- open

void MqttConnection::read(core::Now now) {
  if (connection_->ended() || connection_->reading_paused()) return;
  const std::size_t wanted = owner_.read_bytes();
  const ssize_t size = ::recv(socket_.native_handle(), owner_.read_buffer(), wanted, MSG_DONTWAIT);
  if (size > 0) {
    owner_.shard().received(*connection_, {owner_.read_buffer(), static_cast<std::size_t>(size)}, now);
    owner_.has_read();
    if (connection_->ended() || connection_->reading_paused()) return;  // flush or pause_changed goes on
    if (static_cast<std::size_t>(size) < wanted) return await_readable();
    note(readable);
  } else if (size == 0) {
    owner_.shard().lost(*connection_, "closed by the client", now);
  } else if (is_later(errno)) {
    await_readable();
  } else {
    owner_.shard().lost(*connection_, std::strerror(errno), now);
  }
}

void MqttConnection::pause_changed() {
  if (state_ == State::open && !connection_->reading_paused() && !waits_readable_) note(readable);
}

void MqttConnection::flush(core::Now now) {
  if (waits_writable_ || connection_->ended()) return;
  const std::string_view output = connection_->output();
  if (output.empty()) return;
  const ssize_t size = ::send(socket_.native_handle(), output.data(), output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (size < 0) {
    if (is_later(errno)) return await_writable();
    return lose(std::strerror(errno), now);
  }
  if (static_cast<std::size_t>(size) < output.size()) await_writable();
  owner_.shard().output_sent(*connection_, static_cast<std::size_t>(size), now);
}

/// Nothing can be sent any more. What the client sent before is taken first, a DISCONNECT above all: who closes with
/// messages unread resets the connection, and its Will must not be published for that (v5 [MQTT-3.14.4-3]).
void MqttConnection::lose(const char* detail, core::Now now) {
  core::Shard& shard = owner_.shard();
  while (!connection_->ended() && !connection_->reading_paused()) {
    const ssize_t size = ::recv(socket_.native_handle(), owner_.read_buffer(), read_buffer_bytes, MSG_DONTWAIT);
    if (size <= 0) break;
    shard.received(*connection_, {owner_.read_buffer(), static_cast<std::size_t>(size)}, now);
  }
  if (!connection_->ended()) shard.lost(*connection_, detail, now);
}

// ---------------------------------------------------------------- parting

void MqttConnection::part(mqtt::ByteBuffer unsent, core::Milliseconds now) {
  connection_ = nullptr;
  if (unsent.empty()) return close();
  farewell_ = std::move(unsent);
  state_ = State::parting;
  deadline_ = now + farewell_ms;
  owner_.note_parting(*this);
  if (!waits_writable_) send_farewell();
}

void MqttConnection::send_farewell() {
  while (!farewell_.empty()) {
    const ssize_t size =
        ::send(socket_.native_handle(), farewell_.data(), farewell_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) return is_later(errno) ? await_writable() : close();
    farewell_.consume(static_cast<std::size_t>(size));
  }
  farewell_.release();
  ::shutdown(socket_.native_handle(), SHUT_WR);
  read_nothing();
}

void MqttConnection::read_nothing() {
  const ssize_t size = ::recv(socket_.native_handle(), owner_.read_buffer(), read_buffer_bytes, MSG_DONTWAIT);
  if (size > 0 || (size < 0 && is_later(errno))) return await_readable();
  close();
}

void MqttConnection::close() {
  if (state_ == State::parting) owner_.note_parted(*this);
  state_ = State::closed;
  connection_ = nullptr;
  farewell_.release();
  boost::system::error_code ignored;
  socket_.close(ignored);
  owner_.forget(*this);
}

}  // namespace mqttzoo::net
