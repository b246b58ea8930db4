#include "tests/broker/cluster/control/fake_network.hpp"

#include <algorithm>

#include "tests/broker/cluster/control/broker_process.hpp"

namespace mqttzoo::cluster::harness {

// ---------------------------------------------------------------- connecting

void FakeNetwork::open(const std::shared_ptr<BrokerProcess>& opener, int shard, LinkId link, std::string address,
                       proto::Hello hello) {
  auto intent = std::make_shared<Intent>();
  intent->opener = opener;
  intent->shard = shard;
  intent->link = link;
  intent->from = hello.from().name();
  intent->to = hello.to().name();
  intent->address = std::move(address);
  intent->hello = std::move(hello);
  intents_.push_back(intent);
  attempt(intent);
}

void FakeNetwork::attempt(const IntentRef& intent) {
  world_.schedule(world_.latency(), [this, intent] { arrive(intent); });
}

void FakeNetwork::retry(const IntentRef& intent) {
  world_.schedule(reconnect_ms, [this, intent] { attempt(intent); });
}

void FakeNetwork::arrive(const IntentRef& intent) {
  if (!intent->wanted || intent->opener.expired()) return;
  const auto target = world_.by_address(intent->address);
  if (!target || target->is_stalled() || is_cut(intent->from, intent->to) || is_cut(intent->to, intent->from))
    return retry(intent);
  proto::HelloAnswer answer;
  auto connection = std::make_shared<Connection>();
  target->deliver([&] {
    answer = target->control().check_hello(intent->hello);
    if (!answer.refused().empty()) return;
    connection->accepted = ++last_accepted_;
    connections_.push_back(connection);
    connection->intent = intent;
    connection->acceptor = target;
    connection->out = {.from = intent->from, .to = intent->to, .under_way = {}};
    connection->back = {.from = intent->to, .to = intent->from, .under_way = {}};
    if (intent->shard < 0) target->control().link_accepted(connection->accepted, intent->hello);
  });
  if (!answer.refused().empty()) return retry(intent);
  push(connection, connection->back, [answer](const ConnectionRef& on) {
    if (const auto opener = on->intent->opener.lock())
      opener->deliver([&opener = *opener, on, answer] {
        if (on->open && on->intent->wanted) opener.link_up(on->intent->shard, on->intent->link, answer);
      });
  });
}

// ---------------------------------------------------------------- sending

void FakeNetwork::send(const BrokerProcess& process, LinkId link, std::string bytes) {
  const ConnectionRef connection = find(process, -1, link);
  if (!connection) return;
  push(connection, connection->out, [this, bytes = std::move(bytes)](const ConnectionRef& on) {
    if (const auto acceptor = on->acceptor.lock()) {
      acceptor->deliver([this, &acceptor = *acceptor, on, bytes] {
        if (on->open && !acceptor.receive_frames(on->accepted, bytes)) end(on);
      });
    }
  });
}

void FakeNetwork::push(const ConnectionRef& connection, Pipe& pipe, Arrival arrival) {
  pipe.under_way.push_back(std::move(arrival));
  pipe.last_arrival = std::max(pipe.last_arrival, world_.now() + world_.latency());
  world_.schedule(pipe.last_arrival - world_.now(), [this, connection, &pipe] { move(connection, pipe); });
}

void FakeNetwork::move(const ConnectionRef& connection, Pipe& pipe) {
  if (is_cut(pipe.from, pipe.to) || pipe.under_way.empty()) return;
  const auto arrival = std::move(pipe.under_way.front());
  pipe.under_way.pop_front();
  arrival(connection);
}

// ---------------------------------------------------------------- ending

void FakeNetwork::close(const BrokerProcess& process, int shard, LinkId link) {
  for (const IntentRef& intent : intents_)
    if (intent->opener.lock().get() == &process && intent->shard == shard && intent->link == link)
      intent->wanted = false;
  std::erase_if(intents_, [](const IntentRef& intent) { return !intent->wanted; });
  const ConnectionRef connection = find(process, shard, link);
  if (!connection) return;
  if (link >= accepted_links)
    push(connection, connection->back, [this](const ConnectionRef& ended) { tell_opener_down(ended); });
  else
    push(connection, connection->out, [this](const ConnectionRef& ended) { tell_acceptor_down(ended); });
  std::erase(connections_, connection);
}

void FakeNetwork::end(const ConnectionRef& connection) {
  std::erase(connections_, connection);
  tell_opener_down(connection);
  tell_acceptor_down(connection);
}

void FakeNetwork::tell_opener_down(const ConnectionRef& connection) {
  connection->open = false;
  const IntentRef intent = connection->intent;
  const auto opener = intent->opener.lock();
  if (!opener || !intent->wanted) return;
  opener->deliver([&opener = *opener, intent] {
    if (intent->wanted) opener.link_down(intent->shard, intent->link);
  });
  retry(intent);
}

void FakeNetwork::tell_acceptor_down(const ConnectionRef& connection) {
  connection->open = false;
  const auto acceptor = connection->acceptor.lock();
  if (!acceptor || connection->intent->shard >= 0) return;
  acceptor->deliver([&acceptor = *acceptor, link = connection->accepted] { acceptor.control().link_down(link); });
}

void FakeNetwork::end_all_of(const BrokerProcess& process) {
  const auto all = connections_;
  for (const ConnectionRef& connection : all)
    if (connection->intent->opener.lock().get() == &process || connection->acceptor.lock().get() == &process)
      world_.schedule(world_.latency(), [this, connection] { end(connection); });
}

void FakeNetwork::break_links(const std::string& a, const std::string& b) {
  for (const ConnectionRef& connection : between(a, b)) end(connection);
}

void FakeNetwork::cut(const std::string& from, const std::string& to) {
  cut_.insert({from, to});
  world_.schedule(patience_ms, [this, from, to] {
    if (is_cut(from, to)) break_links(from, to);
  });
}

void FakeNetwork::heal(const std::string& a, const std::string& b) {
  cut_.erase({a, b});
  cut_.erase({b, a});
  for (const ConnectionRef& connection : between(a, b)) {
    for (Pipe* const pipe : {&connection->out, &connection->back}) {
      const std::size_t waiting = pipe->under_way.size();
      for (std::size_t i = 0; i < waiting; ++i)
        world_.schedule(1, [this, connection, pipe] { move(connection, *pipe); });
    }
  }
}

void FakeNetwork::heal_all() {
  const auto all = cut_;
  for (const auto& [from, to] : all) heal(from, to);
}

FakeNetwork::ConnectionRef FakeNetwork::find(const BrokerProcess& process, int shard, LinkId link) const {
  for (const ConnectionRef& connection : connections_) {
    const bool opened = connection->intent->opener.lock().get() == &process && connection->intent->shard == shard &&
                        connection->intent->link == link;
    const bool accepted = connection->acceptor.lock().get() == &process && connection->accepted == link;
    if (opened || accepted) return connection;
  }
  return nullptr;
}

std::vector<FakeNetwork::ConnectionRef> FakeNetwork::between(const std::string& a, const std::string& b) const {
  std::vector<ConnectionRef> found;
  for (const ConnectionRef& connection : connections_) {
    const Intent& intent = *connection->intent;
    if ((intent.from == a && intent.to == b) || (intent.from == b && intent.to == a)) found.push_back(connection);
  }
  return found;
}

}  // namespace mqttzoo::cluster::harness
