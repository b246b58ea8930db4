#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "tests/proto/mqtt/encoded.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::encoded;
using test::frame_of;
using test::hex;
using test::packet;
using test::wire;

// v3.1.1 3.9.3: QoS 0, QoS 2, failure.
TEST(Suback, TheExampleOfV311) {
  const std::string bytes = wire("90 05  000A  00 02 80");
  const auto suback = decode_suback(frame_of(bytes), ProtocolVersion::v3_1_1);
  ASSERT_TRUE(suback);
  EXPECT_EQ(suback->packet_id, 10);
  ASSERT_EQ(suback->reasons.size(), 3U);
  EXPECT_EQ(suback->reasons[1], ReasonCode::granted_qos_2);
  EXPECT_TRUE(is_error(suback->reasons[2]));
  EXPECT_EQ(encoded(*suback, ProtocolVersion::v3_1_1), hex(bytes));
}

TEST(Suback, V5HasPropertiesAndAllCodes) {
  const std::string bytes = packet(0x90, "000A {1F (some) 26 (k)(v)} 00 01 02 80 83 87 8F 91 97 9E A1 A2");
  const auto suback = decode_suback(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(suback) << suback.error().detail;
  EXPECT_EQ(suback->reasons.size(), 12U);
  EXPECT_EQ(encoded(*suback, ProtocolVersion::v5), hex(bytes));
}

TEST(Suback, V311KnowsOneFailureAndV31None) {
  const std::vector<ReasonCode> codes = {ReasonCode::granted_qos_1, ReasonCode::not_authorized};
  const Suback suback{.packet_id = 1, .reasons = ReasonCodeList(codes)};
  EXPECT_EQ(encoded(suback, ProtocolVersion::v5), hex(wire("90 05 0001 00 01 87")));
  EXPECT_EQ(encoded(suback, ProtocolVersion::v3_1_1), hex(wire("90 04 0001 01 80")));
  EXPECT_EQ(encoded(suback, ProtocolVersion::v3_1), hex(wire("90 04 0001 01 00")));
}

TEST(Unsuback, V3HasNoCodes) {
  const std::string bytes = wire("B0 02 000A");
  const auto unsuback = decode_unsuback(frame_of(bytes), ProtocolVersion::v3_1_1);
  ASSERT_TRUE(unsuback);
  EXPECT_EQ(unsuback->packet_id, 10);
  const std::vector<ReasonCode> codes = {ReasonCode::no_subscription_existed};
  EXPECT_EQ(encoded(Unsuback{.packet_id = 10, .reasons = ReasonCodeList(codes)}, ProtocolVersion::v3_1), hex(bytes));
}

TEST(Unsuback, V5HasPropertiesAndAllCodes) {
  const std::string bytes = packet(0xB0, "000A {1F (some) 26 (k)(v)} 00 11 80 83 87 8F 91");
  const auto unsuback = decode_unsuback(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(unsuback) << unsuback.error().detail;
  EXPECT_EQ(unsuback->reasons[1], ReasonCode::no_subscription_existed);
  EXPECT_EQ(encoded(*unsuback, ProtocolVersion::v5), hex(bytes));
}

}  // namespace
}  // namespace mqttzoo::mqtt
