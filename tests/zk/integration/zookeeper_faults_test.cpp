#include <gmock/gmock.h>

#include "tests/support/coordinator_calls.hpp"
#include "tests/zk/integration/zookeeper_rig.hpp"

namespace mqttzoo::zk {
namespace {

using support::ZooKeeperServers;
using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

/// Servers that are killed, restarted and frozen under a coordinator.
class ZooKeeperFault : public testing::Test, protected support::CoordinatorCalls {
 protected:
  bool run_until(const std::function<bool()>& condition) override { return control_.run_until(condition); }

  std::unique_ptr<ZooKeeperCoordinator> open(const ZooKeeperServers& servers) {
    auto coordinator =
        std::make_unique<ZooKeeperCoordinator>(options_for(servers.connect_string()), control_.poster(), into(lines_));
    EXPECT_TRUE(wait_for(*coordinator, State::connected));
    return coordinator;
  }

  support::ControlThread control_;
  LogLines lines_;
  std::vector<int> run_again_;
};

TEST_F(ZooKeeperFault, ARestartedServerFindsTheSessionAndItsWatches) {
  ZooKeeperServers servers;
  const auto coordinator = open(servers);
  const auto id = coordinator->session_id();
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  create(*coordinator, "/value", "before");
  int fired = 0;
  get(*coordinator, "/value", [&] { ++fired; });
  get(*coordinator, "/later", [&] { ++fired; });
  std::vector<State> told;
  coordinator->on_session_change([&](State state, std::int64_t) { told.push_back(state); });

  servers.kill(0);
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  servers.start(0);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_THAT(told, ElementsAre(State::connecting, State::connected));
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_EQ(get(*coordinator, "/ephemeral").status, Status::ok);
  EXPECT_EQ(get(*coordinator, "/value").data, "before");
  EXPECT_EQ(fired, 0);
  set(*coordinator, "/value", "after");
  create(*coordinator, "/later");
  EXPECT_TRUE(run_until([&] { return fired == 2; }));
}

TEST_F(ZooKeeperFault, AKilledServerAnswersNothingInFlight) {
  ZooKeeperServers servers;
  const auto coordinator = open(servers);
  create(*coordinator, "/value");
  servers.freeze(0);
  std::vector<Status> answers;
  const auto answer = [&](Status status) { answers.push_back(status); };
  for (int count = 0; count < 10; ++count) {
    coordinator->set("/value", "x", cluster::any_version,
                     [&](Status status, const cluster::ZnodeStat&) { answer(status); });
    coordinator->get(
        "/value", [] { ADD_FAILURE() << "a watch that was never set"; },
        [&](Status status, const std::string&, const cluster::ZnodeStat&) { answer(status); });
    coordinator->multi({setting("/value", "y"), creation("/more")},
                       [&](Status status, const std::vector<cluster::MultiResult>& parts) {
                         EXPECT_EQ(parts.size(), 2u);
                         answer(status);
                       });
  }
  EXPECT_TRUE(answers.empty());
  servers.kill(0);
  ASSERT_TRUE(run_until([&] { return answers.size() == 30; }));
  EXPECT_THAT(answers, testing::Each(Status::connection_loss));
}

TEST_F(ZooKeeperFault, AFrozenServerIsNoticedWithinTheSessionTimeout) {
  ZooKeeperServers servers;
  const auto coordinator = open(servers);
  servers.freeze(0);
  std::optional<Status> answer;
  const auto asked = std::chrono::steady_clock::now();
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) { answer = status; });
  ASSERT_TRUE(run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(answer, Status::connection_loss);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(coordinator->session_timeout_ms()));
  EXPECT_EQ(coordinator->session_state(), State::connecting);
  servers.thaw(0);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(get(*coordinator, "/").status, Status::ok);
}

TEST_F(ZooKeeperFault, ClosingIsBoundedWhenTheServerIsFrozen) {
  ZooKeeperServers servers;
  auto coordinator = open(servers);
  servers.freeze(0);
  std::vector<std::string> order;
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) {
    order.push_back(cluster::to_string(status));
  });
  const auto asked = std::chrono::steady_clock::now();
  coordinator->close(400, [&] { order.push_back("closed"); });
  ASSERT_TRUE(run_until([&] { return order.size() == 2; }));
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(1'500));
  EXPECT_THAT(order, ElementsAre("connection loss", "closed"));
  coordinator.reset();
  servers.thaw(0);
}

TEST_F(ZooKeeperFault, ALeaderThatDiesLosesNoAcknowledgedWrite) {
  ZooKeeperServers servers({.count = 3});
  const auto coordinator = open(servers);
  const auto id = coordinator->session_id();
  create(*coordinator, "/numbers");
  std::vector<std::string> acknowledged;
  int next = 0;
  // Names are deterministic: after a lost answer the same name is tried again, and "exists" is as good as "ok".
  std::function<void(int)> write = [&](int number) {
    const auto path = "/numbers/" + std::to_string(number);
    coordinator->create(path, "", Mode::persistent, [&, number, path](Status status, const std::string&) {
      if (status == Status::connection_loss) {
        run_again_.push_back(number);
      } else {
        EXPECT_THAT(status, testing::AnyOf(Status::ok, Status::node_exists));
        acknowledged.push_back(std::to_string(number));
        if (next < 2'000) write(next++);
      }
    });
  };
  coordinator->on_session_change([&](State state, std::int64_t) {
    if (state != State::connected) return;
    for (const int number : std::exchange(run_again_, {})) write(number);
  });
  for (int window = 0; window < 10; ++window) write(next++);
  ASSERT_TRUE(run_until([&] { return acknowledged.size() >= 500; }));
  const auto leader = servers.leader();
  ASSERT_TRUE(leader.has_value());
  servers.kill(*leader);
  ASSERT_TRUE(run_until([&] {
    // Requests that were lost without the connection being down any more.
    if (coordinator->session_state() == State::connected)
      for (const int number : std::exchange(run_again_, {})) write(number);
    return acknowledged.size() == 2'000;
  }));
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_THAT(children(*coordinator, "/numbers").names, testing::UnorderedElementsAreArray(acknowledged));
  servers.start(*leader);
  servers.wait_until_all_serve();
}

TEST_F(ZooKeeperFault, ASessionMovesToAnotherServerWithItsWatches) {
  ZooKeeperServers servers({.count = 3});
  const auto coordinator = open(servers);
  const auto other = open(servers);
  const auto id = coordinator->session_id();
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  create(*coordinator, "/value", "before");
  int fired = 0;
  get(*coordinator, "/value", [&] { ++fired; });
  for (int server = 0; server < 3; ++server) {
    servers.kill(server);
    servers.start(server);
    servers.wait_until_all_serve();
    ASSERT_TRUE(wait_for(*coordinator, State::connected));
  }
  EXPECT_EQ(coordinator->session_id(), id);
  ASSERT_TRUE(run_until([&] { return get(*coordinator, "/ephemeral").status == Status::ok; }));
  EXPECT_EQ(fired, 0);
  ASSERT_TRUE(run_until([&] { return set(*other, "/value", "after").status == Status::ok; }));
  EXPECT_TRUE(run_until([&] { return fired == 1; }));
}

TEST_F(ZooKeeperFault, WithoutAQuorumNothingIsAcknowledged) {
  ZooKeeperServers servers({.count = 3});
  const auto coordinator = open(servers);
  servers.kill(0);
  servers.kill(1);
  ASSERT_TRUE(run_until([&] { return create(*coordinator, "/unsafe").status == Status::connection_loss; }));
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  servers.start(0);
  // One whose reply was lost may have been carried out.
  ASSERT_TRUE(run_until([&] {
    const auto status = create(*coordinator, "/safe").status;
    return status == Status::ok || status == Status::node_exists;
  }));
}

}  // namespace
}  // namespace mqttzoo::zk
