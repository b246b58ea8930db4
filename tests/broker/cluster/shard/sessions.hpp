#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <string>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {

inline void persistent(core::Registration& registration) {
  registration.clean_start = false;
  registration.session_expiry_seconds = 60;
}

/// Three brokers; C is home of everything.
class Sessions : public testing::Test {
 protected:
  explicit Sessions(core::ShardIndex shards = 1, cluster::RouterLimits limits = {}) : zoo(limits) {
    zoo.start({"A", "B", "C"}, shards);
    view = zoo.change_view({"A", "B", "C"}, "C");
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  std::uint64_t connect(TestShard& frontend, const std::string& client_id = "me") {
    const auto serial = frontend.connect(client_id, {}, 0, persistent);
    zoo.settle();
    return serial;
  }
  FakeSession& session(const std::string& client_id = "me") { return *c().core.sessions.at(client_id); }

  RouterCluster zoo;
  cluster::SharedView view;
};

}  // namespace mqttzoo::test
