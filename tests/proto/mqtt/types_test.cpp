#include "proto/mqtt/types.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::mqtt {
namespace {

TEST(Types, PacketsHaveTheNamesOfTheStandard) {
  EXPECT_STREQ(to_string(PacketType::connect), "CONNECT");
  EXPECT_STREQ(to_string(PacketType::unsuback), "UNSUBACK");
  EXPECT_STREQ(to_string(PacketType::auth), "AUTH");
  EXPECT_STREQ(to_string(PacketType{0}), "reserved");
}

TEST(Types, VersionsAreOrdered) {
  EXPECT_LT(ProtocolVersion::v3_1, ProtocolVersion::v3_1_1);
  EXPECT_LT(ProtocolVersion::v3_1_1, ProtocolVersion::v5);
}

}  // namespace
}  // namespace mqttzoo::mqtt
