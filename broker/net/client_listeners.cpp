#include "broker/net/client_listeners.hpp"

#include <algorithm>
#include <iterator>

#include "broker/net/clock.hpp"
#include "broker/net/mail_room.hpp"

namespace mqttzoo::net {

ClientListeners::ClientListeners(MailRoom& mail, NetEvents& events, NetCounters& counters)
    : mail_(mail), events_(events), counters_(counters) {}

void ClientListeners::add(const std::vector<SocketAddress>& addresses) {
  auto sockets = listen_on(mail_.control_loop().context(), addresses, events_, counters_);
  std::move(sockets.begin(), sockets.end(), std::back_inserter(sockets_));
}

std::vector<std::string> ClientListeners::addresses() const {
  std::vector<std::string> texts;
  for (const auto& socket : sockets_) texts.push_back(socket->address().text());
  return texts;
}

void ClientListeners::start() {
  for (const auto& socket : sockets_) {
    socket->start([this](UniqueFd fd, const SocketAddress& from, core::Milliseconds) {
      mail_.from_control(next_shard_).append(AcceptedClient{std::move(fd), from});
      next_shard_ = static_cast<core::ShardIndex>((next_shard_ + 1) % mail_.shard_count());
    });
  }
}

void ClientListeners::stop() {
  for (const auto& socket : sockets_) socket->stop();
}

void ClientListeners::turn(core::Milliseconds now) {
  for (const auto& socket : sockets_) socket->turn(now);
}

bool ClientListeners::has_work() const {
  return std::any_of(sockets_.begin(), sockets_.end(), [](const auto& socket) { return socket->has_work(); });
}

core::Milliseconds ClientListeners::next_deadline() const {
  core::Milliseconds next = never;
  for (const auto& socket : sockets_) next = std::min(next, socket->next_deadline());
  return next;
}

}  // namespace mqttzoo::net
