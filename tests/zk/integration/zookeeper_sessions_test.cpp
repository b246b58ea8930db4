#include <gmock/gmock.h>

#include "tests/support/coordinator_calls.hpp"
#include "tests/zk/integration/zookeeper_rig.hpp"

namespace mqttzoo::zk {
namespace {

using support::ZooKeeperServers;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

/// What the contract does not speak of: chroot, credentials, the log, names, reaching nobody.
class ZooKeeperSession : public testing::Test, protected support::CoordinatorCalls {
 protected:
  bool run_until(const std::function<bool()>& condition) override { return control_.run_until(condition); }

  std::unique_ptr<ZooKeeperCoordinator> open(const Options& options) {
    return std::make_unique<ZooKeeperCoordinator>(options, control_.poster(), into(lines_));
  }
  std::unique_ptr<ZooKeeperCoordinator> open_connected(const Options& options) {
    auto coordinator = open(options);
    EXPECT_TRUE(wait_for(*coordinator, State::connected));
    return coordinator;
  }
  std::size_t warnings() const {
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [](const auto& line) { return line.first == LogLevel::warning; }));
  }

  support::ControlThread control_;
  LogLines lines_;
};

TEST_F(ZooKeeperSession, CreatesANestedChrootAndStaysBelowIt) {
  const ZooKeeperServers servers;
  const auto below = open_connected(options_for(servers.connect_string() + "/mqtt/north/one"));
  const auto root = open_connected(options_for(servers.connect_string()));
  const auto again = open_connected(options_for(servers.connect_string() + "/mqtt/north/one"));

  EXPECT_EQ(create(*below, "/a", "x").path, "/a");
  EXPECT_EQ(create(*below, "/a/n-", "", Mode::persistent_sequential).path, "/a/n-0000000000");
  const auto done = multi(*below, {creation("/b"), setting("/a", "y", 0)});
  EXPECT_EQ(done.status, Status::ok);
  EXPECT_EQ(done.parts.at(0).created_path, "/b");
  EXPECT_THAT(children(*below, "/").names, testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(get(*root, "/mqtt/north/one/a").data, "y");
  EXPECT_EQ(get(*root, "/a").status, Status::no_node);
  EXPECT_EQ(get(*again, "/a").data, "y");
  int fired = 0;
  get(*again, "/later", [&] { ++fired; });
  create(*root, "/mqtt/north/one/later");
  EXPECT_TRUE(run_until([&] { return fired == 1; }));
}

TEST_F(ZooKeeperSession, TheLargestPacketIsTakenAndNotOneByteMore) {
  const ZooKeeperServers servers;
  const auto coordinator = open_connected(options_for(servers.connect_string() + "/chroot"));
  const auto id = coordinator->session_id();
  const PacketSize size{.chroot_bytes = 7};
  create(*coordinator, "/set");
  const std::string most(packet_bytes_max - size.set(4, 0), 'x');
  EXPECT_EQ(set(*coordinator, "/set", most).status, Status::ok);
  EXPECT_EQ(set(*coordinator, "/set", most + 'x').status, Status::too_large);
  const std::string most_created(packet_bytes_max - size.create(7, 0), 'x');
  EXPECT_EQ(create(*coordinator, "/create", most_created).status, Status::ok);
  EXPECT_EQ(create(*coordinator, "/again", most_created + "xxx").status, Status::too_large);
  Operations operations{setting("/set", ""), check("/create", 0), creation("/multi")};
  operations[2].data.resize(packet_bytes_max - size.multi(operations), 'x');
  EXPECT_EQ(multi(*coordinator, operations).status, Status::ok);
  operations[2].path = "/multx";
  operations[0].data = "x";
  EXPECT_EQ(multi(*coordinator, operations).status, Status::too_large);
  EXPECT_EQ(coordinator->session_id(), id);
  EXPECT_EQ(coordinator->session_state(), State::connected);
}

TEST_F(ZooKeeperSession, WithCredentialsNobodyElseMayTouchAnything) {
  const ZooKeeperServers servers;
  auto options = options_for(servers.connect_string() + "/mqtt/secret");
  options.auth = "broker:pass:word";
  const auto owner = open_connected(options);
  EXPECT_EQ(create(*owner, "/a", "secret").status, Status::ok);
  EXPECT_EQ(multi(*owner, {creation("/b", "secret"), setting("/a", "secret too")}).status, Status::ok);
  EXPECT_EQ(get(*owner, "/a").data, "secret too");

  const auto stranger = open_connected(options_for(servers.connect_string()));
  for (const std::string path : {"/mqtt/secret/a", "/mqtt/secret/b"}) {
    EXPECT_EQ(get(*stranger, path).status, Status::failed);
    EXPECT_EQ(set(*stranger, path, "x").status, Status::failed);
    EXPECT_EQ(remove(*stranger, path), Status::failed);
  }
  EXPECT_EQ(create(*stranger, "/mqtt/secret/c").status, Status::failed);
  EXPECT_EQ(children(*stranger, "/mqtt/secret").status, Status::failed);
  EXPECT_THAT(lines_, Contains(Pair(LogLevel::warning,
                                    AllOf(HasSubstr("cannot read /mqtt/secret/a"), HasSubstr("not authenticated")))));

  const auto same = open_connected(options);
  EXPECT_EQ(get(*same, "/a").data, "secret too");
}

TEST_F(ZooKeeperSession, AChrootThatMayNotBeCreatedIsSaidAndTriedAgain) {
  const ZooKeeperServers servers;
  auto options = options_for(servers.connect_string() + "/mqtt");
  options.auth = "broker:secret";
  const auto owner = open_connected(options);
  const auto stranger = open(options_for(servers.connect_string() + "/mqtt/below"));
  ASSERT_TRUE(run_until([&] { return lines_.back().first == LogLevel::error; }));
  EXPECT_THAT(lines_.back().second, AllOf(HasSubstr("cannot create /mqtt/below"), HasSubstr("not authenticated")));
  EXPECT_EQ(stranger->session_state(), State::connecting);
  create(*owner, "/below");
  EXPECT_TRUE(wait_for(*stranger, State::connected));
}

TEST_F(ZooKeeperSession, SaysOnceThatItReachesNobodyAndConnectsLater) {
  auto servers = std::make_unique<ZooKeeperServers>();
  servers->kill(0);
  auto options = options_for(servers->connect_string());
  options.outage_notice_after_ms = 100;
  const auto coordinator = open(options);
  ASSERT_TRUE(run_until([&] { return !lines_.empty(); }));
  EXPECT_THAT(lines_, ElementsAre(Pair(LogLevel::warning,
                                       AllOf(HasSubstr("cannot reach ZooKeeper at " + servers->connect_string()),
                                             HasSubstr("Connection refused")))));
  EXPECT_EQ(coordinator->session_state(), State::connecting);
  EXPECT_EQ(get(*coordinator, "/").status, Status::connection_loss);
  servers->start(0);
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(lines_.size(), 2u) << "many attempts, one line";
  EXPECT_THAT(lines_.back(), Pair(LogLevel::info, AllOf(HasSubstr("connected to ZooKeeper at 127.0.0.1:"),
                                                        HasSubstr("timeout 2000 ms"))));
}

TEST_F(ZooKeeperSession, RepeatsTheNoticeAtItsInterval) {
  auto options = options_for("127.0.0.1:1");
  options.outage_notice_after_ms = 20;
  options.outage_notice_every_ms = 300;
  const auto started = std::chrono::steady_clock::now();
  const auto coordinator = open(options);
  ASSERT_TRUE(run_until([&] { return warnings() == 3; }));
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(600));
}

TEST_F(ZooKeeperSession, NamesThatDoNotResolveAreTriedAgain) {
  auto options = options_for("nobody.invalid:2181,nobody-either.invalid:2181");
  options.outage_notice_after_ms = 50;
  auto coordinator = open(options);
  ASSERT_TRUE(run_until([&] { return warnings() == 1; }));
  EXPECT_THAT(lines_.back().second, HasSubstr("cannot reach ZooKeeper at nobody.invalid:2181"));
  EXPECT_EQ(coordinator->session_state(), State::connecting);
  EXPECT_TRUE(close(*coordinator, 500));
}

TEST_F(ZooKeeperSession, OneNameThatResolvesIsEnough) {
  const ZooKeeperServers servers;
  const auto coordinator = open_connected(options_for("nobody.invalid:2181," + servers.connect_string()));
  EXPECT_EQ(get(*coordinator, "/").status, Status::ok);
}

TEST_F(ZooKeeperSession, DestroyedWhileItReachesNobody) {
  for (int count = 0; count < 20; ++count) open(options_for("127.0.0.1:1"));
  EXPECT_TRUE(lines_.empty());
}

TEST(ZooKeeperOptions, SenselessOnesStopTheStart) {
  const auto post = [](std::function<void()>) {};
  const auto log = [](LogLevel, std::string_view) {};
  Options options;
  EXPECT_THROW(ZooKeeperCoordinator(options, post, log), std::invalid_argument);
  options.ensemble = ConnectString::parse("127.0.0.1:1");
  options.auth = "no-password";
  EXPECT_THROW(ZooKeeperCoordinator(options, post, log), std::invalid_argument);
  options.auth = "";
  options.requests_in_flight_max = 100'000;
  EXPECT_THROW(ZooKeeperCoordinator(options, post, log), std::invalid_argument);
}

}  // namespace
}  // namespace mqttzoo::zk
