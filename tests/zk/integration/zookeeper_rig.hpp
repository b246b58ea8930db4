#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/support/control_thread.hpp"
#include "tests/support/coordinator_contract.hpp"
#include "tests/support/tcp_proxy.hpp"
#include "tests/support/zookeeper_servers.hpp"
#include "zk/zookeeper_coordinator.hpp"

namespace mqttzoo::zk {

/// Lines that a coordinator logged, without those of the C client.
using LogLines = std::vector<std::pair<LogLevel, std::string>>;

inline Log into(LogLines& lines) {
  return [&lines](LogLevel level, std::string_view text) {
    if (level != LogLevel::debug) lines.emplace_back(level, text);
  };
}

inline Options options_for(const std::string& connect_string) {
  Options options;
  options.ensemble = ConnectString::parse(connect_string);
  options.session_timeout_ms = 2'000;
  options.reopen = {.first_ms = 20, .longest_ms = 200};
  return options;
}

/// One real server; each coordinator reaches it through a proxy of its own.
class ZooKeeperRig final : public support::CoordinatorRig {
 public:
  std::unique_ptr<cluster::Coordinator> open(std::size_t requests_in_flight_max) override {
    auto proxy = std::make_unique<support::TcpProxy>(servers_.port(0));
    auto options = options_for("127.0.0.1:" + std::to_string(proxy->port()));
    options.requests_in_flight_max = requests_in_flight_max;
    auto coordinator = std::make_unique<ZooKeeperCoordinator>(std::move(options), control_.poster(),
                                                              [](LogLevel, std::string_view) {});
    proxies_[coordinator.get()] = std::move(proxy);
    return coordinator;
  }

  bool run_until(const std::function<bool()>& condition) override { return control_.run_until(condition); }

  void lose(cluster::Coordinator& coordinator, support::Loss loss) override {
    auto& proxy = *proxies_.at(&coordinator);
    proxy.swallow_replies(true);
    proxy.swallow_requests(loss == support::Loss::requests);
  }
  void disconnect(cluster::Coordinator& coordinator) override {
    auto& proxy = *proxies_.at(&coordinator);
    proxy.set_open(false);
    proxy.disconnect();
  }
  void heal(cluster::Coordinator& coordinator) override {
    auto& proxy = *proxies_.at(&coordinator);
    proxy.swallow_replies(false);
    proxy.swallow_requests(false);
    proxy.set_open(true);
  }

 private:
  support::ZooKeeperServers servers_;
  support::ControlThread control_;
  std::map<cluster::Coordinator*, std::unique_ptr<support::TcpProxy>> proxies_;
};

}  // namespace mqttzoo::zk
