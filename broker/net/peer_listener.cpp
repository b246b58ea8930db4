#include "broker/net/peer_listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <list>

#include "broker/cluster/links/frames.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/limits.hpp"
#include "broker/net/listening_socket.hpp"

namespace mqttzoo::net {

namespace {

// A socket that has not said Hello.
struct Stranger {
  explicit Stranger(boost::asio::ip::tcp::socket accepted) : socket(std::move(accepted)) {}

  boost::asio::ip::tcp::socket socket;
  bool is_v6 = false;
  std::string address;
  core::Milliseconds deadline = 0;
  bool ready = false;
  bool done = false;
  std::string received{};
};

}  // namespace

struct PeerListener::State {
  EventLoop& loop;
  NetEvents& events;
  NetCounters& counters;
  std::vector<std::unique_ptr<ListeningSocket>> sockets;
  std::list<std::shared_ptr<Stranger>> strangers{};
  bool any_ready = false;
  CheckHello check_hello{};
  OnPeer on_peer{};

  void welcome(UniqueFd fd, const SocketAddress& from, core::Milliseconds now);
  void await_readable(const std::shared_ptr<Stranger>& stranger);
  void listen_to(Stranger& stranger);
  void take_hello(Stranger& stranger, std::string_view frame, std::size_t frame_bytes);
  void refuse(Stranger& stranger, const std::string& reason);
};

PeerListener::PeerListener(EventLoop& loop, const std::string& host, std::uint16_t port, NetEvents& events,
                           NetCounters& counters)
    : state_(new State{loop, events, counters,
                       listen_on(loop.context(), listening_addresses(host, port), events, counters)}) {}

PeerListener::~PeerListener() { stop(); }

std::uint16_t PeerListener::port() const { return state_->sockets.front()->address().port(); }

void PeerListener::start(CheckHello check_hello, OnPeer on_peer) {
  state_->check_hello = std::move(check_hello);
  state_->on_peer = std::move(on_peer);
  for (const auto& socket : state_->sockets) {
    socket->start([this](UniqueFd fd, const SocketAddress& from, core::Milliseconds now) {
      state_->welcome(std::move(fd), from, now);
    });
  }
}

void PeerListener::stop() {
  for (const auto& socket : state_->sockets) socket->stop();
  for (const auto& stranger : state_->strangers) {
    stranger->done = true;
    boost::system::error_code ignored;
    stranger->socket.close(ignored);
  }
  state_->strangers.clear();
}

void PeerListener::State::welcome(UniqueFd fd, const SocketAddress& from, core::Milliseconds now) {
  const bool is_v6 = from.any.sa_family == AF_INET6;
  boost::asio::ip::tcp::socket socket(loop.context());
  socket.assign(is_v6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4(), fd.get());
  fd.release();
  const auto stranger = std::make_shared<Stranger>(std::move(socket));
  stranger->is_v6 = is_v6;
  stranger->address = from.text();
  stranger->deadline = now + hello_ms;
  strangers.push_back(stranger);
  await_readable(stranger);
  // The one that has waited for longest goes: a broker says Hello at once, whoever only takes up room does not.
  const auto waits = [](const auto& one) { return !one->done; };
  if (static_cast<std::size_t>(std::count_if(strangers.begin(), strangers.end(), waits)) <= strangers_max) return;
  refuse(**std::find_if(strangers.begin(), strangers.end(), waits), "too many sockets that have not said Hello");
}

void PeerListener::State::await_readable(const std::shared_ptr<Stranger>& stranger) {
  stranger->socket.async_wait(boost::asio::ip::tcp::socket::wait_read, [this, stranger](const auto&) {
    if (stranger->done) return;  // this listener may be gone
    stranger->ready = true;
    any_ready = true;
  });
}

void PeerListener::State::refuse(Stranger& stranger, const std::string& reason) {
  counters.peer_links_refused.fetch_add(1, std::memory_order_relaxed);
  events.peer_refused(stranger.address, reason);
  stranger.done = true;
  boost::system::error_code ignored;
  stranger.socket.close(ignored);
}

void PeerListener::State::listen_to(Stranger& stranger) {
  char bytes[hello_bytes_max + cluster::frame_length_bytes];
  const ssize_t size = ::recv(stranger.socket.native_handle(), bytes, sizeof bytes, MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return refuse(stranger, std::strerror(errno));
  if (size == 0) return refuse(stranger, "closed without a Hello");
  stranger.received.append(bytes, static_cast<std::size_t>(size));
  if (stranger.received.size() < cluster::frame_length_bytes) return;
  const std::size_t length = cluster::read_frame_length(stranger.received.data());
  if (length > hello_bytes_max) return refuse(stranger, "it does not speak the protocol between brokers");
  const std::size_t frame_bytes = cluster::frame_length_bytes + length;
  if (stranger.received.size() < frame_bytes) return;
  take_hello(stranger, std::string_view(stranger.received).substr(cluster::frame_length_bytes, length), frame_bytes);
}

void PeerListener::State::take_hello(Stranger& stranger, std::string_view frame, std::size_t frame_bytes) {
  AcceptedPeer peer;
  if (!peer.hello.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return refuse(stranger, "it does not speak the protocol between brokers");
  }
  const proto::HelloAnswer answer = check_hello(peer.hello);
  mqtt::ByteBuffer out;
  cluster::append_frame(out, answer);
  // The first bytes on this socket: they fit into its buffer or it is broken.
  const ssize_t sent = ::send(stranger.socket.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!answer.refused().empty()) return refuse(stranger, answer.refused());
  if (sent != static_cast<ssize_t>(out.size())) return refuse(stranger, "the answer to its Hello could not be sent");
  stranger.done = true;
  peer.is_v6 = stranger.is_v6;
  peer.address = stranger.address;
  peer.early = stranger.received.substr(frame_bytes);
  boost::system::error_code ignored;
  peer.socket = UniqueFd(stranger.socket.release(ignored));
  on_peer(std::move(peer));
}

void PeerListener::turn(core::Milliseconds now) {
  for (const auto& socket : state_->sockets) {
    if (!socket->has_work() && socket->next_deadline() > now) continue;
    socket->turn(now);
  }
  state_->any_ready = false;
  const std::vector<std::shared_ptr<Stranger>> strangers(state_->strangers.begin(), state_->strangers.end());
  for (const auto& stranger : strangers) {
    if (stranger->done) continue;
    if (std::exchange(stranger->ready, false)) {
      state_->listen_to(*stranger);
      if (!stranger->done) state_->await_readable(stranger);
    }
    if (!stranger->done && stranger->deadline <= now) state_->refuse(*stranger, "no Hello in time");
  }
  std::erase_if(state_->strangers, [](const auto& stranger) { return stranger->done; });
}

bool PeerListener::has_work() const {
  return state_->any_ready || std::any_of(state_->sockets.begin(), state_->sockets.end(),
                                          [](const auto& socket) { return socket->has_work(); });
}

core::Milliseconds PeerListener::next_deadline() const {
  core::Milliseconds next = never;
  for (const auto& socket : state_->sockets) next = std::min(next, socket->next_deadline());
  for (const auto& stranger : state_->strangers) next = std::min(next, stranger->deadline);
  return next;
}

}  // namespace mqttzoo::net
