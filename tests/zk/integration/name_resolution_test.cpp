// The C client resolves names by itself; here it is given answers of our own, in place of the C library's.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <netdb.h>

#include <atomic>
#include <chrono>
#include <mutex>

#include "tests/support/coordinator_calls.hpp"
#include "tests/zk/integration/zookeeper_rig.hpp"

namespace {

constexpr std::string_view test_name = "ensemble.test";
std::mutex address_mutex;
std::string address_of_test_name;  // empty: it does not resolve
std::atomic<int> lookups = 0;

}  // namespace

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (node == nullptr || node != test_name) return real(node, service, hints, found);
  ++lookups;
  const std::lock_guard lock(address_mutex);
  return address_of_test_name.empty() ? EAI_NONAME : real(address_of_test_name.c_str(), service, hints, found);
}

namespace mqttzoo::zk {
namespace {

using support::ZooKeeperServers;
using testing::HasSubstr;

class NameResolution : public testing::Test, protected support::CoordinatorCalls {
 protected:
  bool run_until(const std::function<bool()>& condition) override { return control_.run_until(condition); }

  static void resolve_to(const std::string& address) {
    const std::lock_guard lock(address_mutex);
    address_of_test_name = address;
    lookups = 0;
  }
  std::unique_ptr<ZooKeeperCoordinator> open() {
    auto options = options_for(std::string(test_name) + ':' + std::to_string(servers_.port(0)));
    options.outage_notice_after_ms = 50;
    return std::make_unique<ZooKeeperCoordinator>(options, control_.poster(), into(lines_));
  }

  ZooKeeperServers servers_;
  support::ControlThread control_;
  LogLines lines_;
};

TEST_F(NameResolution, ANameMayBeginToExistLater) {
  resolve_to("");
  const auto coordinator = open();
  ASSERT_TRUE(run_until([&] { return !lines_.empty() && lookups >= 3; }));
  EXPECT_THAT(lines_.front().second, HasSubstr("Name or service not known"));
  resolve_to("127.0.0.1");
  EXPECT_TRUE(wait_for(*coordinator, State::connected));
}

TEST_F(NameResolution, AServerMayMoveToAnotherAddress) {
  resolve_to("127.0.0.9");  // nobody listens there
  const auto coordinator = open();
  ASSERT_TRUE(run_until([&] { return !lines_.empty(); }));
  EXPECT_THAT(lines_.front().second, HasSubstr("127.0.0.9"));
  resolve_to("127.0.0.1");
  EXPECT_TRUE(wait_for(*coordinator, State::connected));
}

TEST_F(NameResolution, NamesAreNotResolvedForEachPacket) {
  resolve_to("127.0.0.1");
  const auto coordinator = open();
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  for (int count = 0; count < 200; ++count) round_trip(*coordinator);
  EXPECT_LT(lookups, 20);
}

TEST_F(NameResolution, ANameThatVanishesIsNotAskedForWithoutAPause) {
  resolve_to("127.0.0.1");
  const auto coordinator = open();
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  const auto id = coordinator->session_id();
  servers_.freeze(0);
  std::optional<Status> answer;
  coordinator->get("/", {}, [&](Status status, const std::string&, const cluster::ZnodeStat&) { answer = status; });
  resolve_to("");
  const auto vanished = std::chrono::steady_clock::now();
  servers_.kill(0);
  ASSERT_TRUE(run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(answer, Status::connection_loss);
  ASSERT_TRUE(run_until([&] { return lookups >= 30; }));
  EXPECT_GE(std::chrono::steady_clock::now() - vanished, std::chrono::seconds(1));
  servers_.start(0);
  resolve_to("127.0.0.1");
  ASSERT_TRUE(wait_for(*coordinator, State::connected));
  EXPECT_EQ(coordinator->session_id(), id);
}

}  // namespace
}  // namespace mqttzoo::zk
