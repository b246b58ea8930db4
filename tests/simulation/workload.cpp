#include "tests/simulation/workload.hpp"

#include <algorithm>

namespace mqttzoo::sim {

namespace {

using mqtt::ProtocolVersion;
using mqtt::QoS;

constexpr std::size_t in_flight_max = 20;

}  // namespace

Workload::Workload(World& world, History& history, std::uint64_t seed)
    : world_(world),
      history_(history),
      random_(seed, Random::Purpose::workload),
      client_random_(seed, Random::Purpose::clients) {
  const std::int64_t topics = random_.between(2, 5);
  for (std::int64_t i = 0; i < topics; ++i) topics_.push_back("t/" + std::to_string(i));
  add_publishers();
  add_subscribers();
}

void Workload::add_publishers() {
  const std::int64_t publishers = random_.between(2, 4);
  for (std::int64_t i = 0; i < publishers; ++i) {
    ClientOptions options;
    options.id = "pub" + std::to_string(i);
    options.version = random_.one_in(2) ? ProtocolVersion::v5 : ProtocolVersion::v3_1_1;
    options.persistent = random_.one_in(2);
    clients_.push_back(std::make_unique<Client>(world_, history_, client_random_, options));
    publishers_.push_back(clients_.back().get());
  }
}

void Workload::add_subscribers() {
  const std::int64_t subscribers = random_.between(3, 7);
  for (std::int64_t i = 0; i < subscribers; ++i) {
    ClientOptions options;
    options.id = "sub" + std::to_string(i);
    options.version = random_.one_in(2) ? ProtocolVersion::v5 : ProtocolVersion::v3_1_1;
    options.persistent = random_.one_in(2);
    options.answers_within_ms = random_.one_in(3) ? random_.below(1500) : random_.below(5);
    clients_.push_back(std::make_unique<Client>(world_, history_, client_random_, options));
    subscribers_.push_back(clients_.back().get());
    if (random_.one_in(3)) {
      clients_.back()->always_subscribe("t/#", any_qos());
    } else {
      for (const std::string& topic : topics_) {
        if (random_.one_in(2)) clients_.back()->always_subscribe(topic, any_qos());
      }
    }
  }
}

Place Workload::any_broker() {
  const auto brokers = world_.running();
  return brokers.empty() ? Place("nowhere") : random_.pick(brokers);
}

void Workload::begin() {
  for (auto& client : clients_) client->come_back(any_broker());
}

void Workload::publish(Client& client) {
  if (client.connected() && client.in_flight() < in_flight_max) client.publish(any_topic(), any_qos());
}

void Workload::act() {
  switch (random_.below(20)) {
    case 0:
      return random_.pick(clients_)->lose(random_.one_in(3));
    case 1:
      return random_.pick(clients_)->connect(any_broker());
    case 2: {
      Client& client = *random_.pick(subscribers_);
      const std::string& topic = any_topic();
      if (client.is_subscribed("t/#")) return;
      if (client.is_subscribed(topic)) return client.unsubscribe(topic);
      return client.always_subscribe(topic, any_qos());
    }
    case 3: {
      Client& client = *random_.pick(clients_);
      if (client.connected()) return client.disconnect();
      return client.come_back(any_broker());
    }
    default: {
      const std::int64_t burst = random_.one_in(4) ? random_.between(2, 8) : 1;
      Client& client = *random_.pick(publishers_);
      for (std::int64_t i = 0; i < burst; ++i) publish(client);
    }
  }
}

void Workload::settle() {
  for (auto& client : clients_) {
    client->bury_the_dead();
    client->come_back(any_broker());
  }
}

bool Workload::is_settled() const { return what_is_left().empty(); }

std::string Workload::what_is_left() const {
  std::string left;
  for (const auto& client : clients_) {
    if (!client->connected()) {
      left += client->options().id + " is not connected; ";
    } else if (client->in_flight() != 0) {
      left += client->options().id + " waits for acknowledgements; ";
    } else if (!client->all_granted()) {
      left += client->options().id + " waits for SUBACK; ";
    }
  }
  return left;
}

void Workload::probe() {
  for (const std::string& broker : world_.running()) {
    ClientOptions options;
    options.id = "probe at " + broker;
    options.comes_back = false;
    clients_.push_back(std::make_unique<Client>(world_, history_, client_random_, options));
    Client* const client = clients_.back().get();
    client->connect(broker);
    world_.run_until([client] { return client->connected(); }, 5'000);
    for (const std::string& topic : topics_) client->publish(topic, QoS::exactly_once);
  }
}

}  // namespace mqttzoo::sim
