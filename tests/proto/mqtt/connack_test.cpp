#include <gmock/gmock.h>

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

TEST(Connack, V5) {
  const std::string bytes = wire("20 03 01 00 00");
  const auto connack = decode_connack(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(connack);
  EXPECT_TRUE(connack->session_present);
  EXPECT_EQ(connack->reason, ReasonCode::success);
  EXPECT_EQ(encoded(*connack, ProtocolVersion::v5), hex(bytes));
}

TEST(Connack, RefusalsOfV5KeepTheirReasonCode) {
  const std::string bytes = packet(0x20, "00 95 {1F (too large)}");
  const auto connack = decode_connack(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(connack);
  EXPECT_EQ(connack->reason, ReasonCode::packet_too_large);
  EXPECT_EQ(encoded(*connack, ProtocolVersion::v5), hex(bytes));
}

TEST(Connack, AllPropertiesOfV5) {
  const std::string bytes = packet(
      0x20,
      "00 00 {11 0000000A 21 0014 24 01 25 01 27 00100000 12 (auto-1) 22 000A 1F (fine) 26 (k)(v) 28 01 29 01 2A 01 "
      "13 003C 1A (info) 1C (other:1883) 15 (SCRAM) 16 0001 00}");
  const auto connack = decode_connack(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(connack) << connack.error().detail;
  EXPECT_EQ(connack->properties.find_number(PropertyId::maximum_qos), 1U);
  EXPECT_EQ(connack->properties.find_number(PropertyId::server_keep_alive), 60U);
  EXPECT_EQ(connack->properties.find_string(PropertyId::assigned_client_identifier), "auto-1");
  EXPECT_EQ(connack->properties.find_string(PropertyId::server_reference), "other:1883");
  EXPECT_EQ(encoded(*connack, ProtocolVersion::v5), hex(bytes));
}

TEST(Connack, V311HasReturnCodes) {
  const std::string accepted = wire("20 02 01 00");
  const auto connack = decode_connack(frame_of(accepted), ProtocolVersion::v3_1_1);
  ASSERT_TRUE(connack);
  EXPECT_TRUE(connack->session_present);
  EXPECT_EQ(encoded(*connack, ProtocolVersion::v3_1_1), hex(accepted));
  const std::string refused = wire("20 02 00 05");
  const auto refusal = decode_connack(frame_of(refused), ProtocolVersion::v3_1_1);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->reason, ReasonCode::not_authorized);
  EXPECT_EQ(encoded(*refusal, ProtocolVersion::v3_1_1), hex(refused));
}

TEST(Connack, V5PropertiesAreLeftOutForV3) {
  PropertyWriter properties;
  properties.add_string(PropertyId::reason_string, "because");
  const Connack connack{.reason = ReasonCode::server_busy, .properties = properties.view()};
  EXPECT_EQ(encoded(connack, ProtocolVersion::v3_1_1), hex(wire("20 02 00 03")));
}

TEST(Connack, V31HasNoSessionPresent) {
  EXPECT_EQ(encoded(Connack{.session_present = true}, ProtocolVersion::v3_1), hex(wire("20 02 00 00")));
  const std::string unused_byte = wire("20 02 FF 00");
  const auto connack = decode_connack(frame_of(unused_byte), ProtocolVersion::v3_1);
  ASSERT_TRUE(connack);
  EXPECT_FALSE(connack->session_present);
}

}  // namespace
}  // namespace mqttzoo::mqtt
