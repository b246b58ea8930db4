#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster/retained/znode_retained_store.hpp"
#include "tests/support/control_thread.hpp"
#include "tests/support/tcp_proxy.hpp"
#include "tests/support/zookeeper_servers.hpp"
#include "zk/zookeeper_coordinator.hpp"

namespace mqttzoo::cluster {

inline core::Milliseconds steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

inline core::ClusterMilliseconds wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The retained store of one broker over a real session, through a proxy that can break it.
struct RealBroker {
  RealBroker(support::ControlThread& control, std::uint16_t server_port, const std::string& name,
             const RetainedOptions& options)
      : incarnation{name, 1},
        proxy(server_port),
        bulk(session_options("127.0.0.1:" + std::to_string(proxy.port())), control.poster(),
             [](zk::LogLevel, std::string_view) {}),
        clock(steady_ms(), wall_ms()),
        store(bulk, clock, options, [this](ReportLevel level, std::string text) {
          log += text + '\n';
          if (level == ReportLevel::error || level == ReportLevel::warning) complaints.push_back(std::move(text));
        }) {
    store.set_incarnation(incarnation);
  }

  static zk::Options session_options(const std::string& connect_string) {
    zk::Options options;
    options.ensemble = zk::ConnectString::parse(connect_string + "/mqttzoo");
    options.reopen = {.first_ms = 20, .longest_ms = 200};
    return options;
  }

  Incarnation incarnation;
  support::TcpProxy proxy;
  zk::ZooKeeperCoordinator bulk;
  ClusterClock clock;
  std::vector<std::string> complaints;
  std::string log;
  ZnodeRetainedStore store;
};

using Payloads = std::vector<std::pair<std::string, std::string>>;

/// Brokers on one control thread, which is the test's.
class RetainedRig {
 public:
  explicit RetainedRig(const support::ZooKeeperServers::Options& options) : servers(options) {}

  RealBroker& start(const std::string& name, int server, const RetainedOptions& options = {}) {
    brokers.push_back(std::make_unique<RealBroker>(control, servers.port(server), name, options));
    return *brokers.back();
  }

  bool run_until(const std::function<bool()>& condition) {
    return control.run_until(
        [&] {
          for (auto& broker : brokers) broker->store.tick(steady_ms());
          return condition();
        },
        std::chrono::minutes(2));
  }

  void run_for(std::chrono::milliseconds duration) {
    const auto end = std::chrono::steady_clock::now() + duration;
    EXPECT_TRUE(run_until([end] { return std::chrono::steady_clock::now() >= end; }));
  }

  bool run_until_loaded() {
    return run_until([this] {
      for (const auto& broker : brokers)
        if (!broker->store.loaded()) return false;
      return true;
    });
  }

  /// Stores one value and waits for the answer: its outcome.
  RetainedStored::Outcome put(RealBroker& broker, const std::string& topic, const std::string& payload) {
    std::optional<RetainedStored::Outcome> outcome;
    broker.store.store(message(topic, payload), true,
                       [&](RetainedStored::Outcome what, mqtt::ReasonCode) { outcome = what; });
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); })) << topic;
    return outcome.value_or(RetainedStored::Outcome::refused);
  }

  Payloads read(RealBroker& broker, const std::string& filter) {
    std::optional<Payloads> values;
    broker.store.read({filter}, [&](const std::vector<core::RetainedMatch>& matches) {
      values.emplace();
      for (const auto& match : matches)
        values->emplace_back(match.message->view().topic, match.message->view().payload);
      std::sort(values->begin(), values->end());
    });
    EXPECT_TRUE(run_until([&] { return values.has_value(); }));
    return values.value_or(Payloads());
  }

  std::int64_t missing_credit(RealBroker& broker) {
    std::optional<BankBalance> balance;
    bool ended = false;
    broker.store.audit([&](std::optional<BankBalance> result) {
      balance = result;
      ended = true;
    });
    EXPECT_TRUE(run_until([&] { return ended; }));
    EXPECT_TRUE(balance);
    return balance ? balance->missing() : -1;
  }

  std::size_t change_entries(RealBroker& broker) {
    std::optional<std::size_t> count;
    broker.bulk.children("/changes", {},
                         [&](CoordinatorStatus, const std::vector<std::string>& names) { count = names.size(); });
    EXPECT_TRUE(control.run_until([&] { return count.has_value(); }, std::chrono::minutes(1)));
    return count.value_or(0);
  }

  static core::MessageRef message(const std::string& topic, const std::string& payload,
                                  core::ClusterMilliseconds expires_at = 0) {
    return core::MessageRef::copy_of({.topic = topic,
                                      .payload = payload,
                                      .properties = {},
                                      .qos = mqtt::QoS::at_least_once,
                                      .retain = true,
                                      .expires_at = expires_at,
                                      .publisher = {}});
  }

  support::ZooKeeperServers servers;
  support::ControlThread control;
  std::vector<std::unique_ptr<RealBroker>> brokers;
};

}  // namespace mqttzoo::cluster
