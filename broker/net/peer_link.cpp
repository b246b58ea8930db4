#include "broker/net/peer_link.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <cerrno>
#include <cstring>

#include "broker/net/clock.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/socket_address.hpp"

namespace mqttzoo::net {

namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

}  // namespace

PeerLink::PeerLink(PeerLinkContext& context, cluster::LinkId id, std::string address, proto::Hello hello)
    : context_(context),
      id_(id),
      address_(std::move(address)),
      hello_(std::move(hello)),
      socket_(context.io),
      resolver_(context.io),
      deadline_(never),
      frames_(hello_bytes_max),
      backoff_(peer_backoff) {}

PeerLink::PeerLink(PeerLinkContext& context, cluster::LinkId id, std::string address, UniqueFd socket, bool is_v6)
    : PeerLink(context, id, std::move(address), proto::Hello()) {
  socket_.assign(is_v6 ? tcp::v6() : tcp::v4(), socket.get());
  socket.release();
}

void PeerLink::begin(core::Milliseconds now) { dial(now); }

void PeerLink::begin_accepted(const proto::Hello& hello, std::string_view early, core::Milliseconds now) {
  configure_socket();
  state_ = State::up;
  frames_.set_frame_bytes_max(cluster::peer_frame_bytes_max);
  context_.owner->link_accepted(id_, hello);
  if (state_ == State::up) take_bytes(early, now);
  await_readable();
}

// ---------------------------------------------------------------- attempts

void PeerLink::dial(core::Milliseconds now) {
  state_ = State::dialling;
  deadline_ = now + connect_ms;
  const std::uint32_t attempt = ++attempt_;
  std::string host;
  std::string port;
  if (!split_host_and_port(address_, host, port)) {
    dial_error_ = "the address is not HOST:PORT";
    return note(dial_failed, attempt);
  }
  const auto finish = [self = shared_from_this(), attempt](const boost::system::error_code& error) {
    if (attempt != self->attempt_) return;
    if (error) self->dial_error_ = error.message();
    self->note(error ? dial_failed : dialled, attempt);
  };
  resolver_.async_resolve(host, port, tcp::resolver::numeric_service,
                          [self = shared_from_this(), attempt, finish](const boost::system::error_code& error,
                                                                       const tcp::resolver::results_type& found) {
                            if (attempt != self->attempt_) return;
                            if (error) return finish(error);
                            asio::async_connect(
                                self->socket_, found,
                                [finish](const boost::system::error_code& failed, const auto&) { finish(failed); });
                          });
}

void PeerLink::configure_socket() {
  boost::system::error_code ignored;  // a link without these works, only slower to notice its end
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  const int seconds = 1;
  const int probes = peer_user_timeout_ms / 1000;
  const int fd = socket_.native_handle();
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &peer_user_timeout_ms, sizeof peer_user_timeout_ms);
}

void PeerLink::greet(core::Milliseconds now) {
  configure_socket();
  state_ = State::greeting;
  deadline_ = now + hello_ms;
  frames_ = FrameReader(hello_bytes_max);
  output_.clear();
  cluster::append_frame(output_, hello_);
  flush(now);
  if (state_ == State::greeting) await_readable();
}

bool PeerLink::take_answer(std::string_view frame, core::Milliseconds now) {
  proto::HelloAnswer answer;
  if (!answer.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    broken("its answer to Hello cannot be read", now);
  } else if (!answer.refused().empty()) {
    end("refused: " + answer.refused(), now);
  } else if (answer.protocol_version() != cluster::peer_protocol_version) {
    end("it speaks version " + std::to_string(answer.protocol_version()) + " of the protocol between brokers", now);
  } else {
    state_ = State::up;
    up_since_ = now;
    deadline_ = never;
    last_reason_.clear();
    frames_.set_frame_bytes_max(cluster::peer_frame_bytes_max);
    context_.events.peer_link(address_, true, {});
    context_.owner->link_up(id_, answer);
  }
  return state_ == State::up;
}

// ---------------------------------------------------------------- turns

void PeerLink::note(Ready what, std::uint32_t attempt) {
  if (attempt != attempt_ || state_ == State::closed) return;
  if (ready_ == 0) context_.ready.push_back(shared_from_this());
  ready_ |= what;
}

void PeerLink::await_readable() {
  if (waits_readable_ || state_ == State::closed || !socket_.is_open()) return;
  waits_readable_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this(), attempt = attempt_](const auto&) {
    if (attempt != self->attempt_) return;
    self->waits_readable_ = false;
    self->note(readable, attempt);
  });
}

void PeerLink::await_writable() {
  if (waits_writable_ || state_ == State::closed || !socket_.is_open()) return;
  waits_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this(), attempt = attempt_](const auto&) {
    if (attempt != self->attempt_) return;
    self->waits_writable_ = false;
    self->note(writable, attempt);
  });
}

void PeerLink::turn(core::Milliseconds now) {
  const std::uint8_t ready = std::exchange(ready_, 0);
  if (ready & dial_failed) return end(dial_error_, now);
  if (ready & dialled) greet(now);
  if (ready & readable) read(now);
  if (ready & writable) flush(now);
  if (deadline_ > now) return;
  switch (state_) {
    case State::resting:
      return dial(now);
    case State::dialling:
      return end("no connection in time", now);
    case State::greeting:
      return end("no answer to Hello in time", now);
    case State::up:
    case State::closed:
      return;
  }
}

void PeerLink::read(core::Milliseconds now) {
  for (int reads = 0; reads < peer_reads_per_turn; ++reads) {
    if (state_ != State::greeting && state_ != State::up) return;
    const ssize_t size = ::recv(socket_.native_handle(), context_.read_buffer, read_buffer_bytes, MSG_DONTWAIT);
    if (size == 0) return end("closed by the other broker", now);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return await_readable();
      return end(std::strerror(errno), now);
    }
    if (!take_bytes({context_.read_buffer, static_cast<std::size_t>(size)}, now)) return;
    if (static_cast<std::size_t>(size) < read_buffer_bytes) return await_readable();
  }
  note(readable, attempt_);
}

bool PeerLink::take_bytes(std::string_view bytes, core::Milliseconds now) {
  const std::uint32_t attempt = attempt_;
  const auto result = frames_.feed(bytes, [&](std::string_view frame) { return take_frame(frame, now); });
  if (attempt != attempt_) return false;
  if (result == FrameReader::Result::too_long) broken("a frame is too long", now);
  return result == FrameReader::Result::wants_more;
}

bool PeerLink::take_frame(std::string_view frame, core::Milliseconds now) {
  if (state_ == State::greeting) return take_answer(frame, now);
  const std::uint32_t attempt = attempt_;
  const bool good = context_.owner->link_frame(id_, frame);
  if (attempt != attempt_ || state_ != State::up) return false;  // the owner closed it
  if (!good) broken("a frame breaks the protocol between brokers", now);
  return good;
}

mqtt::ByteBuffer& PeerLink::output() {
  if (!dirty_) {
    dirty_ = true;
    context_.dirty.push_back(shared_from_this());
  }
  return output_;
}

void PeerLink::flush(core::Milliseconds now) {
  dirty_ = false;
  if (state_ != State::greeting && state_ != State::up) return output_.clear();
  if (waits_writable_) return;
  while (!output_.empty()) {
    const ssize_t size = ::send(socket_.native_handle(), output_.data(), output_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) {
      if (errno == EAGAIN) return await_writable();
      if (errno == EINTR) continue;
      return end(std::strerror(errno), now);
    }
    output_.consume(static_cast<std::size_t>(size));
  }
  if (output_.capacity() > idle_link_buffer_bytes) output_.release();
}

// ---------------------------------------------------------------- ends

void PeerLink::broken(std::string_view reason, core::Milliseconds now) {
  context_.counters.peer_links_broken.fetch_add(1, std::memory_order_relaxed);
  context_.events.peer_refused(address_, reason);
  end(reason, now);
}

void PeerLink::end(std::string_view reason, core::Milliseconds now) {
  const bool was_up = state_ == State::up;
  const bool opened = id_ < cluster::accepted_links;
  const bool news = was_up || reason != last_reason_;
  last_reason_ = reason;
  close();
  if (opened) {
    if (was_up && now - up_since_ >= link_proved_ms) backoff_.reset();
    state_ = State::resting;
    deadline_ = now + backoff_.next_delay_ms(context_.random);
    if (news) context_.events.peer_link(address_, false, last_reason_);
  }
  if (was_up) context_.owner->link_down(id_);
}

void PeerLink::close() {
  state_ = State::closed;
  ++attempt_;
  ready_ = 0;
  waits_readable_ = waits_writable_ = false;
  deadline_ = never;
  output_.clear();
  resolver_.cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace mqttzoo::net
