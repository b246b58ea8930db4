#include "tests/support/fake_ensemble.hpp"

#include <gmock/gmock.h>

#include "tests/support/coordinator_calls.hpp"

namespace mqttzoo::support {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What the fake does beyond the contract: its clock, its faults, and how stale it lets a server be.
class FakeEnsembleTest : public testing::Test, protected CoordinatorCalls {
 protected:
  bool run_until(const std::function<bool()>& condition) override {
    while (!condition())
      if (!ensemble_.run_next()) return false;
    return true;
  }

  std::unique_ptr<FakeCoordinator> open(int server = 0, std::int32_t timeout_ms = 1'000) {
    auto coordinator = ensemble_.open({.timeout_ms = timeout_ms, .server = server});
    EXPECT_TRUE(wait_for(*coordinator, State::connected));
    return coordinator;
  }
  void advance_by(std::int64_t ms) { ensemble_.advance_to(ensemble_.now_ms() + ms); }

  FakeEnsemble ensemble_{{.servers = 3, .latency_ms = [] { return std::int64_t{5}; }}};
};

TEST_F(FakeEnsembleTest, TimePassesOnlyWhenItIsTold) {
  auto coordinator = open();
  const auto asked_ms = ensemble_.now_ms();
  std::optional<std::int64_t> answered_ms;
  coordinator->create("/a", "", Mode::persistent,
                      [&](Status, const std::string&) { answered_ms = ensemble_.now_ms(); });
  EXPECT_EQ(ensemble_.next_event_ms(), asked_ms + 5);
  ensemble_.advance_to(asked_ms + 9);
  EXPECT_EQ(ensemble_.data("/a"), "");
  EXPECT_FALSE(answered_ms);
  ensemble_.advance_to(asked_ms + 10);
  EXPECT_EQ(answered_ms, asked_ms + 10);
}

TEST_F(FakeEnsembleTest, TimeStampsFollowTheWallClock) {
  auto coordinator = open();
  create(*coordinator, "/a");
  const auto created = get(*coordinator, "/a").stat;
  advance_by(1'000);
  const auto changed = set(*coordinator, "/a", "").stat;
  EXPECT_GE(changed.modified_time_ms, created.modified_time_ms + 1'000);
  ensemble_.step_wall_clock(-3'600'000);
  EXPECT_LT(set(*coordinator, "/a", "").stat.modified_time_ms, created.modified_time_ms);
}

TEST_F(FakeEnsembleTest, AServerThatLagsAnswersWithWhatItHas) {
  auto ahead = open(0);
  auto behind = open(1);
  create(*ahead, "/a", "old");
  ASSERT_EQ(get(*behind, "/a").data, "old");
  ensemble_.set_apply_delay_ms(1, 200);
  bool told = false;
  get(*behind, "/a", [&] { told = true; });
  set(*ahead, "/a", "new");
  EXPECT_EQ(get(*ahead, "/a").data, "new");
  EXPECT_EQ(get(*behind, "/a").data, "old") << "a stale read";
  EXPECT_FALSE(told);
  advance_by(200);
  EXPECT_TRUE(told);
  EXPECT_EQ(get(*behind, "/a").data, "new");
}

TEST_F(FakeEnsembleTest, AWriteBringsItsSessionUpToDate) {
  auto ahead = open(0);
  auto behind = open(1);
  create(*ahead, "/a", "old");
  create(*ahead, "/mine");
  ensemble_.set_apply_delay_ms(1, 200);
  set(*ahead, "/a", "new");
  bool told = false;
  std::string read;
  behind->get(
      "/a", [&] { told = true; }, [](Status, const std::string&, const cluster::ZnodeStat&) {});
  const auto asked_ms = ensemble_.now_ms();
  EXPECT_EQ(set(*behind, "/mine", "x").status, Status::ok);
  EXPECT_GE(ensemble_.now_ms(), asked_ms + 200) << "answered by its own server";
  EXPECT_TRUE(told) << "before the answer";
  EXPECT_EQ(get(*behind, "/a").data, "new");
  // A write that fails synchronises as well.
  set(*ahead, "/a", "newer");
  EXPECT_EQ(set(*behind, "/mine", "x", 77).status, Status::bad_version);
  EXPECT_EQ(get(*behind, "/a").data, "newer");
}

TEST_F(FakeEnsembleTest, AnExpirySeenByTheEnsembleComesFirst) {
  auto coordinator = open();
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  const auto id = coordinator->session_id();
  std::vector<std::string> order;
  coordinator->on_session_change([&](State state, std::int64_t) {
    order.push_back(state == State::connected ? "connected" : state == State::expired ? "expired" : "connecting");
  });
  get(*coordinator, "/ephemeral", [&] { order.push_back("watch"); });
  ensemble_.expire(*coordinator);
  EXPECT_FALSE(ensemble_.session_alive(id));
  EXPECT_EQ(ensemble_.data("/ephemeral"), std::nullopt);
  EXPECT_EQ(coordinator->session_state(), State::connected) << "it has not heard yet";
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) {
    order.push_back(cluster::to_string(status));
  });
  ASSERT_TRUE(run_until([&] { return coordinator->session_id() != id; }));
  EXPECT_THAT(order, ElementsAre("connecting", "connection loss", "expired", "watch", "connected"));
}

TEST_F(FakeEnsembleTest, ACutLongerThanTheTimeoutEndsTheSession) {
  auto coordinator = open(0, 1'000);
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  const auto id = coordinator->session_id();
  ensemble_.cut(*coordinator, Loss::requests);
  advance_by(999);
  EXPECT_TRUE(ensemble_.session_alive(id));
  EXPECT_EQ(coordinator->session_state(), State::connecting);
  advance_by(1);
  EXPECT_FALSE(ensemble_.session_alive(id));
  advance_by(60'000);
  EXPECT_EQ(coordinator->session_state(), State::connecting) << "only the ensemble can tell it";
  ensemble_.heal(*coordinator);
  EXPECT_TRUE(wait_for(*coordinator, State::expired));
  EXPECT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_NE(coordinator->session_id(), id);
}

TEST_F(FakeEnsembleTest, ACutShorterThanTheTimeoutEndsNothing) {
  auto coordinator = open(0, 1'000);
  const auto id = coordinator->session_id();
  for (int count = 0; count < 5; ++count) {
    ensemble_.cut(*coordinator, Loss::requests);
    advance_by(900);
    ensemble_.heal(*coordinator);
    ASSERT_TRUE(wait_for(*coordinator, State::connected));
  }
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_TRUE(ensemble_.session_alive(id));
}

TEST_F(FakeEnsembleTest, WhatIsLostDependsOnTheCut) {
  for (const auto loss : {Loss::requests, Loss::replies}) {
    auto coordinator = open();
    const std::string path = loss == Loss::requests ? "/requests" : "/replies";
    create(*coordinator, path);
    std::vector<Status> answers;
    const auto write = [&](const std::string& data) {
      coordinator->set(path, data, cluster::any_version,
                       [&](Status status, const cluster::ZnodeStat&) { answers.push_back(status); });
    };
    write("under way");
    ensemble_.cut(*coordinator, loss, 300);
    advance_by(100);
    write("after the cut");
    advance_by(100);
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_EQ(ensemble_.data(path), loss == Loss::requests ? "" : "after the cut");
    advance_by(100);
    EXPECT_THAT(answers, ElementsAre(Status::connection_loss, Status::connection_loss));
    write("while connecting");
    advance_by(100);
    EXPECT_EQ(ensemble_.data(path), loss == Loss::requests ? "" : "after the cut");
  }
}

TEST_F(FakeEnsembleTest, WithoutAQuorumChangesWait) {
  auto writer = open();
  auto reader = open(1);
  create(*writer, "/a", "old");
  ensemble_.set_quorum(false);
  std::vector<std::string> order;
  writer->set("/a", "new", 0, [&](Status status, const cluster::ZnodeStat&) { order.push_back(to_string(status)); });
  writer->get("/a", {}, [&](Status, std::string data, const cluster::ZnodeStat&) { order.push_back(std::move(data)); });
  auto late = ensemble_.open();
  ensemble_.cut(*reader, Loss::requests);
  const auto id = reader->session_id();
  advance_by(10'000);
  EXPECT_THAT(order, IsEmpty()) << "the read waits behind the write of its session";
  EXPECT_EQ(late->session_state(), State::connecting);
  EXPECT_TRUE(ensemble_.session_alive(id)) << "to end it is a change";
  ensemble_.set_quorum(true);
  ensemble_.heal(*reader);
  advance_by(200);
  EXPECT_THAT(order, ElementsAre("ok", "new"));
  EXPECT_EQ(late->session_state(), State::connected);
  EXPECT_EQ(reader->session_id(), id);
}

TEST_F(FakeEnsembleTest, WithoutAQuorumReadsAreAnswered) {
  auto coordinator = open();
  create(*coordinator, "/a", "value");
  ensemble_.set_quorum(false);
  EXPECT_EQ(get(*coordinator, "/a").data, "value");
}

TEST_F(FakeEnsembleTest, APauseHoldsEverythingAndThenGoesOnInOrder) {
  auto coordinator = open(0, 1'000);
  create(*coordinator, "/a");
  const auto id = coordinator->session_id();
  ensemble_.pause();
  std::vector<std::string> order;
  coordinator->set("/a", "1", 0, [&](Status status, const cluster::ZnodeStat&) { order.push_back(to_string(status)); });
  coordinator->get("/a", {}, [&](Status, std::string data, const cluster::ZnodeStat&) { order.push_back(data); });
  advance_by(500);
  EXPECT_THAT(order, IsEmpty());
  ensemble_.resume();
  advance_by(20);
  EXPECT_THAT(order, ElementsAre("ok", "1"));

  ensemble_.pause();
  coordinator->set("/a", "2", 1, [&](Status status, const cluster::ZnodeStat&) { order.push_back(to_string(status)); });
  advance_by(700);
  EXPECT_EQ(coordinator->session_state(), State::connecting) << "two thirds of its timeout have passed";
  EXPECT_EQ(order.back(), "connection loss");
  advance_by(10'000);
  ensemble_.resume();
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_EQ(get(*coordinator, "/a").data, "2") << "it was under way, and arrived";
}

TEST_F(FakeEnsembleTest, DestroyedWithoutAnEndIsAKilledProcess) {
  auto coordinator = open(0, 1'000);
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  coordinator->create("/last-words", "", Mode::persistent,
                      [](Status, const std::string&) { ADD_FAILURE() << "told to a dead process"; });
  coordinator.reset();
  advance_by(900);
  EXPECT_TRUE(ensemble_.data("/ephemeral"));
  EXPECT_TRUE(ensemble_.data("/last-words"));
  advance_by(100);
  EXPECT_FALSE(ensemble_.data("/ephemeral"));
}

TEST_F(FakeEnsembleTest, ADroppedConnectionIsBackSoon) {
  auto coordinator = open();
  const auto id = coordinator->session_id();
  for (int count = 0; count < 3; ++count) {
    ensemble_.drop(*coordinator, Loss::replies);
    ASSERT_TRUE(wait_for(*coordinator, State::connecting));
    const auto dropped_ms = ensemble_.now_ms();
    ASSERT_TRUE(wait_for(*coordinator, State::connected));
    EXPECT_LE(ensemble_.now_ms(), dropped_ms + 100);
  }
  EXPECT_EQ(coordinator->session_id(), id);
}

TEST_F(FakeEnsembleTest, ACutWhileTheConnectionIsMadeIsNotForgotten) {
  for (std::int64_t after_ms = 0; after_ms < 20; ++after_ms) {
    auto coordinator = ensemble_.open();
    advance_by(after_ms);
    ensemble_.cut(*coordinator, Loss::replies);
    advance_by(300);
    EXPECT_NE(coordinator->session_state(), State::connected);
    ensemble_.heal(*coordinator);
    EXPECT_TRUE(wait_for(*coordinator, State::connected)) << after_ms;
    EXPECT_EQ(create(*coordinator, "/n" + std::to_string(after_ms)).status, Status::ok);
  }
}

}  // namespace
}  // namespace mqttzoo::support
