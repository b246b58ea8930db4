#include "broker/net/listening_socket.hpp"

#include <gmock/gmock.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "broker/net/clock.hpp"

namespace mqttzoo::net {
namespace {

struct SilentEvents final : NetEvents {
  void client_ended(const core::ConnectionEnd&) override {}
  void client_turned_away(const std::string&, std::string_view) override {}
  void peer_refused(const std::string&, std::string_view) override {}
  void peer_link(const std::string&, bool, std::string_view) override {}
  void accepting(bool, std::string_view) override {}
};

struct ListeningSocketTest : testing::Test {
  /// A client that connects to the first address of a new listener, as the listener accepts it.
  UniqueFd accepted_by(const SocketOptions& options) {
    sockets = listen_on(io, loopback_addresses(0), events, counters, options);
    std::optional<UniqueFd> accepted;
    sockets[0]->start([&](UniqueFd fd, const SocketAddress&, core::Milliseconds) { accepted.emplace(std::move(fd)); });
    const SocketAddress& address = sockets[0]->address();
    client = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(client.get(), &address.any, address.size()), 0);
    for (int turns = 0; !accepted && turns < 100; ++turns) {
      io.restart();
      io.run_one_for(std::chrono::milliseconds(100));
      sockets[0]->turn(steady_now());
    }
    EXPECT_TRUE(accepted);
    return accepted ? std::move(*accepted) : UniqueFd();
  }

  boost::asio::io_context io;
  SilentEvents events;
  NetCounters counters;
  std::vector<std::unique_ptr<ListeningSocket>> sockets;
  UniqueFd client;
};

int option_of(const UniqueFd& fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd.get(), level, name, &value, &size), 0);
  return value;
}

TEST_F(ListeningSocketTest, Accepted_sockets_send_at_once_unless_told_otherwise) {
  EXPECT_NE(option_of(accepted_by({}), IPPROTO_TCP, TCP_NODELAY), 0);
  EXPECT_EQ(option_of(accepted_by({.interface = {}, .no_delay = false}), IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST_F(ListeningSocketTest, The_interface_is_bound) {
  const UniqueFd accepted = accepted_by({.interface = "lo", .no_delay = true});
  char name[64] = "";
  socklen_t size = sizeof name;
  ASSERT_EQ(::getsockopt(accepted.get(), SOL_SOCKET, SO_BINDTODEVICE, name, &size), 0);
  EXPECT_STREQ(name, "lo");
}

TEST_F(ListeningSocketTest, An_interface_that_is_missing_is_named) {
  try {
    listen_on(io, loopback_addresses(0), events, counters, {.interface = "no-such-device", .no_delay = true});
    FAIL();
  } catch (const ListenError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("of interface no-such-device: No such device"));
  }
}

TEST(ListeningAddresses, Are_of_one_family_or_of_both) {
  EXPECT_EQ(listening_addresses("", 1883).size(), 2U);
  EXPECT_EQ(loopback_addresses(1883).size(), 2U);
  for (const Family family : {Family::v4, Family::v6}) {
    const auto all = listening_addresses("", 1883, family);
    const auto loopback = loopback_addresses(1883, family);
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(loopback.size(), 1U);
    EXPECT_EQ(all[0].text(), family == Family::v4 ? "0.0.0.0:1883" : "[::]:1883");
    EXPECT_EQ(loopback[0].text(), family == Family::v4 ? "127.0.0.1:1883" : "[::1]:1883");
  }
}

TEST(ListeningAddresses, That_are_of_the_other_family_are_none) {
  EXPECT_THROW(listening_addresses("127.0.0.1", 1883, Family::v6), std::runtime_error);
  EXPECT_THROW(listening_addresses("::1", 1883, Family::v4), std::runtime_error);
}

}  // namespace
}  // namespace mqttzoo::net
