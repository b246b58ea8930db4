#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/property_writer.hpp"
#include "tests/proto/mqtt/encoded.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::encoded;
using test::frame_of;
using test::hex;
using test::packet;
using test::wire;

TEST(Disconnect, TheShortFormIsANormalDisconnection) {
  const std::string bytes = wire("E0 00");
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    const auto disconnect = decode_disconnect(frame_of(bytes), version, Side::client);
    ASSERT_TRUE(disconnect);
    EXPECT_EQ(disconnect->reason, ReasonCode::normal_disconnection);
    EXPECT_EQ(encoded(*disconnect, version), hex(bytes));
  }
}

TEST(Disconnect, V5MayLeaveOutTheProperties) {
  const std::string bytes = wire("E0 01 04");
  const auto disconnect = decode_disconnect(frame_of(bytes), ProtocolVersion::v5, Side::client);
  ASSERT_TRUE(disconnect);
  EXPECT_EQ(disconnect->reason, ReasonCode::disconnect_with_will_message);
  EXPECT_EQ(encoded(*disconnect, ProtocolVersion::v5), hex(bytes));
}

// v5 3.14.2.2.5
TEST(Disconnect, V5HasProperties) {
  const std::string from_client = packet(0xE0, "00 {11 0000000A 1F (bye) 26 (k)(v)}");
  const auto client = decode_disconnect(frame_of(from_client), ProtocolVersion::v5, Side::client);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->properties.find_number(PropertyId::session_expiry_interval), 10U);
  EXPECT_EQ(encoded(*client, ProtocolVersion::v5), hex(from_client));
  const std::string from_server = packet(0xE0, "9D {1C (other:1883)}");
  const auto server = decode_disconnect(frame_of(from_server), ProtocolVersion::v5, Side::server);
  ASSERT_TRUE(server);
  EXPECT_EQ(server->properties.find_string(PropertyId::server_reference), "other:1883");
  EXPECT_EQ(encoded(*server, ProtocolVersion::v5), hex(from_server));
}

TEST(Disconnect, V3HasNothingToSay) {
  EXPECT_EQ(encoded(Disconnect{.reason = ReasonCode::session_taken_over}, ProtocolVersion::v3_1_1), hex(wire("E0 00")));
}

TEST(Auth, ContinuesWithMethodAndData) {
  const std::string bytes = packet(0xF0, "18 {15 (SCRAM) 16 0002 00FF 1F (more) 26 (k)(v)}");
  for (const Side sender : {Side::client, Side::server}) {
    const auto auth = decode_auth(frame_of(bytes), ProtocolVersion::v5, sender);
    ASSERT_TRUE(auth) << auth.error().detail;
    EXPECT_EQ(auth->reason, ReasonCode::continue_authentication);
    EXPECT_EQ(auth->properties.find_string(PropertyId::authentication_method), "SCRAM");
    EXPECT_EQ(encoded(*auth, ProtocolVersion::v5), hex(bytes));
  }
}

// v5 3.15.2.1: Reason Code and Property Length can be omitted with success and no properties.
TEST(Auth, SuccessMayBeBare) {
  const std::string bytes = wire("F0 00");
  const auto auth = decode_auth(frame_of(bytes), ProtocolVersion::v5, Side::server);
  ASSERT_TRUE(auth);
  EXPECT_EQ(auth->reason, ReasonCode::success);
  EXPECT_EQ(encoded(*auth, ProtocolVersion::v5), hex(bytes));
  const std::string longer = wire("F0 02 00 00");
  EXPECT_TRUE(decode_auth(frame_of(longer), ProtocolVersion::v5, Side::server));
}

TEST(Auth, DoesNotExistInV3) {
  ByteBuffer out;
  EXPECT_THROW(encode(out, Auth{}, ProtocolVersion::v3_1_1), std::invalid_argument);
  EXPECT_TRUE(out.empty());
}

TEST(Ping, IsTwoBytes) {
  const std::string request = wire("C0 00");
  const std::string response = wire("D0 00");
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    EXPECT_TRUE(decode_pingreq(frame_of(request), version));
    EXPECT_TRUE(decode_pingresp(frame_of(response), version));
    ByteBuffer out;
    encode(out, Pingreq{}, version);
    encode(out, Pingresp{}, version);
    EXPECT_EQ(hex(out.view()), hex(request + response));
  }
}

}  // namespace
}  // namespace mqttzoo::mqtt
