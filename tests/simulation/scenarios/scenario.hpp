#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/clients/client.hpp"
#include "tests/simulation/oracle/facts.hpp"
#include "tests/simulation/oracle/guard.hpp"
#include "tests/simulation/oracle/leftovers.hpp"

namespace mqttzoo::sim {

/// A small cluster and some clients that do what a test says; the oracle looks on. Brokers are named by letters and
/// have one shard; they have found together, with all copies made, when a test begins. With MQTTZOO_TRACE set, what
/// happens is printed.
class Scenario : public ::testing::Test {
 protected:
  explicit Scenario(const std::string& brokers = "abc") : guard_(history_, world_), world_({}, guard_) {
    if (std::getenv("MQTTZOO_TRACE")) world_.trace().print_to(stdout);
    for (const char name : brokers) world_.start(std::string(1, name), 1);
    EXPECT_TRUE(within(30'000, [this] { return world_.has_converged() && is_balanced(); }));
  }
  /// No promise is broken, as far as the oracle can see.
  ~Scenario() override {
    guard_.judge_end();
    for (const std::string& broken : guard_.broken()) ADD_FAILURE() << broken;
    Verdict verdict =
        judge({history_, world_.views(), guard_.answered_from_memory(), world_.standstills(), world_.clock_steps()});
    judge_bank(world_.ensemble(), verdict);
    for (const std::string& broken : verdict) ADD_FAILURE() << broken;
  }

  Client& client(ClientOptions options) {
    options.comes_back = false;
    clients_.push_back(std::make_unique<Client>(world_, history_, random_, std::move(options)));
    return *clients_.back();
  }
  Client& client(const std::string& id, bool persistent = false) {
    ClientOptions options;
    options.id = id;
    options.persistent = persistent;
    return client(options);
  }
  Client& connected(Client& client, const Place& broker) {
    client.connect(broker);
    EXPECT_TRUE(within(10'000, [&] { return client.connected(); })) << client.options().id << " is not connected";
    return client;
  }
  Client& subscribed(Client& client, const std::string& filter, int qos = 1) {
    client.subscribe(filter, static_cast<mqtt::QoS>(qos));
    EXPECT_TRUE(within(10'000, [&] { return client.is_subscribed(filter); })) << "no SUBACK for " << filter;
    return client;
  }
  /// Tries again until it is let in.
  bool gets_in(Client& client, const Place& broker, Milliseconds limit) {
    return within(limit, [&] {
      if (client.broker().empty()) client.connect(broker);
      return client.connected();
    });
  }
  MessageIndex publish(Client& client, const std::string& topic, int qos = 1, bool retain = false) {
    const auto message = client.publish(topic, static_cast<mqtt::QoS>(qos), retain);
    EXPECT_TRUE(message) << client.options().id << " is not connected";
    return message.value_or(0);
  }

  bool converges(Milliseconds limit = 30'000) {
    return world_.run_until([this] { return world_.has_converged(); }, limit);
  }
  /// Every broker is home of something, and every partition has its copies.
  bool is_balanced() const {
    const cluster::View& view = *world_.views().back().view;
    std::set<std::uint16_t> homes(view.primaries.begin(), view.primaries.end());
    return homes.size() == view.members.size() &&
           std::all_of(view.copies.begin(), view.copies.end(), [](const cluster::PartitionCopies& copies) {
             return std::all_of(copies.begin(), copies.end(), [](const auto& copy) { return copy.in_sync; });
           });
  }
  bool within(Milliseconds limit, const std::function<bool()>& condition) { return world_.run_until(condition, limit); }
  void pass(Milliseconds duration) { world_.run_for(duration); }
  bool acknowledged(MessageIndex message) const { return history_.messages[message].acknowledged != never_happened; }
  int received(const Client& client, MessageIndex message) const {
    int times = 0;
    for (const DeliveryRecord& delivery : history_.deliveries)
      if (delivery.client == client.index() && delivery.message == message && !delivery.repeated) ++times;
    return times;
  }
  /// The will of the connection that the client has.
  MessageIndex will_of(const Client& client) const { return history_.connections[client.connection()].will; }
  /// No more faults.
  void heal() {
    world_.pause_zookeeper(false);
    world_.network().heal_all();
    for (const std::string& name : world_.running()) {
      world_.resume(name);
      world_.heal_to_zookeeper(name);
    }
    EXPECT_TRUE(converges()) << world_.describe();
  }
  void cut(const std::string& a, const std::string& b) {
    world_.network().cut(a, b);
    world_.network().cut(b, a);
  }
  /// A Client Identifier whose home is this broker now.
  std::string id_at(const std::string& home) const {
    const cluster::View& view = *world_.views().back().view;
    for (int i = 0;; ++i) {
      std::string id = "client" + std::to_string(i);
      if (view.primary_of(view.partition_of(id)).incarnation.name == home) return id;
    }
  }

  History history_;
  Guard guard_;
  World world_;
  Random random_{1, Random::Purpose::clients};
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace mqttzoo::sim
