// ZooKeeper's promises, held by the fake under random work, latencies, lags and faults. A seed that fails replays.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::support {
namespace {

using cluster::CoordinatorStatus;
using cluster::MultiOperation;
using cluster::ZnodeStat;
using State = cluster::Coordinator::SessionState;

constexpr int clients = 4;
constexpr int steps = 3'000;
const std::string paths[] = {"/a", "/b", "/c"};

class RandomWork {
 public:
  explicit RandomWork(std::uint64_t seed)
      : random_(seed), ensemble_({.servers = 3, .latency_ms = [this] { return between(0, 20); }}) {
    for (int index = 0; index < clients; ++index) {
      auto& client = clients_[index];
      client.coordinator = ensemble_.open({.timeout_ms = 400, .server = index % 3});
      client.coordinator->on_session_change([this, &client](State state, std::int64_t id) {
        note("session " + std::to_string(static_cast<int>(state)) + ' ' + std::to_string(id));
        if (state == State::expired) client.watched.clear();
      });
    }
  }

  void run() {
    for (int step = 0; step < steps; ++step) {
      ensemble_.advance_to(ensemble_.now_ms() + between(0, 3));
      if (between(0, 30) == 0) {
        break_something();
      } else {
        ask(clients_[between(0, clients - 1)]);
      }
    }
    for (auto& client : clients_) ensemble_.heal(*client.coordinator);
    ensemble_.set_quorum(true);
    ensemble_.resume();
    ensemble_.advance_to(ensemble_.now_ms() + 10'000);
    for (auto& client : clients_) {
      EXPECT_EQ(client.coordinator->session_state(), State::connected);
      EXPECT_EQ(client.answered, client.asked) << "each request is answered exactly once";
    }
  }

  const std::string& trace() const { return trace_; }
  int successes() const { return successes_; }
  int watches_fired() const { return watches_fired_; }

 private:
  struct Client {
    std::unique_ptr<FakeCoordinator> coordinator;
    int asked = 0;
    int answered = 0;
    std::map<std::string, std::int64_t> seen;     ///< path: the mzxid that was read last
    std::map<std::string, std::int64_t> watched;  ///< path: its mzxid when the pending watch was set
  };

  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  void note(const std::string& what) { trace_ += std::to_string(ensemble_.now_ms()) + ' ' + what + '\n'; }

  /// Answers come in the order of the requests, but for those that were not sent.
  std::function<void(CoordinatorStatus)> expect_answer(Client& client) {
    const int number = client.asked++;
    return [this, &client, number](CoordinatorStatus status) {
      ++client.answered;
      successes_ += status == CoordinatorStatus::ok;
      note(std::to_string(number) + ' ' + cluster::to_string(status));
    };
  }

  void ask(Client& client) {
    const auto& path = paths[between(0, 2)];
    auto answered = expect_answer(client);
    switch (between(0, 4)) {
      case 0:
      case 1:
        return read(client, path, std::move(answered));
      case 2:
        return client.coordinator->set(path, std::to_string(client.asked), cluster::any_version,
                                       [answered](CoordinatorStatus status, const ZnodeStat&) { answered(status); });
      case 3:
        return client.coordinator->create(
            path, "", cluster::CreateMode::persistent,
            [answered](CoordinatorStatus status, const std::string&) { answered(status); });
      default: {
        std::vector<MultiOperation> parts(2);
        parts[0] = {.kind = MultiOperation::Kind::set, .path = "/a", .data = "both"};
        parts[1] = {.kind = MultiOperation::Kind::set, .path = "/b", .data = "both"};
        client.coordinator->multi(
            std::move(parts), [answered](CoordinatorStatus status, const std::vector<cluster::MultiResult>& results) {
              EXPECT_EQ(results.size(), 2u);
              answered(status);
            });
      }
    }
  }

  void read(Client& client, const std::string& path, std::function<void(CoordinatorStatus)> answered) {
    const bool watch = !client.watched.contains(path) && between(0, 1) == 0;
    if (watch) client.watched[path] = -1;
    cluster::Coordinator::WatchCallback on_change;
    if (watch)
      on_change = [this, &client, path] {
        ++watches_fired_;
        client.watched.erase(path);
      };
    client.coordinator->get(
        path, std::move(on_change),
        [&client, path, watch, answered](CoordinatorStatus status, const std::string&, const ZnodeStat& stat) {
          answered(status);
          if (status != CoordinatorStatus::ok && status != CoordinatorStatus::no_node) {
            if (watch) client.watched.erase(path);
            return;
          }
          const auto zxid = status == CoordinatorStatus::ok ? stat.modified_zxid : 0;
          if (watch && client.watched.contains(path)) client.watched[path] = zxid;
          const auto pending = client.watched.find(path);
          if (pending != client.watched.end() && pending->second >= 0) {
            EXPECT_EQ(zxid, pending->second) << "a change of " << path << " was read before it was told";
          }
          EXPECT_GE(zxid, client.seen[path]) << path << " went back";
          client.seen[path] = zxid;
        });
  }

  void break_something() {
    auto& coordinator = *clients_[between(0, clients - 1)].coordinator;
    const auto loss = between(0, 1) == 0 ? Loss::requests : Loss::replies;
    switch (between(0, 7)) {
      case 0:
        return ensemble_.cut(coordinator, loss, between(0, 300));
      case 1:
      case 2:
        for (auto& client : clients_) ensemble_.heal(*client.coordinator);
        ensemble_.set_quorum(true);
        return ensemble_.resume();
      case 3:
        return ensemble_.drop(coordinator, loss);
      case 4:
        return ensemble_.set_quorum(false);
      case 5:
        return ensemble_.pause();
      default:
        return ensemble_.set_apply_delay_ms(static_cast<int>(between(0, 2)), between(0, 100));
    }
  }

  std::mt19937_64 random_;
  FakeEnsemble ensemble_;
  Client clients_[clients];
  std::string trace_;
  int successes_ = 0;
  int watches_fired_ = 0;
};

TEST(FakeEnsembleRandom, KeepsItsPromises) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWork work(seed);
    work.run();
    EXPECT_GT(work.successes(), 300);
    EXPECT_GT(work.watches_fired(), 30);
    if (testing::Test::HasFailure()) break;
  }
}

TEST(FakeEnsembleRandom, ASeedReplays) {
  RandomWork first(99);
  RandomWork second(99);
  first.run();
  second.run();
  EXPECT_EQ(first.trace(), second.trace());
  EXPECT_FALSE(first.trace().empty());
}

}  // namespace
}  // namespace mqttzoo::support
