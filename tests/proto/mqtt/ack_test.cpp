#include <gmock/gmock.h>

#include <string>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/property_writer.hpp"
#include "tests/proto/mqtt/any_packet.hpp"
#include "tests/proto/mqtt/encoded.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::encoded;
using test::frame_of;
using test::hex;
using test::packet;
using test::wire;

/// All four acknowledgements, each with the first byte that its type demands (v5 2.1.3).
template <class Ack>
struct Acks : testing::Test {};
using Types = testing::Types<Puback, Pubrec, Pubrel, Pubcomp>;
TYPED_TEST_SUITE(Acks, Types);

template <class Ack>
constexpr std::uint8_t first_byte_of = 0;
template <>
constexpr std::uint8_t first_byte_of<Puback> = 0x40;
template <>
constexpr std::uint8_t first_byte_of<Pubrec> = 0x50;
template <>
constexpr std::uint8_t first_byte_of<Pubrel> = 0x62;
template <>
constexpr std::uint8_t first_byte_of<Pubcomp> = 0x70;

template <class Ack>
Ack decoded(const std::string& bytes, ProtocolVersion version) {
  const auto any = test::decode_any(frame_of(bytes), version, Side::client);
  EXPECT_TRUE(any);
  return std::get<Ack>(any.value());
}

TYPED_TEST(Acks, SuccessIsTwoBytesInAllVersions) {
  const std::string bytes = packet(first_byte_of<TypeParam>, "1234");
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    const auto ack = decoded<TypeParam>(bytes, version);
    EXPECT_EQ(ack.packet_id, 0x1234);
    EXPECT_EQ(ack.reason, ReasonCode::success);
    EXPECT_EQ(encoded(ack, version), hex(bytes));
  }
}

TYPED_TEST(Acks, V5MayLeaveOutTheProperties) {
  const bool releases = first_byte_of<TypeParam> >= 0x60;
  const std::string bytes = packet(first_byte_of<TypeParam>, releases ? "0001 92" : "0001 97");
  const auto ack = decoded<TypeParam>(bytes, ProtocolVersion::v5);
  EXPECT_TRUE(is_error(ack.reason));
  EXPECT_EQ(encoded(ack, ProtocolVersion::v5), hex(bytes));
}

TYPED_TEST(Acks, V5HasProperties) {
  const std::string bytes = packet(first_byte_of<TypeParam>, "0001 00 {1F (fine) 26 (k)(v)}");
  const auto ack = decoded<TypeParam>(bytes, ProtocolVersion::v5);
  EXPECT_EQ(ack.properties.find_string(PropertyId::reason_string), "fine");
  EXPECT_EQ(encoded(ack, ProtocolVersion::v5), hex(bytes));
}

TYPED_TEST(Acks, ExplicitDefaultsMeanTheSameAsTheShortForm) {
  for (const char* const body : {"0001 00", "0001 00 00"}) {
    const std::string bytes = packet(first_byte_of<TypeParam>, body);
    const auto ack = decoded<TypeParam>(bytes, ProtocolVersion::v5);
    EXPECT_EQ(encoded(ack, ProtocolVersion::v5), hex(packet(first_byte_of<TypeParam>, "0001")));
  }
}

TYPED_TEST(Acks, V3IsToldTheIdentifierOnly) {
  PropertyWriter properties;
  properties.add_string(PropertyId::reason_string, "no");
  const TypeParam ack{.packet_id = 7, .reason = ReasonCode::not_authorized, .properties = properties.view()};
  EXPECT_EQ(encoded(ack, ProtocolVersion::v3_1_1), hex(packet(first_byte_of<TypeParam>, "0007")));
}

// v3.1 2.1: messages that are sent again have DUP set; v3.1.1 reserves the bit.
TEST(Pubrel, MayBeADuplicateInV31) {
  const std::string bytes = wire("6A 02 0001");
  EXPECT_TRUE(decode_pubrel(frame_of(bytes), ProtocolVersion::v3_1));
  EXPECT_FALSE(decode_pubrel(frame_of(bytes), ProtocolVersion::v3_1_1));
}

}  // namespace
}  // namespace mqttzoo::mqtt
