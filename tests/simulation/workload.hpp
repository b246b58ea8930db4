#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/clients/client.hpp"

namespace mqttzoo::sim {

/// Clients of all kinds, and what they do at random: publish, subscribe, lose their connections, come back elsewhere.
/// Live topics are below t/, those of Shared Subscriptions below s/, retained ones below r/, wills below w/.
class Workload {
 public:
  Workload(World& world, History& history, std::uint64_t seed);

  /// All clients connect.
  void begin();
  /// Something that some client might do now.
  void act();
  /// From now on nothing is begun; who is away comes back.
  void settle();
  /// Everybody is connected, everything acknowledged and granted.
  bool is_settled() const;
  std::string what_is_left() const;
  /// Every topic gets a message from every broker.
  void probe();
  std::size_t connected() const;

 private:
  void add_publishers();
  void add_subscribers();
  void add_watchers();
  void add_members();
  void add_readers();
  Client& add(ClientOptions options);
  ClientOptions any_options(std::string id);
  void publish(Client& client);
  void publish_retained(Client& client);
  void read_retained();
  void change_subscription(Client& client);
  const std::string& any_topic() { return random_.pick(topics_); }
  mqtt::QoS any_qos() { return static_cast<mqtt::QoS>(random_.below(3)); }
  Place any_broker();

  World& world_;
  History& history_;
  Random random_;
  Random client_random_;
  std::vector<std::string> topics_;
  std::vector<std::string> shared_topics_;
  std::vector<std::string> retained_topics_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Client*> publishers_;
  std::vector<Client*> subscribers_;
  std::vector<Client*> readers_;
};

}  // namespace mqttzoo::sim
