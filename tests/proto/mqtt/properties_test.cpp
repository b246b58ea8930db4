#include "proto/mqtt/properties.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::wire;

constexpr PropertyPlace in_publish = place_of(PacketType::publish);
constexpr PropertyPlace in_connect = place_of(PacketType::connect);
constexpr PropertyPlace in_connack = place_of(PacketType::connack);

ReasonCode verdict(const std::string& notation, PropertyPlace place) {
  const std::string raw = wire(notation);
  const auto result = validate_properties(raw, place);
  return result ? ReasonCode::success : result.error().reason;
}

TEST(Properties, AnEmptyBlockIsValidEverywhere) {
  const auto result = validate_properties("", in_publish);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->empty());
  EXPECT_EQ(result->begin(), result->end());
  EXPECT_FALSE(result->find_number(PropertyId::topic_alias));
}

TEST(Properties, ValuesOfAllTypesAreFound) {
  const std::string raw = wire("01 01  02 00000E10  03 (text/plain)  09 0003 00FF10  0B C102  23 0007  26 (k)(v)");
  const auto result = validate_properties(raw, in_publish);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->find_number(PropertyId::payload_format_indicator), 1U);
  EXPECT_EQ(result->find_number(PropertyId::message_expiry_interval), 3'600U);
  EXPECT_EQ(result->find_string(PropertyId::content_type), "text/plain");
  EXPECT_EQ(result->find_string(PropertyId::correlation_data), wire("00FF10"));
  EXPECT_EQ(result->find_number(PropertyId::subscription_identifier), 321U);
  EXPECT_EQ(result->find_number(PropertyId::topic_alias), 7U);
  EXPECT_FALSE(result->find_string(PropertyId::response_topic));
  EXPECT_EQ(result->number_or(PropertyId::topic_alias, 0), 7U);
  EXPECT_EQ(result->number_or(PropertyId::receive_maximum, 65'535), 65'535U);
}

TEST(Properties, IterationKeepsTheOrderOfTheWire_MQTT_3_3_2_18) {
  const std::string raw = wire("26 (a)(1)  0B 05  26 (b)(2)  0B 06  26 (a)(3)");
  const auto result = validate_properties(raw, in_publish);
  ASSERT_TRUE(result);
  std::vector<std::string> seen;
  for (const Property& property : *result) {
    seen.push_back(property.id == PropertyId::user_property
                       ? std::string(property.name) + "=" + std::string(property.value)
                       : std::to_string(property.number));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a=1", "5", "b=2", "6", "a=3"}));
}

TEST(Properties, EachPropertyKnowsItsEncodedForm) {
  const std::string raw = wire("26 (a)(1)  02 00000001");
  const auto result = validate_properties(raw, in_publish);
  ASSERT_TRUE(result);
  std::string joined;
  for (const Property& property : *result) joined += property.encoded;
  EXPECT_EQ(joined, raw);
}

TEST(Properties, AStoredBlockCanBeViewedAgain) {
  const std::string raw = wire("02 0000000A  26 (a)(1)");
  const PropertiesView view = PropertiesView::from_valid(raw);
  EXPECT_EQ(view.present(), (PropertySet{PropertyId::message_expiry_interval, PropertyId::user_property}));
  EXPECT_EQ(view.find_number(PropertyId::message_expiry_interval), 10U);
}

TEST(Properties, ABlockThatIsNotValidIsNotReadBeyondItsEnd) {
  const std::vector<char> exact = {0x02, 0x00, 0x00};
  const PropertiesView view = PropertiesView::from_valid({exact.data(), exact.size()});
  EXPECT_FALSE(view.has(PropertyId::message_expiry_interval));
  EXPECT_EQ(view.begin(), view.end());
}

TEST(Properties, UnknownIdentifiersAreMalformed) {
  for (const char* const id :
       {"00 00", "04 00", "0A 00", "10 00", "14 00", "1B 00", "20 00", "2B 00", "7F 00", "80 01"}) {
    EXPECT_EQ(verdict(id, in_publish), ReasonCode::malformed_packet) << id;
  }
}

TEST(Properties, MisplacedIdentifiersAreMalformed) {
  EXPECT_EQ(verdict("11 00000001", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("02 00000001", in_connect), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("23 0001", PropertyPlace::will), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("0B 01", PropertyPlace::will), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("18 00000001", in_connect), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("1F (no)", place_of(PacketType::subscribe)), ReasonCode::malformed_packet);
}

TEST(Properties, CutValuesAreMalformed) {
  for (const char* const cut :
       {"01", "02 000000", "03 00", "03 0002 'a'", "0B", "0B 80", "23 00", "26 (a)", "26 (a) 0002 'b'", "09 0001"}) {
    EXPECT_EQ(verdict(cut, in_publish), ReasonCode::malformed_packet) << cut;
  }
}

TEST(Properties, TextMustBeUtf8AndBinaryNeedNot) {
  EXPECT_EQ(verdict("03 0001 FF", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("03 0001 00", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("08 0002 C080", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("26 0001 FF (v)", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("26 (k) 0001 00", in_publish), ReasonCode::malformed_packet);
  EXPECT_EQ(verdict("09 0002 FF00", in_publish), ReasonCode::success);
}

TEST(Properties, RepeatedOnesAreProtocolErrors) {
  EXPECT_EQ(verdict("01 00 01 00", in_publish), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("02 00000001 02 00000001", in_publish), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("21 0001 21 0002", in_connect), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("0B 01 0B 02", place_of(PacketType::subscribe)), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("0B 01 0B 02", in_publish), ReasonCode::success);
  EXPECT_EQ(verdict("26 (a)(1) 26 (a)(1)", in_connect), ReasonCode::success);
}

TEST(Properties, IllegalValuesAreProtocolErrors) {
  for (const char* const id : {"17", "19"}) {
    EXPECT_EQ(verdict(std::string(id) + "01", in_connect), ReasonCode::success) << id;
    EXPECT_EQ(verdict(std::string(id) + "02", in_connect), ReasonCode::protocol_error) << id;
  }
  for (const char* const id : {"24", "25", "28", "29", "2A"}) {
    EXPECT_EQ(verdict(std::string(id) + "00", in_connack), ReasonCode::success) << id;
    EXPECT_EQ(verdict(std::string(id) + "02", in_connack), ReasonCode::protocol_error) << id;
  }
  EXPECT_EQ(verdict("01 02", in_publish), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("21 0000", in_connect), ReasonCode::protocol_error);      // Receive Maximum 3.1.2.11.3
  EXPECT_EQ(verdict("27 00000000", in_connect), ReasonCode::protocol_error);  // Maximum Packet Size 3.1.2.11.4
  EXPECT_EQ(verdict("0B 00", place_of(PacketType::subscribe)), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("22 0000", in_connect), ReasonCode::success);  // Topic Alias Maximum
}

TEST(Properties, ResponseTopicIsATopicName_MQTT_3_3_2_14) {
  EXPECT_EQ(verdict("08 (answers/7)", in_publish), ReasonCode::success);
  EXPECT_EQ(verdict("08 (answers/+)", in_publish), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("08 (#)", PropertyPlace::will), ReasonCode::protocol_error);
  EXPECT_EQ(verdict("08 ()", in_publish), ReasonCode::protocol_error);
}

TEST(Properties, TopicAlias0IsItsOwnError_MQTT_3_3_2_8) {
  EXPECT_EQ(verdict("23 0000", in_publish), ReasonCode::topic_alias_invalid);
}

TEST(Properties, SetsKnowTheirMembers) {
  PropertySet set{PropertyId::topic_alias};
  EXPECT_TRUE(set.contains(PropertyId::topic_alias));
  EXPECT_FALSE(set.contains(PropertyId::user_property));
  EXPECT_FALSE(set.intersects({PropertyId::user_property}));
  set.merge({PropertyId::user_property});
  EXPECT_TRUE(set.intersects({PropertyId::user_property}));
  EXPECT_TRUE(PropertySet{}.empty());
}

}  // namespace
}  // namespace mqttzoo::mqtt
