#include "broker/net/client_listeners.hpp"

#include <algorithm>
#include <utility>

#include "broker/net/clock.hpp"
#include "broker/net/mail_room.hpp"

namespace mqttzoo::net {

ClientListeners::ClientListeners(MailRoom& mail, NetEvents& events, NetCounters& counters,
                                 std::optional<std::uint32_t> connections_max)
    : mail_(mail), events_(events), counters_(counters), of_all_(std::make_shared<ConnectionCount>()) {
  if (connections_max) of_all_->most = *connections_max;
}

void ClientListeners::add(const std::vector<SocketAddress>& addresses, const SocketOptions& options,
                          std::optional<std::uint32_t> connections_max, const core::ListenerRules& rules) {
  auto counts = std::make_shared<ListenerCounts>();
  if (connections_max) counts->own.most = *connections_max;
  counts->of_all = of_all_;
  for (auto& socket : listen_on(mail_.control_loop().context(), addresses, events_, counters_, options)) {
    sockets_.push_back({std::move(socket), counts, &rules});
  }
}

std::vector<std::string> ClientListeners::addresses() const {
  std::vector<std::string> texts;
  for (const Socket& socket : sockets_) texts.push_back(socket.listening->address().text());
  return texts;
}

void ClientListeners::start() {
  for (const Socket& socket : sockets_) {
    socket.listening->start([this, &socket](UniqueFd fd, const SocketAddress& from, core::Milliseconds) {
      accepted(socket, std::move(fd), from);
    });
  }
}

void ClientListeners::accepted(const Socket& socket, UniqueFd fd, const SocketAddress& from) {
  const ListenerCounts& counts = *socket.counts;
  if (counts.own.full() || counts.of_all->full()) {
    counters_.sockets_over_limit.fetch_add(1, std::memory_order_relaxed);
    events_.client_turned_away(from.text(), counts.own.full() ? "max_connections" : "global_max_connections");
    return;
  }
  mail_.from_control(next_shard_)
      .append(AcceptedClient{std::move(fd), from, ConnectionPlace(socket.counts), socket.rules});
  next_shard_ = static_cast<core::ShardIndex>((next_shard_ + 1) % mail_.shard_count());
}

void ClientListeners::stop() {
  for (const auto& socket : sockets_) socket.listening->stop();
}

void ClientListeners::turn(core::Milliseconds now) {
  for (const auto& socket : sockets_) socket.listening->turn(now);
}

bool ClientListeners::has_work() const {
  return std::any_of(sockets_.begin(), sockets_.end(), [](const auto& socket) { return socket.listening->has_work(); });
}

core::Milliseconds ClientListeners::next_deadline() const {
  core::Milliseconds next = never;
  for (const auto& socket : sockets_) next = std::min(next, socket.listening->next_deadline());
  return next;
}

}  // namespace mqttzoo::net
