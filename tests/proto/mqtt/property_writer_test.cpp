#include "proto/mqtt/property_writer.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::hex;
using test::wire;

TEST(PropertyWriter, WritesEachTypeAsTheTableSays) {
  PropertyWriter writer;
  writer.add_number(PropertyId::payload_format_indicator, 1)
      .add_number(PropertyId::topic_alias, 0x1234)
      .add_number(PropertyId::message_expiry_interval, 0x12345678)
      .add_number(PropertyId::subscription_identifier, 321)
      .add_string(PropertyId::content_type, "json")
      .add_string(PropertyId::correlation_data, wire("00FF"))
      .add_user_property("k", "v");
  EXPECT_EQ(hex(writer.view().raw()),
            hex(wire("01 01  23 1234  02 12345678  0B C102  03 (json)  09 0002 00FF  26 (k)(v)")));
  EXPECT_TRUE(validate_properties(writer.view().raw(), place_of(PacketType::publish)));
}

TEST(PropertyWriter, ItsViewKnowsWhatIsPresent) {
  PropertyWriter writer;
  EXPECT_TRUE(writer.empty());
  writer.add_number(PropertyId::receive_maximum, 20).add_user_property("a", "b");
  EXPECT_EQ(writer.view().present(), (PropertySet{PropertyId::receive_maximum, PropertyId::user_property}));
  EXPECT_EQ(writer.view().find_number(PropertyId::receive_maximum), 20U);
}

TEST(PropertyWriter, CopiesAllOrLeavesSomeOut) {
  const std::string raw = wire("02 0000000A  26 (a)(1)  23 0007  26 (b)(2)");
  const PropertiesView properties = PropertiesView::from_valid(raw);
  PropertyWriter all;
  all.copy(properties);
  EXPECT_EQ(all.view().raw(), raw);
  EXPECT_EQ(all.view().present(), properties.present());
  PropertyWriter some;
  some.copy(properties, {PropertyId::topic_alias, PropertyId::message_expiry_interval});
  EXPECT_EQ(hex(some.view().raw()), hex(wire("26 (a)(1) 26 (b)(2)")));
  EXPECT_EQ(some.view().present(), PropertySet{PropertyId::user_property});
}

TEST(PropertyWriter, CanBeUsedAgain) {
  PropertyWriter writer;
  writer.add_user_property("a", "b");
  writer.clear();
  EXPECT_TRUE(writer.view().empty());
  EXPECT_TRUE(writer.view().present().empty());
  writer.add_number(PropertyId::topic_alias, 1);
  EXPECT_EQ(hex(writer.view().raw()), hex(wire("23 0001")));
}

TEST(PropertyWriter, RefusesWhatTheWireCannotSay) {
  PropertyWriter writer;
  EXPECT_THROW(writer.add_number(PropertyId::content_type, 1), std::invalid_argument);
  EXPECT_THROW(writer.add_number(PropertyId::user_property, 1), std::invalid_argument);
  EXPECT_THROW(writer.add_number(PropertyId::topic_alias, 65'536), std::invalid_argument);
  EXPECT_THROW(writer.add_number(PropertyId::maximum_qos, 256), std::invalid_argument);
  EXPECT_THROW(writer.add_number(PropertyId::subscription_identifier, 268'435'456), std::invalid_argument);
  EXPECT_THROW(writer.add_string(PropertyId::topic_alias, "x"), std::invalid_argument);
  EXPECT_THROW(writer.add_string(PropertyId::user_property, "x"), std::invalid_argument);
  EXPECT_THROW(writer.add_string(PropertyId::content_type, std::string(65'536, 'x')), std::length_error);
  EXPECT_THROW(writer.add_user_property("x", std::string(65'536, 'x')), std::length_error);
  EXPECT_TRUE(writer.empty());
}

}  // namespace
}  // namespace mqttzoo::mqtt
