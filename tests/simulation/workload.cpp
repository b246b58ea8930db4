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
  if (random_.one_in(2)) retained_topics_ = {"r/0", "r/1"};
  add_publishers();
  add_subscribers();
  add_watchers();
  add_members();
  add_readers();
}

Client& Workload::add(ClientOptions options) {
  clients_.push_back(std::make_unique<Client>(world_, history_, client_random_, std::move(options)));
  return *clients_.back();
}

ClientOptions Workload::any_options(std::string id) {
  ClientOptions options;
  options.id = std::move(id);
  options.version = random_.one_in(2) ? ProtocolVersion::v5 : ProtocolVersion::v3_1_1;
  options.persistent = random_.one_in(2);
  options.answers_within_ms = random_.one_in(3) ? random_.below(1500) : random_.below(5);
  if (random_.one_in(2)) {
    options.will_topic = "w/" + options.id;
    options.will_qos = any_qos();
    if (random_.one_in(3)) options.will_delay_seconds = static_cast<std::uint32_t>(random_.between(3, 6));
  }
  // v3 sessions last as long as the broker likes.
  if (options.version == ProtocolVersion::v5 && options.persistent && random_.one_in(4))
    options.session_expiry_seconds = static_cast<std::uint32_t>(random_.between(2, 6));
  return options;
}

void Workload::add_publishers() {
  const std::int64_t publishers = random_.between(2, 4);
  for (std::int64_t i = 0; i < publishers; ++i) publishers_.push_back(&add(any_options("pub" + std::to_string(i))));
}

void Workload::add_subscribers() {
  const std::int64_t subscribers = random_.between(3, 7);
  for (std::int64_t i = 0; i < subscribers; ++i) {
    Client& client = add(any_options("sub" + std::to_string(i)));
    subscribers_.push_back(&client);
    if (random_.one_in(3)) {
      client.always_subscribe("t/#", any_qos());
    } else {
      for (const std::string& topic : topics_) {
        if (random_.one_in(2)) client.always_subscribe(topic, any_qos());
      }
    }
    if (random_.one_in(4)) client.always_subscribe("r/#", any_qos());
  }
}

void Workload::add_watchers() {
  for (int i = 0; i < 2; ++i) {
    ClientOptions options = any_options("watcher" + std::to_string(i));
    options.will_topic.clear();
    add(options).always_subscribe("w/#", any_qos());
  }
}

void Workload::add_members() {
  const std::int64_t members = random_.one_in(2) ? random_.between(1, 4) : 0;
  for (std::int64_t i = 0; i < members; ++i) {
    Client& client = add(any_options("member" + std::to_string(i)));
    client.always_subscribe("$share/group/s/#", any_qos());
  }
  if (members != 0) shared_topics_ = {"s/0", "s/1"};
}

void Workload::add_readers() {
  for (int i = 0; i < 3; ++i) {
    ClientOptions options = any_options("reader" + std::to_string(i));
    options.persistent = options.comes_back = false;
    options.will_topic.clear();
    options.answers_within_ms = 0;
    readers_.push_back(&add(options));
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
  if (!client.connected() || client.in_flight() >= in_flight_max) return;
  if (!shared_topics_.empty() && random_.one_in(4)) {
    client.publish(random_.pick(shared_topics_), any_qos());
  } else if (!retained_topics_.empty() && random_.one_in(4)) {
    publish_retained(client);
  } else {
    client.publish(any_topic(), any_qos());
  }
}

void Workload::publish_retained(Client& client) {
  const std::uint32_t lasts_seconds = random_.one_in(4) ? static_cast<std::uint32_t>(random_.between(1, 5)) : 0;
  client.publish(random_.pick(retained_topics_), any_qos(), true, lasts_seconds, random_.one_in(6));
}

void Workload::read_retained() {
  if (retained_topics_.empty()) return;
  Client& reader = *random_.pick(readers_);
  if (!reader.broker().empty()) reader.disconnect();
  reader.forget_standing();
  reader.always_subscribe(random_.pick(retained_topics_), any_qos());
  reader.connect(any_broker());
}

void Workload::change_subscription(Client& client) {
  const std::string& topic = any_topic();
  if (client.is_subscribed("t/#")) return;
  if (client.is_subscribed(topic)) return client.unsubscribe(topic);
  client.always_subscribe(topic, any_qos());
}

void Workload::act() {
  switch (random_.below(20)) {
    case 0:
      return random_.pick(clients_)->lose(random_.one_in(3));
    case 1: {
      Client& client = *random_.pick(clients_);
      if (client.options().comes_back) client.connect(any_broker());
      return;
    }
    case 2:
      return change_subscription(*random_.pick(subscribers_));
    case 3: {
      Client& client = *random_.pick(clients_);
      if (client.connected()) return client.disconnect();
      if (client.options().comes_back) client.come_back(any_broker());
      return;
    }
    case 4:
    case 5:
      return read_retained();
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
    if (client->options().comes_back) client->come_back(any_broker());
  }
}

bool Workload::is_settled() const { return what_is_left().empty(); }

std::string Workload::what_is_left() const {
  std::string left;
  for (const auto& client : clients_) {
    if (client->broker().empty() && !client->options().comes_back) continue;
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
  for (Client* const reader : readers_) reader->disconnect();
  for (const std::string& broker : world_.running()) {
    ClientOptions options;
    options.id = "probe at " + broker;
    options.comes_back = false;
    Client& client = add(options);
    client.connect(broker);
    world_.run_until([&client] { return client.connected(); }, 5'000);
    for (const std::string& topic : topics_) client.publish(topic, QoS::exactly_once);
    for (const std::string& topic : shared_topics_) client.publish(topic, QoS::at_least_once);
    for (const std::string& topic : retained_topics_) client.subscribe(topic, QoS::at_least_once);
  }
}

std::size_t Workload::connected() const {
  return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(), [](const auto& client) { return client->connected(); }));
}

}  // namespace mqttzoo::sim
