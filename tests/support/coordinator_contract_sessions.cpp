#include <gmock/gmock.h>

#include "tests/support/coordinator_contract.hpp"

namespace mqttzoo::support {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Not;

TEST_P(CoordinatorContract, ADroppedConnectionComesBackWithTheSameSession) {
  auto coordinator = open();
  const auto id = coordinator->session_id();
  std::vector<State> told;
  coordinator->on_session_change([&](State state, std::int64_t told_id) {
    told.push_back(state);
    EXPECT_EQ(told_id, id);
  });
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  EXPECT_EQ(create(*coordinator, "/while-away").status, Status::connection_loss);
  rig_->heal(*coordinator);
  ASSERT_TRUE(run_until([&] { return told.size() == 2; }));
  EXPECT_THAT(told, ElementsAre(State::connecting, State::connected));
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_EQ(get(*coordinator, "/ephemeral").status, Status::ok);
  EXPECT_EQ(get(*coordinator, "/while-away").status, Status::no_node);
}

TEST_P(CoordinatorContract, ALostRequestIsNotCarriedOut) {
  auto coordinator = open();
  create(*coordinator, "/value", "old");
  rig_->lose(*coordinator, Loss::requests);
  std::vector<Status> answers;
  std::vector<Status> parts;
  coordinator->set("/value", "new", 0, [&](Status status, const cluster::ZnodeStat&) { answers.push_back(status); });
  coordinator->multi({setting("/value", "new"), creation("/more")},
                     [&](Status status, std::vector<cluster::MultiResult> results) {
                       answers.push_back(status);
                       for (const auto& result : results) parts.push_back(result.status);
                     });
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(run_until([&] { return answers.size() == 2; }));
  EXPECT_THAT(answers, Each(Status::connection_loss));
  EXPECT_THAT(parts, ElementsAre(Status::connection_loss, Status::connection_loss));
  rig_->heal(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(get(*coordinator, "/value").data, "old");
  EXPECT_EQ(get(*coordinator, "/more").status, Status::no_node);
}

TEST_P(CoordinatorContract, ALostReplyLeavesTheRequestCarriedOut) {
  auto coordinator = open();
  auto observer = open();
  create(*coordinator, "/value", "old");
  rig_->lose(*coordinator, Loss::replies);
  std::vector<Status> answers;
  coordinator->set("/value", "new", 0, [&](Status status, const cluster::ZnodeStat&) { answers.push_back(status); });
  coordinator->multi({setting("/value", "newer", 1), creation("/more")},
                     [&](Status status, const std::vector<cluster::MultiResult>&) { answers.push_back(status); });
  ASSERT_TRUE(run_until([&] { return get(*observer, "/more").status == Status::ok; }));
  EXPECT_EQ(get(*observer, "/value").data, "newer");
  EXPECT_TRUE(answers.empty());
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(run_until([&] { return answers.size() == 2; }));
  EXPECT_THAT(answers, Each(Status::connection_loss));
  rig_->heal(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  // Look whether the write is ours.
  EXPECT_EQ(get(*coordinator, "/value").stat.version, 2);
}

TEST_P(CoordinatorContract, AWatchWhoseReadWasLostIsForgotten) {
  auto coordinator = open();
  create(*coordinator, "/value");
  rig_->lose(*coordinator, Loss::replies);
  int fired = 0;
  int answered = 0;
  const auto answer = [&](Status status, const std::string&, const cluster::ZnodeStat&) {
    EXPECT_EQ(status, Status::connection_loss);
    ++answered;
  };
  coordinator->get(
      "/value", [&] { ++fired; }, answer);
  coordinator->get(
      "/absent", [&] { ++fired; }, answer);
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(run_until([&] { return answered == 2; }));
  rig_->heal(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  set(*coordinator, "/value", "new");
  create(*coordinator, "/absent");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0);
}

TEST_P(CoordinatorContract, AnExpiredSessionIsFollowedByAnother) {
  auto coordinator = open();
  auto observer = open();
  const auto first_id = coordinator->session_id();
  std::vector<std::pair<State, std::int64_t>> told;
  coordinator->on_session_change([&](State state, std::int64_t id) { told.emplace_back(state, id); });
  create(*coordinator, "/value");
  std::vector<std::string> fired;
  get(*coordinator, "/value", [&] { fired.push_back("data"); });
  get(*coordinator, "/absent", [&] { fired.push_back("existence"); });
  children(*coordinator, "/value", [&] { fired.push_back("children"); });

  expire(*coordinator, *observer);
  ASSERT_TRUE(run_until([&] { return !told.empty() && told.back().first == State::connected; }));
  const auto second_id = coordinator->session_id();
  EXPECT_NE(second_id, first_id);
  EXPECT_THAT(told, ElementsAre(std::pair(State::connecting, first_id), std::pair(State::expired, first_id),
                                std::pair(State::connected, second_id)));
  EXPECT_THAT(fired, testing::UnorderedElementsAre("data", "existence", "children"));

  // The watches of the old session are gone, and the new one works.
  set(*coordinator, "/value", "new");
  create(*coordinator, "/absent");
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  EXPECT_EQ(get(*coordinator, "/ephemeral").stat.ephemeral_owner, second_id);
  EXPECT_EQ(fired.size(), 3u);
}

TEST_P(CoordinatorContract, RequestsOfAnExpiredSessionAreAnswered) {
  auto coordinator = open();
  auto observer = open();
  std::vector<Status> while_expired;
  bool in_flight_answered = false;
  coordinator->on_session_change([&](State state, std::int64_t) {
    if (state != State::expired) return;
    EXPECT_TRUE(in_flight_answered) << "an answer of the old session after the news of its end";
    EXPECT_EQ(coordinator->session_state(), State::expired);
    coordinator->create("/old", "", Mode::persistent,
                        [&](Status status, const std::string&) { while_expired.push_back(status); });
    coordinator->get(
        "/", [] { ADD_FAILURE() << "a watch that was never set"; },
        [&](Status status, const std::string&, const cluster::ZnodeStat&) { while_expired.push_back(status); });
  });
  rig_->lose(*coordinator, Loss::replies);
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) {
    EXPECT_EQ(status, Status::connection_loss);
    in_flight_answered = true;
  });
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  rig_->heal(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  expire(*coordinator, *observer);
  ASSERT_TRUE(run_until([&] { return while_expired.size() == 2; }));
  EXPECT_THAT(while_expired, Each(Status::session_expired));
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(get(*coordinator, "/old").status, Status::no_node);
}

TEST_P(CoordinatorContract, ClosingEndsTheSessionAtOnce) {
  auto coordinator = open();
  auto observer = open();
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  bool told = false;
  ASSERT_TRUE(run_until([&] { return get(*observer, "/ephemeral", [&] { told = true; }).status == Status::ok; }));
  EXPECT_TRUE(close(*coordinator));
  EXPECT_TRUE(run_until([&] { return told; }));
  EXPECT_EQ(get(*observer, "/ephemeral").status, Status::no_node);
}

TEST_P(CoordinatorContract, ClosingAnswersWhatIsInFlightFirst) {
  auto coordinator = open();
  auto observer = open();
  create(*coordinator, "/value");
  get(*coordinator, "/value", [] { ADD_FAILURE() << "a watch after the end"; });
  std::vector<std::string> order;
  for (int count = 0; count < 5; ++count)
    coordinator->create("/in-flight-" + std::to_string(count), "", Mode::persistent,
                        [&](Status status, const std::string&) { order.push_back(cluster::to_string(status)); });
  coordinator->close(10'000, [&] { order.push_back("closed"); });
  coordinator->create("/late", "", Mode::persistent, [&](Status status, const std::string&) {
    EXPECT_EQ(status, Status::connection_loss);
    EXPECT_THAT(order, Not(Contains("closed")));
  });
  ASSERT_TRUE(run_until([&] { return !order.empty() && order.back() == "closed"; }));
  EXPECT_THAT(order, ElementsAre("ok", "ok", "ok", "ok", "ok", "closed"));
  coordinator->create("/after", "", Mode::persistent,
                      [](Status, const std::string&) { ADD_FAILURE() << "an answer after the end"; });
  EXPECT_EQ(set(*observer, "/value", "new").status, Status::ok);
  EXPECT_EQ(get(*observer, "/in-flight-4").status, Status::ok);
  EXPECT_EQ(get(*observer, "/late").status, Status::no_node);
  EXPECT_EQ(get(*observer, "/after").status, Status::no_node);
}

TEST_P(CoordinatorContract, ClosingWithoutAConnectionIsBounded) {
  auto coordinator = open();
  rig_->disconnect(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  EXPECT_TRUE(close(*coordinator, 500));
}

TEST_P(CoordinatorContract, ClosingWhileNothingComesBackIsBounded) {
  auto coordinator = open();
  rig_->lose(*coordinator, Loss::replies);
  std::vector<std::string> order;
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) {
    order.push_back(cluster::to_string(status));
  });
  coordinator->close(300, [&] { order.push_back("closed"); });
  ASSERT_TRUE(run_until([&] { return order.size() == 2; }));
  EXPECT_THAT(order, ElementsAre("connection loss", "closed"));
}

TEST_P(CoordinatorContract, NothingIsCalledAfterDestruction) {
  auto coordinator = open();
  auto other = open();
  create(*coordinator, "/value");
  get(*coordinator, "/value", [] { ADD_FAILURE() << "a watch after the end"; });
  for (int count = 0; count < 100; ++count)
    coordinator->set("/value", "new", cluster::any_version,
                     [](Status, const cluster::ZnodeStat&) { ADD_FAILURE() << "an answer after the end"; });
  coordinator.reset();
  round_trip(*other);
}

TEST_P(CoordinatorContract, ACallbackMayDestroyTheCoordinator) {
  auto other = open();
  create(*other, "/value");
  auto coordinator = open();
  bool destroyed = false;
  for (int count = 0; count < 3; ++count)
    coordinator->get("/value", {}, [&](Status, const std::string&, const cluster::ZnodeStat&) {
      EXPECT_FALSE(destroyed);
      destroyed = true;
      coordinator.reset();
    });
  EXPECT_TRUE(run_until([&] { return destroyed; }));

  coordinator = open();
  destroyed = false;
  coordinator->on_session_change([&](State, std::int64_t) {
    destroyed = true;
    coordinator.reset();
  });
  coordinator->get("/value", {}, [](Status, const std::string&, const cluster::ZnodeStat&) {});
  rig_->disconnect(*coordinator);
  EXPECT_TRUE(run_until([&] { return destroyed; }));

  coordinator = open();
  destroyed = false;
  get(*coordinator, "/value", [&] {
    destroyed = true;
    coordinator.reset();
  });
  set(*other, "/value", "new");
  EXPECT_TRUE(run_until([&] { return destroyed; }));

  coordinator = open();
  destroyed = false;
  coordinator->close(10'000, [&] {
    destroyed = true;
    coordinator.reset();
  });
  EXPECT_TRUE(run_until([&] { return destroyed; }));
}

}  // namespace
}  // namespace mqttzoo::support
