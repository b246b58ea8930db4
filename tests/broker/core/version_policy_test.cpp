#include "broker/core/version_policy.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::core {
namespace {

using mqtt::ProtocolVersion;
using mqtt::ReasonCode;

TEST(VersionPolicy, Version5CanSayWhatVersion3CanNot) {
  EXPECT_TRUE(policy_of(ProtocolVersion::v5).server_disconnects);
  EXPECT_TRUE(policy_of(ProtocolVersion::v5).refuses_publishes);
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1}) {
    EXPECT_FALSE(policy_of(version).server_disconnects);
    EXPECT_FALSE(policy_of(version).refuses_publishes);
    EXPECT_FALSE(policy_of(version).announces_limits);
    EXPECT_FALSE(policy_of(version).has_properties);
  }
}

// v3.1.1 [MQTT-3.2.2-6] and [MQTT-3.1.4-1]
TEST(VersionPolicy, ConnackOfVersion3HasNoCodeForBrokenPackets) {
  EXPECT_TRUE(connack_tells(ProtocolVersion::v5, ReasonCode::malformed_packet));
  EXPECT_FALSE(connack_tells(ProtocolVersion::v3_1_1, ReasonCode::malformed_packet));
  EXPECT_FALSE(connack_tells(ProtocolVersion::v3_1, ReasonCode::topic_name_invalid));
  EXPECT_FALSE(connack_tells(ProtocolVersion::v3_1_1, ReasonCode::qos_not_supported));
  for (const ReasonCode told : {ReasonCode::unsupported_protocol_version, ReasonCode::client_identifier_not_valid,
                                ReasonCode::server_unavailable, ReasonCode::not_authorized}) {
    EXPECT_TRUE(connack_tells(ProtocolVersion::v3_1_1, told));
  }
}

// v5 [MQTT-3.2.2-8]
TEST(VersionPolicy, ConnackSaysOnlyWhatItsTableHas) {
  for (unsigned code = 0; code <= 0xFF; ++code) {
    const auto reason = static_cast<ReasonCode>(code);
    const ReasonCode said = connack_reason(reason);
    EXPECT_TRUE(mqtt::is_allowed(said, mqtt::PacketType::connack, mqtt::Side::server)) << code;
    const bool allowed = mqtt::is_allowed(reason, mqtt::PacketType::connack, mqtt::Side::server);
    EXPECT_EQ(said == reason, allowed) << code;
  }
  EXPECT_EQ(connack_reason(ReasonCode::server_shutting_down), ReasonCode::server_unavailable);
  EXPECT_EQ(connack_reason(ReasonCode::session_taken_over), ReasonCode::unspecified_error);
}

}  // namespace
}  // namespace mqttzoo::core
