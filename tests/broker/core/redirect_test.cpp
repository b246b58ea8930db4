#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

// v5 4.11: which clients are sent to the broker where their session lives.
namespace mqttzoo::test {
namespace {

using core::Redirect;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;

class Redirected : public testing::Test {
 protected:
  Redirected() {
    shard.router.holds_registrations = true;
    shard.rules.number = 3;
  }
  /// What its CONNECT asks of the cluster.
  std::optional<std::uint16_t> listener_of(Redirect redirect, bool asks, std::uint32_t expiry_seconds,
                                           const std::string& client_id = "me",
                                           ProtocolVersion version = ProtocolVersion::v5) {
    shard.rules.redirect = redirect;
    mqtt::PropertyWriter properties;
    if (expiry_seconds != 0) properties.add_number(PropertyId::session_expiry_interval, expiry_seconds);
    if (asks) properties.add_user_property("about", "me").add_user_property("redirect", "persistent");
    const bool v5 = version == ProtocolVersion::v5;
    ScriptedClient client(shard, version);
    client.send_connect(client_id, {.clean_start = v5, .properties = v5 ? properties.view() : mqtt::PropertiesView()});
    return shard.router.registrations.back().second.redirect_listener;
  }
  ShardUnderTest shard;
};

TEST_F(Redirected, WhoAsksForItByItsUserProperty) {
  EXPECT_EQ(listener_of(Redirect::asked, true, 60), 3);
  EXPECT_EQ(listener_of(Redirect::asked, false, 60), std::nullopt);
  EXPECT_EQ(listener_of(Redirect::asked, true, 0), std::nullopt) << "a clean session lives with its connection";
}

TEST_F(Redirected, EverybodyWithAPersistentSessionWhereThatIsSet) {
  EXPECT_EQ(listener_of(Redirect::persistent, false, 60), 3);
  EXPECT_EQ(listener_of(Redirect::persistent, false, 0), std::nullopt);
}

TEST_F(Redirected, NobodyWhereThatIsSet) { EXPECT_EQ(listener_of(Redirect::never, true, 60), std::nullopt); }

TEST_F(Redirected, NoClientOfAnOlderVersion) {
  EXPECT_EQ(listener_of(Redirect::persistent, false, 0, "me", ProtocolVersion::v3_1_1), std::nullopt);
}

// The next broker would choose another identifier, whose home is elsewhere again.
TEST_F(Redirected, NobodyWhoseIdentifierWasChosenHere) {
  EXPECT_EQ(listener_of(Redirect::persistent, true, 60, ""), std::nullopt);
}

TEST_F(Redirected, IsToldWhereToGo) {
  ScriptedClient client(shard);
  client.send_connect("me");
  const std::string reference = "b.example.com:1883";
  shard.shard.registered(
      client.id(), {.reason = ReasonCode::use_another_server, .detail = "over there", .server_reference = reference});
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Use another server"));
  EXPECT_EQ(client.connack_string(PropertyId::server_reference), reference);
  EXPECT_EQ(client.connack_string(PropertyId::reason_string), "over there");
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, core::EndCause::refused);
  EXPECT_TRUE(shard.router.unregistrations.empty());
}

}  // namespace
}  // namespace mqttzoo::test
