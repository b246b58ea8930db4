#include <gmock/gmock.h>

#include "tests/support/coordinator_contract.hpp"

namespace mqttzoo::support {
namespace {

TEST_P(CoordinatorContract, AWatchTellsOfAChangeOnce) {
  auto coordinator = open();
  create(*coordinator, "/watched");
  int fired = 0;
  get(*coordinator, "/watched", [&] { ++fired; });
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0);
  set(*coordinator, "/watched", "1");
  EXPECT_TRUE(run_until([&] { return fired == 1; }));
  set(*coordinator, "/watched", "2");
  remove(*coordinator, "/watched");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 1);
}

TEST_P(CoordinatorContract, AWatchTellsOfRemoval) {
  auto coordinator = open();
  create(*coordinator, "/watched");
  int data = 0;
  int below = 0;
  get(*coordinator, "/watched", [&] { ++data; });
  children(*coordinator, "/watched", [&] { ++below; });
  remove(*coordinator, "/watched");
  EXPECT_TRUE(run_until([&] { return data == 1 && below == 1; }));
  create(*coordinator, "/watched");
  round_trip(*coordinator);
  EXPECT_EQ(data, 1);
  EXPECT_EQ(below, 1);
}

TEST_P(CoordinatorContract, AWatchOnNothingTellsOfCreation) {
  auto coordinator = open();
  int fired = 0;
  EXPECT_EQ(get(*coordinator, "/later", [&] { ++fired; }).status, Status::no_node);
  create(*coordinator, "/other");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0);
  create(*coordinator, "/later");
  EXPECT_TRUE(run_until([&] { return fired == 1; }));
  set(*coordinator, "/later", "changed");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 1);
}

TEST_P(CoordinatorContract, AWatchOnChildrenTellsOfChildrenOnly) {
  auto coordinator = open();
  create(*coordinator, "/parent");
  create(*coordinator, "/parent/old");
  int fired = 0;
  children(*coordinator, "/parent", [&] { ++fired; });
  set(*coordinator, "/parent", "changed");
  set(*coordinator, "/parent/old", "changed");
  create(*coordinator, "/parent/old/below");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0);
  create(*coordinator, "/parent/new");
  EXPECT_TRUE(run_until([&] { return fired == 1; }));
  children(*coordinator, "/parent", [&] { ++fired; });
  remove(*coordinator, "/parent/new");
  EXPECT_TRUE(run_until([&] { return fired == 2; }));
}

TEST_P(CoordinatorContract, NoWatchOnTheChildrenOfNothing) {
  auto coordinator = open();
  int fired = 0;
  EXPECT_EQ(children(*coordinator, "/later", [&] { ++fired; }).status, Status::no_node);
  create(*coordinator, "/later");
  create(*coordinator, "/later/child");
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0);
}

TEST_P(CoordinatorContract, EachWatchOnAPathIsTold) {
  auto coordinator = open();
  auto other = open();
  create(*coordinator, "/watched");
  ASSERT_TRUE(run_until([&] { return get(*other, "/watched").status == Status::ok; }));
  int first = 0;
  int second = 0;
  int of_another_session = 0;
  get(*coordinator, "/watched", [&] { ++first; });
  get(*coordinator, "/watched", [&] { ++second; });
  get(*other, "/watched", [&] { ++of_another_session; });
  set(*coordinator, "/watched", "changed");
  EXPECT_TRUE(run_until([&] { return first == 1 && second == 1 && of_another_session == 1; }));
}

TEST_P(CoordinatorContract, AMultiFiresTheWatchesOfItsParts) {
  auto coordinator = open();
  create(*coordinator, "/a");
  create(*coordinator, "/b");
  int fired = 0;
  get(*coordinator, "/a", [&] { ++fired; });
  children(*coordinator, "/b", [&] { ++fired; });
  get(*coordinator, "/c", [&] { ++fired; });
  multi(*coordinator, {setting("/a", "x"), check("/c", 1)});
  round_trip(*coordinator);
  EXPECT_EQ(fired, 0) << "nothing happened";
  multi(*coordinator, {setting("/a", "x"), creation("/b/child"), creation("/c")});
  EXPECT_TRUE(run_until([&] { return fired == 3; }));
}

TEST_P(CoordinatorContract, AChangeIsToldBeforeItIsRead) {
  auto writer = open();
  auto reader = open();
  create(*writer, "/value", "0");
  ASSERT_TRUE(run_until([&] { return get(*reader, "/value").status == Status::ok; }));
  for (int round = 1; round <= 20; ++round) {
    bool told = false;
    const auto before = get(*reader, "/value", [&] { told = true; }).data;
    bool written = false;
    writer->set("/value", std::to_string(round), cluster::any_version,
                [&](Status, const cluster::ZnodeStat&) { written = true; });
    std::string seen = before;
    while (seen == before) {
      const auto value = get(*reader, "/value");
      ASSERT_EQ(value.status, Status::ok);
      seen = value.data;
    }
    EXPECT_TRUE(told) << "round " << round;
    ASSERT_TRUE(run_until([&] { return written; }));
  }
}

TEST_P(CoordinatorContract, AWatchThatReadsAgainSeesTheLastValue) {
  auto writer = open();
  auto reader = open();
  create(*writer, "/value", "0");
  ASSERT_TRUE(run_until([&] { return get(*reader, "/value").status == Status::ok; }));
  std::string seen;
  std::function<void()> follow = [&] {
    reader->get(
        "/value", [&] { follow(); },
        [&](Status, std::string data, const cluster::ZnodeStat&) { seen = std::move(data); });
  };
  follow();
  for (int value = 1; value <= 100; ++value)
    writer->set("/value", std::to_string(value), cluster::any_version, [](Status, const cluster::ZnodeStat&) {});
  EXPECT_TRUE(run_until([&] { return seen == "100"; }));
}

TEST_P(CoordinatorContract, WatchesOutliveAConnection) {
  auto coordinator = open();
  auto other = open();
  for (const auto* path : {"/changed", "/same", "/removed", "/parent", "/parent-same"}) create(*coordinator, path);
  const auto id = coordinator->session_id();
  std::set<std::string> fired;
  for (const std::string path : {"/changed", "/same", "/removed", "/created", "/absent"})
    get(*coordinator, path, [&fired, path] { fired.insert(path); });
  for (const std::string path : {"/parent", "/parent-same"})
    children(*coordinator, path, [&fired, path] { fired.insert(path); });

  rig_->disconnect(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connecting));
  set(*other, "/changed", "new");
  remove(*other, "/removed");
  create(*other, "/created");
  create(*other, "/parent/child");
  set(*other, "/parent-same", "new");
  rig_->heal(*coordinator);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(coordinator->session_id(), id);
  round_trip(*coordinator);
  EXPECT_THAT(fired, testing::ElementsAre("/changed", "/created", "/parent", "/removed"));

  // The others are still set.
  set(*other, "/same", "new");
  create(*other, "/absent");
  create(*other, "/parent-same/child");
  EXPECT_TRUE(run_until([&] { return fired.size() == 7; }));
}

}  // namespace
}  // namespace mqttzoo::support
