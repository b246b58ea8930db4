#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/proto/mqtt/any_packet.hpp"
#include "tests/proto/mqtt/wire.hpp"

/// A corpus of packets that must be refused, each with the Reason Code that v5 names for it. The packets lie in memory
/// of exactly their size, so that the address sanitizer sees every read beyond them.
namespace mqttzoo::mqtt {
namespace {

using enum ProtocolVersion;
using enum Side;

constexpr ReasonCode bad = ReasonCode::malformed_packet;
constexpr ReasonCode protocol = ReasonCode::protocol_error;

struct Refused {
  const char* why;
  std::uint8_t first_byte;
  const char* body;
  ReasonCode reason;
  ProtocolVersion version = v5;
  Side sender = client;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.why; }

struct Malformed : testing::TestWithParam<Refused> {};

TEST_P(Malformed, IsRefusedWithItsReason) {
  const std::string bytes = test::packet(GetParam().first_byte, GetParam().body);
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const Frame frame = test::frame_of(std::string_view(exact.data(), exact.size()));
  const auto result = test::decode_any(frame, GetParam().version, GetParam().sender);
  ASSERT_FALSE(result) << test::hex(bytes);
  EXPECT_EQ(result.error().reason, GetParam().reason) << result.error().detail;
  EXPECT_STRNE(result.error().detail, "");
}

const Refused connects[] = {
    {"reserved flags", 0x11, "(MQTT) 05 02 0000 00 (c)", bad},
    {"empty", 0x10, "", bad},
    {"name is cut", 0x10, "0004 'MQT'", bad},
    {"no level", 0x10, "(MQTT)", bad},
    {"no flags", 0x10, "(MQTT) 05", bad},
    {"Keep Alive is cut", 0x10, "(MQTT) 05 02 00", bad},
    {"no properties", 0x10, "(MQTT) 05 02 0000", bad},
    {"no Client Identifier", 0x10, "(MQTT) 05 02 0000 00", bad},
    {"Client Identifier is cut", 0x10, "(MQTT) 05 02 0000 00 0002 'c'", bad},
    {"Client Identifier has U+0000", 0x10, "(MQTT) 05 02 0000 00 0003 'a' 00 'b'", bad},
    {"Client Identifier is not UTF-8", 0x10, "(MQTT) 05 02 0000 00 0001 FF", bad},
    {"Client Identifier has a surrogate", 0x10, "(MQTT) 04 02 0000 0003 EDA080", bad},
    {"trailing bytes", 0x10, "(MQTT) 05 02 0000 00 (c) 00", bad},
    {"trailing bytes in 3.1.1", 0x10, "(MQTT) 04 02 0000 (c) 00", bad},
    {"user name without its flag", 0x10, "(MQTT) 04 02 0000 (c) (user)", bad},
    {"unknown name", 0x10, "(HTTP) 04 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"name in lower case", 0x10, "(mqtt) 04 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"empty name", 0x10, "() 04 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"level 6", 0x10, "(MQTT) 06 02 0000 00 (c)", ReasonCode::unsupported_protocol_version},
    {"level 3 with the later name", 0x10, "(MQTT) 03 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"level 4 with the early name", 0x10, "(MQIsdp) 04 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"level 0", 0x10, "(MQTT) 00 02 0000 (c)", ReasonCode::unsupported_protocol_version},
    {"reserved Connect Flag [MQTT-3.1.2-3]", 0x10, "(MQTT) 05 03 0000 00 (c)", bad},
    {"reserved Connect Flag in 3.1.1", 0x10, "(MQTT) 04 03 0000 (c)", bad},
    {"Will QoS 3 [MQTT-3.1.2-12]", 0x10, "(MQTT) 05 1E 0000 00 (c) 00 (w) (p)", bad},
    {"Will QoS 3 in 3.1", 0x10, "(MQIsdp) 03 1E 0000 (c) (w) (p)", bad},
    {"Will QoS without Will [MQTT-3.1.2-11]", 0x10, "(MQTT) 05 0A 0000 00 (c)", bad},
    {"Will Retain without Will [MQTT-3.1.2-13]", 0x10, "(MQTT) 05 22 0000 00 (c)", bad},
    {"Will Retain without Will in 3.1.1", 0x10, "(MQTT) 04 22 0000 (c)", bad},
    {"password without user name in 3.1.1", 0x10, "(MQTT) 04 42 0000 (c) (p)", bad},
    {"password without user name in 3.1", 0x10, "(MQIsdp) 03 42 0000 (c) (p)", bad},
    {"no Will", 0x10, "(MQTT) 05 06 0000 00 (c)", bad},
    {"no Will Topic", 0x10, "(MQTT) 05 06 0000 00 (c) 00", bad},
    {"no Will Payload", 0x10, "(MQTT) 05 06 0000 00 (c) 00 (w)", bad},
    {"Will Payload is cut", 0x10, "(MQTT) 05 06 0000 00 (c) 00 (w) 0005 'abc'", bad},
    {"Will Topic with a wildcard", 0x10, "(MQTT) 05 06 0000 00 (c) 00 (w/#) (p)", ReasonCode::topic_name_invalid},
    {"empty Will Topic", 0x10, "(MQTT) 04 06 0000 (c) () (p)", ReasonCode::topic_name_invalid},
    {"Will Topic is not UTF-8", 0x10, "(MQTT) 05 06 0000 00 (c) 00 0001 80 (p)", bad},
    {"property of the Will in CONNECT", 0x10, "(MQTT) 05 06 0000 {18 00000001} (c) 00 (w) (p)", bad},
    {"no user name", 0x10, "(MQTT) 04 82 0000 (c)", bad},
    {"user name is not UTF-8", 0x10, "(MQTT) 04 82 0000 (c) 0002 C080", bad},
    {"no password", 0x10, "(MQTT) 04 C2 0000 (c) (user)", bad},
    {"password is cut", 0x10, "(MQTT) 05 C2 0000 00 (c) (user) 0002 'p'", bad},
    {"Property Length beyond the packet", 0x10, "(MQTT) 05 02 0000 7F (c)", bad},
    {"Property Length of five bytes", 0x10, "(MQTT) 05 02 0000 80808080 01 (c)", bad},
    {"padded Property Length", 0x10, "(MQTT) 05 02 0000 8000 (c)", bad},
    {"unknown property", 0x10, "(MQTT) 05 02 0000 {7F 00} (c)", bad},
    {"repeated property", 0x10, "(MQTT) 05 02 0000 {21 0001 21 0001} (c)", protocol},
    {"Receive Maximum 0", 0x10, "(MQTT) 05 02 0000 {21 0000} (c)", protocol},
    {"Maximum Packet Size 0", 0x10, "(MQTT) 05 02 0000 {27 00000000} (c)", protocol},
    {"Request Problem Information 2", 0x10, "(MQTT) 05 02 0000 {17 02} (c)", protocol},
    {"Authentication Data alone", 0x10, "(MQTT) 05 02 0000 {16 0001 00} (c)", protocol},
    {"empty Client Identifier in 3.1", 0x10, "(MQIsdp) 03 02 0000 ()", ReasonCode::client_identifier_not_valid},
    {"24 characters in 3.1", 0x10, "(MQIsdp) 03 02 0000 (123456789012345678901234)",
     ReasonCode::client_identifier_not_valid},
    {"empty Client Identifier, not clean, in 3.1.1 [MQTT-3.1.3-8]", 0x10, "(MQTT) 04 00 0000 ()",
     ReasonCode::client_identifier_not_valid},
};

// v5 3.1.3.2, each property that a Will may have.
const Refused wills[] = {
    {"Property Length beyond the packet", 0x10, "(MQTT) 05 06 0000 00 (c) 7F (w) (p)", bad},
    {"Property Length of five bytes", 0x10, "(MQTT) 05 06 0000 00 (c) 80808080 01 (w) (p)", bad},
    {"padded Property Length", 0x10, "(MQTT) 05 06 0000 00 (c) 8000 (w) (p)", bad},
    {"unknown property", 0x10, "(MQTT) 05 06 0000 00 (c) {7F 00} (w) (p)", bad},
    {"property without a value", 0x10, "(MQTT) 05 06 0000 00 (c) {01} (w) (p)", bad},
    {"Message Expiry Interval is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {02 000000} (w) (p)", bad},
    {"Content Type is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {03 0005 'text'} (w) (p)", bad},
    {"Response Topic is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {08 0002 'r'} (w) (p)", bad},
    {"Correlation Data is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {09 00} (w) (p)", bad},
    {"Will Delay Interval is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {18 0000} (w) (p)", bad},
    {"User Property without a value", 0x10, "(MQTT) 05 06 0000 00 (c) {26 (name)} (w) (p)", bad},
    {"value of a User Property is cut", 0x10, "(MQTT) 05 06 0000 00 (c) {26 (name) 0003 'va'} (w) (p)", bad},
    {"Payload Format Indicator 2", 0x10, "(MQTT) 05 06 0000 00 (c) {01 02} (w) (p)", protocol},
    {"Response Topic with a wildcard", 0x10, "(MQTT) 05 06 0000 00 (c) {08 (r/+)} (w) (p)", protocol},
    {"Content Type is not UTF-8", 0x10, "(MQTT) 05 06 0000 00 (c) {03 0001 FF} (w) (p)", bad},
    {"Content Type has U+0000", 0x10, "(MQTT) 05 06 0000 00 (c) {03 0001 00} (w) (p)", bad},
    {"Response Topic is not UTF-8", 0x10, "(MQTT) 05 06 0000 00 (c) {08 0002 C0AF} (w) (p)", bad},
    {"name of a User Property is not UTF-8", 0x10, "(MQTT) 05 06 0000 00 (c) {26 0001 80 (v)} (w) (p)", bad},
    {"value of a User Property is not UTF-8", 0x10, "(MQTT) 05 06 0000 00 (c) {26 (n) 0003 EDA080} (w) (p)", bad},
    {"Payload Format Indicator twice", 0x10, "(MQTT) 05 06 0000 00 (c) {01 00 01 00} (w) (p)", protocol},
    {"Message Expiry Interval twice", 0x10, "(MQTT) 05 06 0000 00 (c) {02 00000001 02 00000001} (w) (p)", protocol},
    {"Content Type twice", 0x10, "(MQTT) 05 06 0000 00 (c) {03 (a) 03 (a)} (w) (p)", protocol},
    {"Response Topic twice", 0x10, "(MQTT) 05 06 0000 00 (c) {08 (a) 08 (a)} (w) (p)", protocol},
    {"Correlation Data twice", 0x10, "(MQTT) 05 06 0000 00 (c) {09 (a) 09 (a)} (w) (p)", protocol},
    {"Will Delay Interval twice", 0x10, "(MQTT) 05 06 0000 00 (c) {18 00000001 18 00000001} (w) (p)", protocol},
    {"Subscription Identifier", 0x10, "(MQTT) 05 06 0000 00 (c) {0B 01} (w) (p)", bad},
    {"Session Expiry Interval", 0x10, "(MQTT) 05 06 0000 00 (c) {11 00000001} (w) (p)", bad},
    {"Authentication Method", 0x10, "(MQTT) 05 06 0000 00 (c) {15 (m)} (w) (p)", bad},
    {"Reason String", 0x10, "(MQTT) 05 06 0000 00 (c) {1F (r)} (w) (p)", bad},
    {"Receive Maximum", 0x10, "(MQTT) 05 06 0000 00 (c) {21 0001} (w) (p)", bad},
    {"Topic Alias", 0x10, "(MQTT) 05 06 0000 00 (c) {23 0001} (w) (p)", bad},
    {"right property before a wrong one", 0x10, "(MQTT) 05 06 0000 00 (c) {18 00000001 26 (n) (v) 21 0001} (w) (p)",
     bad},
};

const Refused connacks[] = {
    {"reserved flags", 0x21, "00 00 00", bad, v5, server},
    {"empty", 0x20, "", bad, v5, server},
    {"no Reason Code", 0x20, "00", bad, v5, server},
    {"no properties", 0x20, "00 00", bad, v5, server},
    {"reserved acknowledge flags [MQTT-3.2.2-1]", 0x20, "02 00 00", bad, v5, server},
    {"reserved acknowledge flags in 3.1.1", 0x20, "80 00", bad, v3_1_1, server},
    {"Session Present in a refusal [MQTT-3.2.2-6]", 0x20, "01 87 00", protocol, v5, server},
    {"Session Present in a refusal in 3.1.1", 0x20, "01 05", protocol, v3_1_1, server},
    {"unknown Reason Code", 0x20, "00 01 00", protocol, v5, server},
    {"Reason Code of DISCONNECT", 0x20, "00 8E 00", protocol, v5, server},
    {"unknown return code", 0x20, "00 06", protocol, v3_1_1, server},
    {"trailing bytes", 0x20, "00 00 00 00", bad, v5, server},
    {"properties in 3.1.1", 0x20, "00 00 00", bad, v3_1_1, server},
    {"Maximum QoS 2", 0x20, "00 00 {24 02}", protocol, v5, server},
    {"Will Delay Interval", 0x20, "00 00 {18 00000001}", bad, v5, server},
};

const Refused publishes[] = {
    {"QoS 3 [MQTT-3.3.1-4]", 0x36, "(a) 0001 00", bad},
    {"QoS 3 in 3.1.1", 0x36, "(a) 0001", bad, v3_1_1},
    {"DUP with QoS 0 [MQTT-3.3.1-2]", 0x38, "(a) 00", bad},
    {"empty", 0x30, "", bad},
    {"topic is cut", 0x30, "0003 'ab'", bad},
    {"topic is not UTF-8", 0x30, "0001 FF 00", bad},
    {"topic has U+0000", 0x30, "0003 'a' 00 'b' 00", bad},
    {"topic has a surrogate", 0x30, "0003 EDBFBF", bad, v3_1_1},
    {"topic has an overlong slash", 0x30, "0002 C0AF 00", bad},
    {"topic with # [MQTT-3.3.2-2]", 0x30, "(a/#) 00", ReasonCode::topic_name_invalid},
    {"topic with +", 0x30, "(+/some/longer/topic) 00", ReasonCode::topic_name_invalid},
    {"topic with # in 3.1.1", 0x30, "(a/b/c/d/e/f/#/g/h)", ReasonCode::topic_name_invalid, v3_1_1},
    {"topic beyond ASCII with +", 0x30, "0003 C3A9 '+' 00", ReasonCode::topic_name_invalid},
    {"empty topic in 3.1.1 [MQTT-4.7.3-1]", 0x30, "()", ReasonCode::topic_name_invalid, v3_1_1},
    {"empty topic without alias", 0x30, "() 00", protocol},
    {"no Packet Identifier", 0x32, "(a)", bad},
    {"Packet Identifier is cut", 0x32, "(a) 00", bad, v3_1_1},
    {"Packet Identifier 0 [MQTT-2.2.1-3]", 0x32, "(a) 0000 00", protocol},
    {"Packet Identifier 0 in 3.1.1 [MQTT-2.3.1-1]", 0x34, "(a) 0000", protocol, v3_1_1},
    {"no properties", 0x30, "(a)", bad},
    {"Property Length beyond the packet", 0x30, "(a) 05 01 00", bad},
    {"Property Length of five bytes", 0x30, "(a) FFFFFFFF7F", bad},
    {"property is cut by the Property Length", 0x30, "(a) {02 0000} 0001 'payload'", bad},
    {"property of CONNECT", 0x30, "(a) {11 00000001}", bad},
    {"Reason String", 0x30, "(a) {1F (x)}", bad},
    {"Topic Alias 0 [MQTT-3.3.2-8]", 0x30, "(a) {23 0000}", ReasonCode::topic_alias_invalid},
    {"Topic Alias twice", 0x30, "(a) {23 0001 23 0001}", protocol},
    {"Payload Format Indicator 2", 0x30, "(a) {01 02}", protocol},
    {"Response Topic with a wildcard [MQTT-3.3.2-14]", 0x30, "(a) {08 (r/+)}", protocol},
    {"Subscription Identifier from a client [MQTT-3.3.4-6]", 0x30, "(a) {0B 01}", protocol},
    {"Subscription Identifier 0", 0x30, "(a) {0B 00}", protocol, v5, server},
};

const Refused acknowledgements[] = {
    {"PUBACK flags", 0x42, "0001", bad},
    {"PUBACK empty", 0x40, "", bad},
    {"PUBACK cut", 0x40, "00", bad},
    {"PUBACK Packet Identifier 0", 0x40, "0000", protocol},
    {"PUBACK Reason Code of PUBREL", 0x40, "0001 92", protocol},
    {"PUBACK unknown Reason Code", 0x40, "0001 FF", protocol},
    {"PUBACK properties cut", 0x40, "0001 00 02 1F", bad},
    {"PUBACK trailing bytes", 0x40, "0001 00 00 00", bad},
    {"PUBACK misplaced property", 0x40, "0001 00 {0B 01}", bad},
    {"PUBACK Reason String twice", 0x40, "0001 00 {1F (a) 1F (b)}", protocol},
    {"PUBACK Reason Code in 3.1.1", 0x40, "0001 00", bad, v3_1_1},
    {"PUBREC flags", 0x51, "0001", bad},
    {"PUBREC Packet Identifier 0", 0x50, "0000", protocol, v3_1_1},
    {"PUBREC Reason Code of PUBCOMP", 0x50, "0001 92", protocol},
    {"PUBREL without its flag [MQTT-3.6.1-1]", 0x60, "0001", bad},
    {"PUBREL without its flag in 3.1.1", 0x60, "0001", bad, v3_1_1},
    {"PUBREL without its flag in 3.1", 0x60, "0001", bad, v3_1},
    {"PUBREL Reason Code of PUBREC", 0x62, "0001 10", protocol},
    {"PUBREL cut", 0x62, "01", bad, v3_1_1},
    {"PUBCOMP flags", 0x72, "0001", bad},
    {"PUBCOMP Packet Identifier 0", 0x70, "0000", protocol},
    {"PUBCOMP unknown Reason Code", 0x70, "0001 01", protocol},
};

const Refused subscriptions[] = {
    {"SUBSCRIBE without its flag [MQTT-3.8.1-1]", 0x80, "0001 00 (a) 00", bad},
    {"SUBSCRIBE empty", 0x82, "", bad},
    {"SUBSCRIBE Packet Identifier 0", 0x82, "0000 00 (a) 00", protocol},
    {"SUBSCRIBE without properties", 0x82, "0001", bad},
    {"SUBSCRIBE without filters [MQTT-3.8.3-2]", 0x82, "0001 00", protocol},
    {"SUBSCRIBE without filters in 3.1.1 [MQTT-3.8.3-3]", 0x82, "0001", protocol, v3_1_1},
    {"SUBSCRIBE filter cut", 0x82, "0001 00 0002 'a'", bad},
    {"SUBSCRIBE without options", 0x82, "0001 00 (a)", bad},
    {"SUBSCRIBE second without options", 0x82, "0001 (a) 00 (b)", bad, v3_1_1},
    {"SUBSCRIBE filter is not UTF-8", 0x82, "0001 00 0002 C328 00", bad},
    {"SUBSCRIBE filter has U+0000", 0x82, "0001 0001 00 00", bad, v3_1_1},
    {"SUBSCRIBE QoS 3", 0x82, "0001 00 (a) 03", protocol},
    {"SUBSCRIBE Retain Handling 3", 0x82, "0001 00 (a) 30", protocol},
    {"SUBSCRIBE reserved option [MQTT-3.8.3-5]", 0x82, "0001 00 (a) 40", bad},
    {"SUBSCRIBE QoS 3 in 3.1.1 [MQTT-3.8.3-4]", 0x82, "0001 (a) 03", bad, v3_1_1},
    {"SUBSCRIBE option of v5 in 3.1.1", 0x82, "0001 (a) 04", bad, v3_1_1},
    {"SUBSCRIBE No Local shared [MQTT-3.8.3-4]", 0x82, "0001 00 ($share/g/a) 04", protocol},
    {"SUBSCRIBE identifier 0", 0x82, "0001 {0B 00} (a) 00", protocol},
    {"SUBSCRIBE two identifiers", 0x82, "0001 {0B 01 0B 02} (a) 00", protocol},
    {"SUBSCRIBE identifier of five bytes", 0x82, "0001 {0B FFFFFFFF 01} (a) 00", bad},
    {"SUBACK flags", 0x92, "0001 00 00", bad, v5, server},
    {"SUBACK without codes", 0x90, "0001 00", protocol, v5, server},
    {"SUBACK Packet Identifier 0", 0x90, "0000 00 00", protocol, v5, server},
    {"SUBACK code of UNSUBACK", 0x90, "0001 00 11", protocol, v5, server},
    {"SUBACK code 3 in 3.1.1 [MQTT-3.9.3-2]", 0x90, "0001 03", protocol, v3_1_1, server},
    {"SUBACK code of v5 in 3.1.1", 0x90, "0001 87", protocol, v3_1_1, server},
    {"UNSUBSCRIBE without its flag [MQTT-3.10.1-1]", 0xA0, "0001 00 (a)", bad},
    {"UNSUBSCRIBE without filters [MQTT-3.10.3-2]", 0xA2, "0001 00", protocol},
    {"UNSUBSCRIBE without filters in 3.1", 0xA2, "0001", protocol, v3_1},
    {"UNSUBSCRIBE filter cut", 0xA2, "0001 00 (a) 0003 'b'", bad},
    {"UNSUBSCRIBE filter is not UTF-8", 0xA2, "0001 00 0001 80", bad},
    {"UNSUBSCRIBE misplaced property", 0xA2, "0001 {0B 01} (a)", bad},
    {"UNSUBACK flags", 0xB2, "0001 00 00", bad, v5, server},
    {"UNSUBACK without codes", 0xB0, "0001 00", protocol, v5, server},
    {"UNSUBACK code of SUBACK", 0xB0, "0001 00 01", protocol, v5, server},
    {"UNSUBACK with codes in 3.1.1", 0xB0, "0001 00", bad, v3_1_1, server},
};

const Refused others[] = {
    {"PINGREQ flags", 0xC1, "", bad},
    {"PINGREQ with a body", 0xC0, "00", bad, v3_1_1},
    {"PINGRESP flags", 0xD8, "", bad, v5, server},
    {"PINGRESP with a body", 0xD0, "00", bad, v5, server},
    {"DISCONNECT flags [MQTT-3.14.1-1]", 0xE1, "", bad},
    {"DISCONNECT with a body in 3.1.1", 0xE0, "00", bad, v3_1_1},
    {"DISCONNECT unknown Reason Code", 0xE0, "01", protocol},
    {"DISCONNECT 0x04 from a server", 0xE0, "04", protocol, v5, server},
    {"DISCONNECT 0x8E from a client", 0xE0, "8E", protocol, v5, client},
    {"DISCONNECT properties cut", 0xE0, "00 05 11 0000", bad},
    {"DISCONNECT trailing bytes", 0xE0, "00 00 00", bad},
    {"DISCONNECT Session Expiry from a server [MQTT-3.14.2-2]", 0xE0, "8B {11 00000001}", protocol, v5, server},
    {"DISCONNECT misplaced property", 0xE0, "00 {21 0001}", bad},
    {"AUTH flags [MQTT-3.15.1-1]", 0xF2, "18 {15 (m)}", bad},
    {"AUTH in 3.1.1", 0xF0, "18 {15 (m)}", protocol, v3_1_1},
    {"AUTH without a body in 3.1.1", 0xF0, "", protocol, v3_1_1, server},
    {"AUTH success from a client", 0xF0, "", protocol, v5, client},
    {"AUTH re-authenticate from a server", 0xF0, "19 {15 (m)}", protocol, v5, server},
    {"AUTH without Property Length", 0xF0, "18", bad},
    {"AUTH without method", 0xF0, "18 00", protocol},
    {"AUTH data without method", 0xF0, "18 {16 0001 00}", protocol},
    {"AUTH method twice", 0xF0, "18 {15 (m) 15 (m)}", protocol},
    {"AUTH trailing bytes", 0xF0, "18 {15 (m)} 00", bad},
};

INSTANTIATE_TEST_SUITE_P(Connect, Malformed, testing::ValuesIn(connects));
INSTANTIATE_TEST_SUITE_P(Will, Malformed, testing::ValuesIn(wills));
INSTANTIATE_TEST_SUITE_P(Connack, Malformed, testing::ValuesIn(connacks));
INSTANTIATE_TEST_SUITE_P(Publish, Malformed, testing::ValuesIn(publishes));
INSTANTIATE_TEST_SUITE_P(Acknowledgement, Malformed, testing::ValuesIn(acknowledgements));
INSTANTIATE_TEST_SUITE_P(Subscription, Malformed, testing::ValuesIn(subscriptions));
INSTANTIATE_TEST_SUITE_P(Other, Malformed, testing::ValuesIn(others));

// v5 [MQTT-1.5.5-1]. Earlier versions do not ask for the shortest form.
TEST(MalformedLength, PaddedRemainingLengthsAreRefusedInV5Only) {
  const std::pair<const char*, const char*> packets[] = {
      {"C0 80 00", "PINGREQ"}, {"40 82 00 0001", "PUBACK"}, {"30 84 80 00 (a) 'x'", "PUBLISH"}};
  for (const auto& [notation, name] : packets) {
    const std::string bytes = test::wire(notation);
    EXPECT_TRUE(test::decode_any(test::frame_of(bytes), v3_1_1, client)) << name;
    const auto refused = test::decode_any(test::frame_of(bytes), v5, client);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().reason, bad) << name;
  }
  const std::string connect = test::wire("10 8E 00 (MQTT) 05 02 0000 00 (c)");
  EXPECT_FALSE(decode_connect(test::frame_of(connect)));
}

}  // namespace
}  // namespace mqttzoo::mqtt
