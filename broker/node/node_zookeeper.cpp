#include "broker/node/node_zookeeper.hpp"

#include <stdexcept>

#include "broker/net/control_thread.hpp"
#include "broker/ops/log.hpp"
#include "zk/zookeeper_coordinator.hpp"

namespace mqttzoo {

namespace {

// Nothing ephemeral hangs on the second session: a longer one survives short outages.
constexpr std::int32_t bulk_session_ms = 30'000;
constexpr std::int32_t close_ms = 1'500;

ops::Level level_of(zk::LogLevel level) {
  switch (level) {
    case zk::LogLevel::debug:
      return ops::Level::debug;
    case zk::LogLevel::info:
      return ops::Level::info;
    case zk::LogLevel::warning:
      return ops::Level::warning;
    case zk::LogLevel::error:
      break;
  }
  return ops::Level::error;
}

zk::ConnectString ensemble_of(const config::Settings& settings) {
  try {
    return zk::ConnectString::parse(settings.zookeeper);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(std::string("zookeeper: ") + error.what());
  }
}

zk::Log log_of(const char* session) {
  return [session](zk::LogLevel level, std::string_view text) {
    ops::log(level_of(level), text, {{"session", session}});
  };
}

}  // namespace

struct NodeZooKeeper::Sessions {
  Sessions(zk::Options for_liveness, zk::Options for_bulk, const zk::Post& post)
      : liveness(std::move(for_liveness), post, log_of("liveness")), bulk(std::move(for_bulk), post, log_of("bulk")) {}

  zk::ZooKeeperCoordinator liveness;
  zk::ZooKeeperCoordinator bulk;
  int open = 2;
};

NodeZooKeeper::NodeZooKeeper(const config::Settings& settings, net::ControlThread& thread) {
  zk::Options liveness;
  liveness.ensemble = ensemble_of(settings);
  liveness.session_timeout_ms = static_cast<std::int32_t>(settings.zookeeper_session_seconds) * 1000;
  zk::Options bulk = liveness;
  bulk.session_timeout_ms = bulk_session_ms;
  sessions_ = std::make_unique<Sessions>(
      liveness, bulk, [&thread](std::function<void()> function) { thread.post(std::move(function)); });
}

NodeZooKeeper::~NodeZooKeeper() = default;

cluster::Coordinator& NodeZooKeeper::liveness() { return sessions_->liveness; }
cluster::Coordinator& NodeZooKeeper::bulk() { return sessions_->bulk; }

void NodeZooKeeper::close(std::function<void()> done) {
  const auto one_closed = [this, done = std::move(done)] {
    if (--sessions_->open == 0) done();
  };
  sessions_->liveness.close(close_ms, one_closed);
  sessions_->bulk.close(close_ms, one_closed);
}

}  // namespace mqttzoo
