#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::ConnectionFate;
using core::EndCause;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Pingreq, IsAnswered) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ShardUnderTest shard;
    ScriptedClient client(shard, version);
    client.connect("me");
    client.send(mqtt::Pingreq{});
    EXPECT_THAT(client.received(), ElementsAre("PINGRESP"));
  }
}

// v5 [MQTT-3.14.4-3], v3.1.1 [MQTT-3.14.4-3]
TEST(Disconnect, OfTheClientDropsTheWill) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ShardUnderTest shard;
    ScriptedClient client(shard, version);
    client.connect("me");
    const core::ConnectionId id = client.id();
    client.disconnect();
    EXPECT_THAT(client.received(), IsEmpty());
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->cause, EndCause::disconnected);
    EXPECT_EQ(client.ended()->reason, ReasonCode::normal_disconnection);
    EXPECT_THAT(shard.router.unregistrations, ElementsAre(testing::Pair(id, ConnectionFate::disconnected)));
  }
}

// v5 3.14.2.1
TEST(Disconnect, WithAnotherReasonAsksForTheWill) {
  for (const ReasonCode reason :
       {ReasonCode::disconnect_with_will_message, ReasonCode::implementation_specific_error}) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.connect("me");
    client.disconnect(reason);
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->reason, reason);
    EXPECT_EQ(shard.router.unregistrations.at(0).second, ConnectionFate::disconnected_with_will);
  }
}

TEST(Disconnect, NothingAfterItIsLookedAt) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Disconnect{}, client.version);
  mqtt::encode(bytes, mqtt::Publish{.topic = "a", .payload = "x"}, client.version);
  client.send_bytes(bytes.view());
  EXPECT_THAT(shard.router.routed, IsEmpty());
}

// v5 3.14.2.2.2
TEST(Disconnect, CannotProlongASessionThatWasToEnd) {
  ShardUnderTest shard;
  mqtt::PropertyWriter expiry;
  expiry.add_number(PropertyId::session_expiry_interval, 10);
  ScriptedClient one(shard), two(shard);
  one.connect("one");
  one.send(mqtt::Disconnect{.reason = {}, .properties = expiry.view()});
  EXPECT_THAT(one.received(), ElementsAre("DISCONNECT Protocol Error"));
  two.connect("two", {.properties = expiry.view()});
  two.send(mqtt::Disconnect{.reason = {}, .properties = expiry.view()});
  EXPECT_THAT(two.received(), IsEmpty());
  EXPECT_EQ(two.ended()->cause, EndCause::disconnected);
}

TEST(Disconnect, MalformedOnes) {
  ShardUnderTest shard;
  ScriptedClient flags(shard), reason(shard), old(shard, ProtocolVersion::v3_1_1);
  flags.connect("flags");
  flags.send_bytes(std::string("\xe1\x00", 2));  // [MQTT-3.14.1-1]
  EXPECT_THAT(flags.received(), ElementsAre("DISCONNECT Malformed Packet"));
  reason.connect("reason");
  reason.send_bytes(std::string("\xe0\x01\x8b", 3));  // a client does not shut down a server
  EXPECT_EQ(reason.ended()->cause, EndCause::protocol_error);
  old.connect("old");
  old.send_bytes(std::string("\xe0\x01\x00", 3));
  EXPECT_EQ(old.ended()->cause, EndCause::protocol_error);
}

// v5 4.12.1
TEST(Auth, WithoutAMethodInConnectIsAProtocolError) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  mqtt::PropertyWriter properties;
  properties.add_string(PropertyId::authentication_method, "x");
  five.connect("five");
  five.send(mqtt::Auth{.reason = ReasonCode::re_authenticate, .properties = properties.view()});
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Protocol Error"));
  three.connect("three");
  three.send_bytes(std::string("\xf0\x00", 2));
  EXPECT_EQ(three.ended()->cause, EndCause::protocol_error);
}

TEST(ServerPackets, FromAClientAreProtocolErrors) {
  for (const char first : {'\x20', '\x90', '\xb0', '\xd0'}) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.connect("me");
    client.send_bytes(std::string({first, '\0'}));
    EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Protocol Error"));
  }
}

}  // namespace
}  // namespace mqttzoo::test
