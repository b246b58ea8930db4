#include "zk/connect_string.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace mqttzoo::zk {
namespace {

using Server = ConnectString::Server;
using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(std::string_view text) {
  try {
    ConnectString::parse(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ConnectString, OneServer) {
  const auto parsed = ConnectString::parse("localhost:2181");
  EXPECT_THAT(parsed.servers, ElementsAre(Server{"localhost", 2181}));
  EXPECT_EQ(parsed.chroot, "");
}

TEST(ConnectString, SeveralServersBlanksAndANestedChroot) {
  const auto parsed = ConnectString::parse("zk-1.example:2181, zk-2.example:2182 ,10.0.0.3:65535/mqtt/north");
  EXPECT_THAT(parsed.servers,
              ElementsAre(Server{"zk-1.example", 2181}, Server{"zk-2.example", 2182}, Server{"10.0.0.3", 65535}));
  EXPECT_EQ(parsed.chroot, "/mqtt/north");
  EXPECT_EQ(parsed.hosts_for_c_client(), "zk-1.example:2181,zk-2.example:2182,10.0.0.3:65535");
  EXPECT_EQ(parsed.to_string(), "zk-1.example:2181,zk-2.example:2182,10.0.0.3:65535/mqtt/north");
}

TEST(ConnectString, PortIsOptional) {
  EXPECT_THAT(ConnectString::parse("zk").servers, ElementsAre(Server{"zk", 2181}));
  EXPECT_THAT(ConnectString::parse("[::1]").servers, ElementsAre(Server{"::1", 2181}));
}

TEST(ConnectString, Ipv6InBrackets) {
  const auto parsed = ConnectString::parse("[fd00::3]:2181,[::1]:2182/x");
  EXPECT_THAT(parsed.servers, ElementsAre(Server{"fd00::3", 2181}, Server{"::1", 2182}));
  EXPECT_EQ(parsed.hosts_for_c_client(), "fd00::3:2181,::1:2182");
  EXPECT_EQ(parsed.to_string(), "[fd00::3]:2181,[::1]:2182/x");
}

TEST(ConnectString, TheRootIsNoChroot) { EXPECT_EQ(ConnectString::parse("zk:2181/").chroot, ""); }

TEST(ConnectString, RefusalsNameTheWrongPart) {
  EXPECT_THAT(refusal(""), HasSubstr("a server is missing"));
  EXPECT_THAT(refusal("   "), HasSubstr("a server is missing"));
  EXPECT_THAT(refusal("/chroot"), HasSubstr("a server is missing"));
  EXPECT_THAT(refusal("a:2181,,b:2181"), HasSubstr("a server is missing"));
  EXPECT_THAT(refusal("a:2181,"), HasSubstr("a server is missing"));
  EXPECT_THAT(refusal("a:2181 b:2181"), HasSubstr("separated by commas"));
  EXPECT_THAT(refusal(":2181"), HasSubstr("has no host"));
  EXPECT_THAT(refusal("a:"), HasSubstr("port '' is not a number"));
  EXPECT_THAT(refusal("a:0"), HasSubstr("port '0'"));
  EXPECT_THAT(refusal("a:65536"), HasSubstr("port '65536'"));
  EXPECT_THAT(refusal("a:-1"), HasSubstr("port '-1'"));
  EXPECT_THAT(refusal("a:21x"), HasSubstr("port '21x'"));
  EXPECT_THAT(refusal("a:99999999999999999999"), HasSubstr("port"));
  EXPECT_THAT(refusal("fd00::3:2181"), HasSubstr("IPv6 address in brackets"));
  EXPECT_THAT(refusal("[fd00::3:2181"), HasSubstr("no closing bracket"));
  EXPECT_THAT(refusal("[]:2181"), HasSubstr("empty brackets"));
  EXPECT_THAT(refusal("[::1]2181"), HasSubstr("not :port"));
}

TEST(ConnectString, RefusesAChrootThatIsNoPath) {
  EXPECT_THAT(refusal("a:2181/mqtt/"), HasSubstr("does not end with /"));
  EXPECT_THAT(refusal("a:2181//mqtt"), HasSubstr("no empty elements"));
  EXPECT_THAT(refusal("a:2181/../mqtt"), HasSubstr("no . or .."));
  EXPECT_THAT(refusal("a:2181/mq\x01tt"), HasSubstr("control characters"));
  EXPECT_THAT(refusal("a:2181/x,b:2181/x"), HasSubstr("written once, behind the last server"));
}

}  // namespace
}  // namespace mqttzoo::zk
