#include "proto/mqtt/property_table.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <string>

namespace mqttzoo::mqtt {
namespace {

// v5 2.2.2.2, table 2-4, as letters: C CONNECT, c CONNACK, P PUBLISH, W Will, A/R/L/O the acknowledgements PUBACK,
// PUBREC, PUBREL, PUBCOMP, S SUBSCRIBE, s SUBACK, U UNSUBSCRIBE, u UNSUBACK, D DISCONNECT, X AUTH.
const std::map<int, std::string> table_2_4 = {{0x01, "PW"},
                                              {0x02, "PW"},
                                              {0x03, "PW"},
                                              {0x08, "PW"},
                                              {0x09, "PW"},
                                              {0x0B, "PS"},
                                              {0x11, "CcD"},
                                              {0x12, "c"},
                                              {0x13, "c"},
                                              {0x15, "CcX"},
                                              {0x16, "CcX"},
                                              {0x17, "C"},
                                              {0x18, "W"},
                                              {0x19, "C"},
                                              {0x1A, "c"},
                                              {0x1C, "cD"},
                                              {0x1F, "cARLOsuDX"},
                                              {0x21, "Cc"},
                                              {0x22, "Cc"},
                                              {0x23, "P"},
                                              {0x24, "c"},
                                              {0x25, "c"},
                                              {0x26, "CcPWARLOSsUuDX"},
                                              {0x27, "Cc"},
                                              {0x28, "c"},
                                              {0x29, "c"},
                                              {0x2A, "c"}};

const std::map<char, PropertyPlace> places = {
    {'W', PropertyPlace::will},
    {'C', place_of(PacketType::connect)},
    {'c', place_of(PacketType::connack)},
    {'P', place_of(PacketType::publish)},
    {'A', place_of(PacketType::puback)},
    {'R', place_of(PacketType::pubrec)},
    {'L', place_of(PacketType::pubrel)},
    {'O', place_of(PacketType::pubcomp)},
    {'S', place_of(PacketType::subscribe)},
    {'s', place_of(PacketType::suback)},
    {'U', place_of(PacketType::unsubscribe)},
    {'u', place_of(PacketType::unsuback)},
    {'D', place_of(PacketType::disconnect)},
    {'X', place_of(PacketType::auth)},
};

TEST(PropertyTable, EachPropertyStandsWhereTable2_4AllowsIt) {
  for (std::size_t id = 0; id <= property_id_max; ++id) {
    const auto row = table_2_4.find(static_cast<int>(id));
    const std::string allowed = row == table_2_4.end() ? "" : row->second;
    EXPECT_EQ(property_table[id].name != nullptr, !allowed.empty()) << id;
    for (const auto& [letter, place] : places) {
      EXPECT_EQ(property_table[id].allowed_in(place), allowed.find(letter) != std::string::npos) << id << letter;
    }
  }
}

TEST(PropertyTable, PingsHaveNoProperties) {
  for (const PropertyInfo& info : property_table) {
    EXPECT_FALSE(info.allowed_in(place_of(PacketType::pingreq)));
    EXPECT_FALSE(info.allowed_in(place_of(PacketType::pingresp)));
  }
}

TEST(PropertyTable, OnlyUserPropertiesAndIdentifiersInPublishRepeat) {
  for (const PropertyInfo& info : property_table) {
    for (const auto& [letter, place] : places) {
      const bool repeats =
          info.allowed_in(place) &&
          (info.id == PropertyId::user_property || (info.id == PropertyId::subscription_identifier && letter == 'P'));
      EXPECT_EQ(info.name != nullptr && info.repeatable_in(place), repeats) << letter;
    }
  }
}

TEST(PropertyTable, NamesAreThoseOfTheStandard) {
  EXPECT_STREQ(to_string(PropertyId::session_expiry_interval), "Session Expiry Interval");
  EXPECT_STREQ(to_string(PropertyId::shared_subscription_available), "Shared Subscription Available");
}

}  // namespace
}  // namespace mqttzoo::mqtt
