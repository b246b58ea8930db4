#include "proto/mqtt/reason_code.hpp"

#include <gmock/gmock.h>

#include <set>
#include <sstream>
#include <string>

namespace mqttzoo::mqtt {
namespace {

// v5 2.4, table 2-6, row by row. 0x00 and 0x8C of DISCONNECT are listed there; 3.14.2.1 does not repeat 0x8C.
std::set<int> codes_of(PacketType type, Side sender) {
  std::set<int> codes;
  for (int code = 0; code < 256; ++code) {
    if (is_allowed(static_cast<ReasonCode>(code), type, sender)) codes.insert(code);
  }
  return codes;
}

TEST(ReasonCode, ConnackCodesOf3_2_2_2) {
  EXPECT_EQ(codes_of(PacketType::connack, Side::server),
            (std::set<int>{0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                           0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F}));
  EXPECT_TRUE(codes_of(PacketType::connack, Side::client).empty());
}

TEST(ReasonCode, AcknowledgementCodesOf3_4_2_1To3_7_2_1) {
  const std::set<int> received = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
  for (const Side sender : {Side::client, Side::server}) {
    EXPECT_EQ(codes_of(PacketType::puback, sender), received);
    EXPECT_EQ(codes_of(PacketType::pubrec, sender), received);
    EXPECT_EQ(codes_of(PacketType::pubrel, sender), (std::set<int>{0x00, 0x92}));
    EXPECT_EQ(codes_of(PacketType::pubcomp, sender), (std::set<int>{0x00, 0x92}));
  }
}

TEST(ReasonCode, SubackCodesOf3_9_3AndUnsubackCodesOf3_11_3) {
  EXPECT_EQ(codes_of(PacketType::suback, Side::server),
            (std::set<int>{0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2}));
  EXPECT_EQ(codes_of(PacketType::unsuback, Side::server), (std::set<int>{0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91}));
}

TEST(ReasonCode, DisconnectCodesOf3_14_2_1DependOnTheSender) {
  EXPECT_EQ(codes_of(PacketType::disconnect, Side::client),
            (std::set<int>{0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99}));
  EXPECT_EQ(codes_of(PacketType::disconnect, Side::server),
            (std::set<int>{0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
                           0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2}));
}

TEST(ReasonCode, AuthCodesOf3_15_2_1DependOnTheSender) {
  EXPECT_EQ(codes_of(PacketType::auth, Side::client), (std::set<int>{0x18, 0x19}));
  EXPECT_EQ(codes_of(PacketType::auth, Side::server), (std::set<int>{0x00, 0x18}));
}

TEST(ReasonCode, PacketsWithoutReasonCodesAllowNone) {
  for (const PacketType type : {PacketType::connect, PacketType::publish, PacketType::subscribe,
                                PacketType::unsubscribe, PacketType::pingreq, PacketType::pingresp}) {
    EXPECT_TRUE(codes_of(type, Side::client).empty());
    EXPECT_TRUE(codes_of(type, Side::server).empty());
  }
}

TEST(ReasonCode, ErrorsBeginAt0x80) {
  EXPECT_FALSE(is_error(ReasonCode::success));
  EXPECT_FALSE(is_error(ReasonCode::re_authenticate));
  EXPECT_TRUE(is_error(ReasonCode::unspecified_error));
  EXPECT_TRUE(is_error(ReasonCode::wildcard_subscriptions_not_supported));
}

TEST(ReasonCode, EveryCodeThatCanBeSentHasAName) {
  for (int code = 0; code < 256; ++code) {
    bool used = false;
    for (int type = 1; type < 16; ++type) {
      used = used || is_allowed(static_cast<ReasonCode>(code), static_cast<PacketType>(type), Side::client) ||
             is_allowed(static_cast<ReasonCode>(code), static_cast<PacketType>(type), Side::server);
    }
    EXPECT_EQ(std::string(to_string(static_cast<ReasonCode>(code))) != "Unknown reason", used) << code;
  }
}

TEST(ReasonCode, NamesAreThoseOfTheStandard) {
  EXPECT_STREQ(to_string(ReasonCode::packet_too_large), "Packet too large");
  std::ostringstream out;
  out << ReasonCode::session_taken_over;
  EXPECT_EQ(out.str(), "Session taken over");
}

TEST(ReasonCode, GrantsAreTheNumberOfTheQoS) {
  EXPECT_EQ(granted(QoS::at_most_once), ReasonCode::granted_qos_0);
  EXPECT_EQ(granted(QoS::exactly_once), ReasonCode::granted_qos_2);
}

// v3.1.1 3.2.2.3
TEST(ReasonCode, V3ReturnCodesMapBothWays) {
  for (int code = 0; code <= 5; ++code) {
    const auto return_code = static_cast<ConnectReturnCode>(code);
    EXPECT_EQ(to_connect_return_code(to_reason_code(return_code)), return_code);
  }
  EXPECT_EQ(to_reason_code(ConnectReturnCode::identifier_rejected), ReasonCode::client_identifier_not_valid);
  EXPECT_EQ(to_reason_code(static_cast<ConnectReturnCode>(6)), ReasonCode::unspecified_error);
}

TEST(ReasonCode, V3ClientsAreToldTheClosestReturnCode) {
  EXPECT_EQ(to_connect_return_code(ReasonCode::banned), ConnectReturnCode::not_authorized);
  EXPECT_EQ(to_connect_return_code(ReasonCode::bad_authentication_method),
            ConnectReturnCode::bad_user_name_or_password);
  EXPECT_EQ(to_connect_return_code(ReasonCode::server_busy), ConnectReturnCode::server_unavailable);
  EXPECT_EQ(to_connect_return_code(ReasonCode::quota_exceeded), ConnectReturnCode::server_unavailable);
}

}  // namespace
}  // namespace mqttzoo::mqtt
