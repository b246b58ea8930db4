#include <gmock/gmock.h>

#include <numeric>

#include "tests/support/coordinator_contract.hpp"

namespace mqttzoo::support {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST_P(CoordinatorContract, ConnectsAndSaysSo) {
  auto coordinator = rig_->open(100);
  std::vector<std::pair<State, std::int64_t>> told;
  coordinator->on_session_change([&](State state, std::int64_t id) { told.emplace_back(state, id); });
  EXPECT_EQ(coordinator->session_state(), State::connecting);
  EXPECT_EQ(coordinator->session_id(), 0);
  EXPECT_EQ(coordinator->session_timeout_ms(), 0);
  ASSERT_TRUE(run_until([&] { return !told.empty(); }));
  EXPECT_EQ(coordinator->session_state(), State::connected);
  EXPECT_NE(coordinator->session_id(), 0);
  EXPECT_GT(coordinator->session_timeout_ms(), 0);
  EXPECT_THAT(told, ElementsAre(std::pair(State::connected, coordinator->session_id())));
}

TEST_P(CoordinatorContract, BeforeTheConnectionNothingIsSent) {
  auto coordinator = rig_->open(100);
  EXPECT_EQ(create(*coordinator, "/early").status, Status::connection_loss);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(get(*coordinator, "/early").status, Status::no_node);
}

TEST_P(CoordinatorContract, CreatesReadsChangesAndRemoves) {
  auto coordinator = open();
  const auto created = create(*coordinator, "/node", "one");
  EXPECT_EQ(created.status, Status::ok);
  EXPECT_EQ(created.path, "/node");
  const auto first = get(*coordinator, "/node");
  EXPECT_EQ(first.status, Status::ok);
  EXPECT_EQ(first.data, "one");
  EXPECT_EQ(first.stat.version, 0);
  EXPECT_EQ(first.stat.ephemeral_owner, 0);
  EXPECT_EQ(first.stat.created_zxid, first.stat.modified_zxid);

  const auto changed = set(*coordinator, "/node", "two", 0);
  EXPECT_EQ(changed.status, Status::ok);
  EXPECT_EQ(changed.stat.version, 1);
  EXPECT_EQ(changed.stat.created_zxid, first.stat.created_zxid);
  EXPECT_GT(changed.stat.modified_zxid, first.stat.modified_zxid);
  EXPECT_GE(changed.stat.modified_time_ms, first.stat.modified_time_ms);
  const auto second = get(*coordinator, "/node");
  EXPECT_EQ(second.data, "two");
  EXPECT_EQ(second.stat.version, 1);
  EXPECT_EQ(second.stat.modified_zxid, changed.stat.modified_zxid);
  EXPECT_EQ(second.stat.modified_time_ms, changed.stat.modified_time_ms);

  EXPECT_EQ(remove(*coordinator, "/node", 1), Status::ok);
  EXPECT_EQ(get(*coordinator, "/node").status, Status::no_node);
}

TEST_P(CoordinatorContract, AnyBytesAreData) {
  auto coordinator = open();
  std::string bytes(256, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  create(*coordinator, "/bytes", bytes);
  create(*coordinator, "/none", "");
  EXPECT_EQ(get(*coordinator, "/bytes").data, bytes);
  const auto none = get(*coordinator, "/none");
  EXPECT_EQ(none.status, Status::ok);
  EXPECT_EQ(none.data, "");
  set(*coordinator, "/bytes", "");
  EXPECT_EQ(get(*coordinator, "/bytes").data, "");
}

TEST_P(CoordinatorContract, NamesWhatWentWrong) {
  auto coordinator = open();
  ASSERT_EQ(create(*coordinator, "/a").status, Status::ok);
  ASSERT_EQ(create(*coordinator, "/a/b").status, Status::ok);
  EXPECT_EQ(get(*coordinator, "/x").status, Status::no_node);
  EXPECT_EQ(children(*coordinator, "/x").status, Status::no_node);
  EXPECT_EQ(set(*coordinator, "/x", "").status, Status::no_node);
  EXPECT_EQ(remove(*coordinator, "/x"), Status::no_node);
  EXPECT_EQ(create(*coordinator, "/x/y").status, Status::no_node);
  EXPECT_EQ(create(*coordinator, "/a").status, Status::node_exists);
  EXPECT_EQ(set(*coordinator, "/a", "", 7).status, Status::bad_version);
  EXPECT_EQ(remove(*coordinator, "/a/b", 7), Status::bad_version);
  EXPECT_EQ(remove(*coordinator, "/a"), Status::not_empty);
}

TEST_P(CoordinatorContract, RefusesWhatIsNoPath) {
  auto coordinator = open();
  for (const std::string path : {"", "x", "/x/", "//", "/a//b", "/./a", "/a/..", "/a\x01"}) {
    EXPECT_EQ(get(*coordinator, path).status, Status::failed) << path;
    EXPECT_EQ(children(*coordinator, path).status, Status::failed) << path;
    EXPECT_EQ(create(*coordinator, path).status, Status::failed) << path;
    EXPECT_EQ(set(*coordinator, path, "").status, Status::failed) << path;
    EXPECT_EQ(remove(*coordinator, path), Status::failed) << path;
    EXPECT_EQ(multi(*coordinator, {creation("/good"), creation(path)}).status, Status::failed) << path;
  }
  EXPECT_EQ(get(*coordinator, "/good").status, Status::no_node);
}

TEST_P(CoordinatorContract, TheRootCanBeRead) {
  auto coordinator = open();
  EXPECT_EQ(get(*coordinator, "/").status, Status::ok);
  create(*coordinator, "/a");
  EXPECT_THAT(children(*coordinator, "/").names, testing::Contains("a"));
}

TEST_P(CoordinatorContract, ListsChildren) {
  auto coordinator = open();
  create(*coordinator, "/list");
  EXPECT_THAT(children(*coordinator, "/list").names, IsEmpty());
  create(*coordinator, "/list/b");
  create(*coordinator, "/list/a");
  create(*coordinator, "/list/a/deeper");
  EXPECT_THAT(children(*coordinator, "/list").names, UnorderedElementsAre("a", "b"));
}

TEST_P(CoordinatorContract, SequenceNumbersGrow) {
  auto coordinator = open();
  create(*coordinator, "/changes");
  std::vector<std::string> paths;
  for (int count = 0; count < 3; ++count)
    paths.push_back(create(*coordinator, "/changes/change-", "", Mode::persistent_sequential).path);
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
  EXPECT_EQ(paths[0], "/changes/change-0000000000");
  EXPECT_LT(paths[1], paths[2]);
  remove(*coordinator, paths[2]);
  EXPECT_GT(create(*coordinator, "/changes/change-", "", Mode::persistent_sequential).path, paths[2]);
}

TEST_P(CoordinatorContract, EphemeralsBelongToTheSession) {
  auto coordinator = open();
  create(*coordinator, "/ephemeral", "", Mode::ephemeral);
  EXPECT_EQ(get(*coordinator, "/ephemeral").stat.ephemeral_owner, coordinator->session_id());
  EXPECT_EQ(create(*coordinator, "/ephemeral/child").status, Status::failed);
}

TEST_P(CoordinatorContract, AMultiIsCarriedOutAsAWhole) {
  auto coordinator = open();
  create(*coordinator, "/set", "old");
  create(*coordinator, "/gone");
  create(*coordinator, "/numbered");
  const auto done = multi(
      *coordinator, {check("/set", 0), creation("/new", "x"), creation("/new/below", "y"), setting("/set", "new", 0),
                     removal("/gone"), creation("/numbered/n-", "", Mode::persistent_sequential)});
  EXPECT_EQ(done.status, Status::ok);
  ASSERT_THAT(done.parts, SizeIs(6));
  EXPECT_THAT(done.statuses(), Each(Status::ok));
  EXPECT_EQ(done.parts[1].created_path, "/new");
  EXPECT_EQ(done.parts[3].stat.version, 1);
  EXPECT_EQ(done.parts[5].created_path, "/numbered/n-0000000000");
  EXPECT_EQ(get(*coordinator, "/new/below").data, "y");
  const auto set_node = get(*coordinator, "/set");
  EXPECT_EQ(set_node.data, "new");
  EXPECT_EQ(set_node.stat.modified_zxid, done.parts[3].stat.modified_zxid);
  EXPECT_EQ(set_node.stat.modified_zxid, get(*coordinator, "/new").stat.created_zxid);
  EXPECT_EQ(get(*coordinator, "/gone").status, Status::no_node);
}

TEST_P(CoordinatorContract, AMultiWithAPartThatFailsDoesNothing) {
  auto coordinator = open();
  create(*coordinator, "/set", "old");
  const auto refused = multi(
      *coordinator, {creation("/new"), setting("/set", "new"), check("/set", 5), removal("/set"), creation("/more")});
  EXPECT_EQ(refused.status, Status::bad_version);
  EXPECT_THAT(refused.statuses(),
              ElementsAre(Status::ok, Status::ok, Status::bad_version, Status::not_tried, Status::not_tried));
  EXPECT_EQ(get(*coordinator, "/new").status, Status::no_node);
  EXPECT_EQ(get(*coordinator, "/set").data, "old");
  EXPECT_EQ(get(*coordinator, "/set").stat.version, 0);

  const auto missing = multi(*coordinator, {check("/absent", cluster::any_version)});
  EXPECT_EQ(missing.status, Status::no_node);
  EXPECT_THAT(missing.statuses(), ElementsAre(Status::no_node));
  EXPECT_EQ(multi(*coordinator, {creation("/set"), creation("/more")}).status, Status::node_exists);
  EXPECT_EQ(multi(*coordinator, {creation("/a"), creation("/a/b"), removal("/a")}).status, Status::not_empty);
}

TEST_P(CoordinatorContract, APartSeesWhatThePartsBeforeDid) {
  auto coordinator = open();
  const auto done = multi(*coordinator, {creation("/n", "1"), check("/n", 0), setting("/n", "2", 0), check("/n", 1),
                                         removal("/n", 1), creation("/n", "3")});
  EXPECT_EQ(done.status, Status::ok);
  EXPECT_EQ(get(*coordinator, "/n").data, "3");
  EXPECT_EQ(get(*coordinator, "/n").stat.version, 0);
}

TEST_P(CoordinatorContract, AMultiOfChecksAlone) {
  auto coordinator = open();
  create(*coordinator, "/checked");
  EXPECT_EQ(multi(*coordinator, {check("/checked", 0)}).status, Status::ok);
  EXPECT_EQ(multi(*coordinator, {check("/checked", 1)}).status, Status::bad_version);
}

TEST_P(CoordinatorContract, WhatIsTooLargeIsNotSent) {
  auto coordinator = open();
  const zk::PacketSize size;
  create(*coordinator, "/large");
  const auto room = zk::packet_bytes_max - size.set(6, 0);
  EXPECT_EQ(set(*coordinator, "/large", std::string(room + 100, 'x')).status, Status::too_large);
  EXPECT_EQ(create(*coordinator, "/more", std::string(zk::packet_bytes_max, 'x')).status, Status::too_large);
  const auto refused = multi(*coordinator, {setting("/large", std::string(room / 2, 'x')),
                                            setting("/large", std::string(room / 2 + 100, 'y'))});
  EXPECT_EQ(refused.status, Status::too_large);
  EXPECT_THAT(refused.statuses(), ElementsAre(Status::too_large, Status::too_large));
  EXPECT_EQ(get(*coordinator, "/large").stat.version, 0);
  EXPECT_EQ(coordinator->session_state(), State::connected);
  // 900 KiB is what the design promises for a retained value.
  EXPECT_EQ(set(*coordinator, "/large", std::string(900 * 1'024, 'z')).status, Status::ok);
  EXPECT_THAT(get(*coordinator, "/large").data, SizeIs(900 * 1'024));
}

TEST_P(CoordinatorContract, AnswersComeInTheOrderOfTheRequests) {
  auto coordinator = open();
  create(*coordinator, "/order");
  std::vector<int> answered;
  int requests = 0;
  const auto next = [&] { return [&answered, number = requests++] { answered.push_back(number); }; };
  const auto value = [&] { return [told = next()](Status, const std::string&, const cluster::ZnodeStat&) { told(); }; };
  for (int round = 0; round < 20; ++round) {
    coordinator->set("/order", std::to_string(round), cluster::any_version,
                     [told = next()](Status, const cluster::ZnodeStat&) { told(); });
    coordinator->get("/order", {}, value());
    coordinator->get(
        "/missing" + std::to_string(round), [] {}, value());  // a watch for its creation
    coordinator->children("/order", {}, [told = next()](Status, const std::vector<std::string>&) { told(); });
    coordinator->create("/order/c", "", Mode::persistent, [told = next()](Status, const std::string&) { told(); });
    coordinator->multi({setting("/order", "m")},
                       [told = next()](Status, const std::vector<cluster::MultiResult>&) { told(); });
    coordinator->remove("/order/c", cluster::any_version, [told = next()](Status) { told(); });
  }
  EXPECT_TRUE(answered.empty()) << "called back from inside a call";
  ASSERT_TRUE(run_until([&] { return answered.size() == static_cast<std::size_t>(requests); }));
  EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end()));
}

TEST_P(CoordinatorContract, RequestsInFlightAreBounded) {
  auto coordinator = open(3);
  create(*coordinator, "/bounded");
  std::vector<Status> answers;
  for (int count = 0; count < 5; ++count)
    coordinator->set("/bounded", "", cluster::any_version,
                     [&](Status status, const cluster::ZnodeStat&) { answers.push_back(status); });
  ASSERT_TRUE(run_until([&] { return answers.size() == 5; }));
  EXPECT_EQ(std::count(answers.begin(), answers.end(), Status::ok), 3);
  EXPECT_EQ(std::count(answers.begin(), answers.end(), Status::connection_loss), 2);
  EXPECT_EQ(get(*coordinator, "/bounded").stat.version, 3);
}

TEST_P(CoordinatorContract, OneSessionReadsWhatAnotherWrote) {
  auto writer = open();
  auto reader = open();
  EXPECT_NE(writer->session_id(), reader->session_id());
  create(*writer, "/shared", "value");
  EXPECT_TRUE(run_until([&] { return get(*reader, "/shared").data == "value"; }));
}

}  // namespace
}  // namespace mqttzoo::support
