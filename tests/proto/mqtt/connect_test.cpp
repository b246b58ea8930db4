#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/property_writer.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::frame_of;
using test::hex;
using test::packet;
using test::wire;

std::string encoded(const Connect& connect) {
  ByteBuffer out;
  encode(out, connect);
  EXPECT_EQ(encoded_size(connect), out.size());
  return std::string(out.view());
}

TEST(Connect, TheSmallestOf3_1_1) {
  const std::string bytes = wire("10 0C  0004 'MQTT' 04 02 003C  0000");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect);
  EXPECT_EQ(connect->version, ProtocolVersion::v3_1_1);
  EXPECT_TRUE(connect->clean_start);
  EXPECT_EQ(connect->keep_alive_seconds, 60);
  EXPECT_EQ(connect->client_id, "");
  EXPECT_FALSE(connect->will || connect->user_name || connect->password);
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
}

TEST(Connect, AllFieldsOf3_1_1) {
  const std::string bytes =
      wire("10 26  0004 'MQTT' 04 EC 000A  0002 'me'  0004 'will' 0003 000102  0004 'user'  0005 'pa' 00 'ss'");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect) << connect.error().detail;
  EXPECT_FALSE(connect->clean_start);
  EXPECT_EQ(connect->client_id, "me");
  ASSERT_TRUE(connect->will);
  EXPECT_EQ(connect->will->qos, QoS::at_least_once);
  EXPECT_TRUE(connect->will->retain);
  EXPECT_EQ(connect->will->topic, "will");
  EXPECT_EQ(connect->will->payload, wire("000102"));
  EXPECT_EQ(connect->user_name, "user");
  EXPECT_EQ(connect->password, wire("'pa' 00 'ss'"));
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
}

// The example of v5 3.1.2: user name, password, Will QoS 1, Clean Start, Keep Alive 10, Session Expiry 10.
TEST(Connect, TheExampleOfTheVariableHeaderInV5) {
  const std::string bytes = wire(
      "10 29  0004 'MQTT' 05 CE 000A  05 11 0000000A  0002 'id'  00  0004 'last' 0003 'out'  0002 'me' 0003 'top'");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect) << connect.error().detail;
  EXPECT_EQ(connect->version, ProtocolVersion::v5);
  EXPECT_TRUE(connect->clean_start);
  EXPECT_EQ(connect->keep_alive_seconds, 10);
  EXPECT_EQ(connect->properties.find_number(PropertyId::session_expiry_interval), 10U);
  ASSERT_TRUE(connect->will);
  EXPECT_EQ(connect->will->qos, QoS::at_least_once);
  EXPECT_FALSE(connect->will->retain);
  EXPECT_EQ(connect->user_name, "me");
  EXPECT_EQ(connect->password, "top");
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
}

TEST(Connect, AllPropertiesOfV5) {
  const std::string bytes =
      packet(0x10,
             "(MQTT) 05 06 0000 {11 FFFFFFFF 21 0014 27 00010000 22 000A 19 01 17 00 26 (k)(v) 26 (k)(w) 15 (SCRAM) 16 "
             "0002 00FF}"
             "(c) {18 00000005 01 01 02 0000003C 03 (text) 08 (reply) 09 0001 FF 26 (a)(b)} (w) (bye)");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect) << connect.error().detail;
  EXPECT_EQ(connect->properties.find_number(PropertyId::receive_maximum), 20U);
  EXPECT_EQ(connect->properties.find_number(PropertyId::maximum_packet_size), 65'536U);
  EXPECT_EQ(connect->properties.find_string(PropertyId::authentication_data), wire("00FF"));
  EXPECT_EQ(connect->will->properties.find_number(PropertyId::will_delay_interval), 5U);
  EXPECT_EQ(connect->will->properties.find_string(PropertyId::response_topic), "reply");
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
}

TEST(Connect, V5AllowsAPasswordWithoutAUserName) {
  const std::string bytes = packet(0x10, "(MQTT) 05 42 0000 00 (c) (token)");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect);
  EXPECT_FALSE(connect->user_name);
  EXPECT_EQ(connect->password, "token");
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
  Connect v3 = *connect;
  v3.version = ProtocolVersion::v3_1_1;
  EXPECT_THROW(encoded(v3), std::invalid_argument);
}

TEST(Connect, V5AndCleanV3AllowAnEmptyClientId) {
  const std::string v5 = packet(0x10, "(MQTT) 05 00 0000 00 ()");
  EXPECT_TRUE(decode_connect(frame_of(v5)));
  const std::string v3 = packet(0x10, "(MQTT) 04 02 0000 ()");
  EXPECT_TRUE(decode_connect(frame_of(v3)));
}

TEST(Connect, V31HasAnotherNameAndShortClientIds) {
  const std::string bytes = wire("10 25  0006 'MQIsdp' 03 02 001E  0017 '12345678901234567890123'");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect);
  EXPECT_EQ(connect->version, ProtocolVersion::v3_1);
  EXPECT_EQ(connect->client_id.size(), 23U);
  EXPECT_EQ(hex(encoded(*connect)), hex(bytes));
}

TEST(Connect, V31CountsCharactersNotBytes) {
  std::string id;
  for (int i = 0; i < 23; ++i) id += wire("C3A9");
  const std::string bytes = packet(0x10, "(MQIsdp) 03 02 001E (" + id + ")");
  EXPECT_TRUE(decode_connect(frame_of(bytes)));
}

// v3.1 3.1: "the Remaining Length field from the fixed header takes precedence over the User Name flag".
TEST(Connect, V31FieldsMayBeMissingAlthoughFlagged) {
  const std::string both = packet(0x10, "(MQIsdp) 03 C2 001E (c)");
  const auto without = decode_connect(frame_of(both));
  ASSERT_TRUE(without);
  EXPECT_FALSE(without->user_name || without->password);
  const std::string one = packet(0x10, "(MQIsdp) 03 C2 001E (c) (user)");
  const auto with_user = decode_connect(frame_of(one));
  ASSERT_TRUE(with_user);
  EXPECT_EQ(with_user->user_name, "user");
  EXPECT_FALSE(with_user->password);
}

TEST(Connect, V31IgnoresItsUnusedBits) {
  const std::string bytes = packet(0x10, "(MQIsdp) 03 3B 001E (c)");
  const auto connect = decode_connect(frame_of(bytes));
  ASSERT_TRUE(connect);
  EXPECT_FALSE(connect->will);
}

TEST(Connect, ARefusalIsAnsweredInTheVersionOfTheClient) {
  const auto answer = [](const std::string& body) {
    const std::string bytes = packet(0x10, body);
    return version_to_answer(frame_of(bytes));
  };
  EXPECT_EQ(answer("(MQTT) 05"), ProtocolVersion::v5);
  EXPECT_EQ(answer("(MQTT) 06"), ProtocolVersion::v5);
  EXPECT_EQ(answer("(MQTT) 04"), ProtocolVersion::v3_1_1);
  EXPECT_EQ(answer("(MQTT) 03"), ProtocolVersion::v3_1_1);
  EXPECT_EQ(answer("(MQTT) 84"), ProtocolVersion::v3_1_1);  // a mosquitto bridge that marks itself by the high bit
  EXPECT_EQ(answer("(MQIsdp) 03"), ProtocolVersion::v3_1);
  EXPECT_EQ(answer("(HTTP) 04"), std::nullopt);
  EXPECT_EQ(answer("(MQTT)"), std::nullopt);
  EXPECT_EQ(answer(""), std::nullopt);
  const std::string other_packet = packet(0x20, "(MQTT) 05");
  EXPECT_EQ(version_to_answer(frame_of(other_packet)), std::nullopt);
}

TEST(Connect, FieldsThatTwoBytesCannotCountLeaveTheBufferAsItWas) {
  const std::string too_long(65'536, 'x');
  ByteBuffer out;
  out.append("before");
  EXPECT_THROW(encode(out, Connect{.client_id = too_long}), std::length_error);
  EXPECT_THROW(encode(out, Connect{.user_name = too_long}), std::length_error);
  EXPECT_THROW(encode(out, Connect{.password = too_long}), std::length_error);
  EXPECT_THROW(encode(out, Connect{.will = Will{.topic = "w", .payload = too_long}}), std::length_error);
  EXPECT_EQ(out.view(), "before");
}

}  // namespace
}  // namespace mqttzoo::mqtt
