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
using testing::StartsWith;

const ProtocolVersion all_versions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};

TEST(Connect, IsAcceptedInEveryVersion) {
  for (const ProtocolVersion version : all_versions) {
    ShardUnderTest shard;
    ScriptedClient client(shard, version);
    client.send_connect("me");
    EXPECT_THAT(client.received(), ElementsAre("CONNACK Success"));
    ASSERT_EQ(shard.router.registrations.size(), 1U);
    EXPECT_EQ(shard.router.registrations[0].first, client.id());
    EXPECT_EQ(shard.router.registrations[0].second.client_id, "me");
    EXPECT_TRUE(shard.router.registrations[0].second.clean_start);
    EXPECT_FALSE(shard.router.registrations[0].second.has_will);
    EXPECT_EQ(shard.shard.counters().connections_accepted.get(), 1U);
  }
}

// v5 3.2.2.3
TEST(Connect, Version5IsToldTheLimits) {
  core::Limits limits;
  limits.receive_maximum = 77;
  limits.packet_bytes_max = 123'456;
  ShardUnderTest shard(limits);
  shard.rules.topic_alias_maximum = 5;
  ScriptedClient client(shard);
  client.connect("me");
  EXPECT_EQ(client.connack_number(PropertyId::receive_maximum), 77U);
  EXPECT_EQ(client.connack_number(PropertyId::maximum_packet_size), 123'456U);
  EXPECT_EQ(client.connack_number(PropertyId::topic_alias_maximum), 5U);
  EXPECT_EQ(client.connack_number(PropertyId::retain_available), 1U);
  EXPECT_EQ(client.connack_number(PropertyId::wildcard_subscription_available), 1U);
  EXPECT_EQ(client.connack_number(PropertyId::subscription_identifier_available), 1U);
  EXPECT_EQ(client.connack_number(PropertyId::shared_subscription_available), 1U);
  EXPECT_EQ(client.connack_number(PropertyId::maximum_qos), std::nullopt);
  EXPECT_EQ(client.connack_number(PropertyId::server_keep_alive), std::nullopt);
  EXPECT_EQ(client.connack_number(PropertyId::session_expiry_interval), std::nullopt);
  EXPECT_EQ(client.connack_string(PropertyId::assigned_client_identifier), "");
}

// v5 [MQTT-3.1.3-6], [MQTT-3.1.3-7], [MQTT-3.2.2-16]
TEST(Connect, Version5WithoutClientIdentifierGetsOne) {
  ShardUnderTest shard;
  ScriptedClient one(shard), two(shard);
  one.connect("");
  two.connect("");
  const std::string first = one.connack_string(PropertyId::assigned_client_identifier);
  EXPECT_EQ(first, "auto-00000000000000010000000000000002");
  EXPECT_NE(first, two.connack_string(PropertyId::assigned_client_identifier));
  EXPECT_EQ(shard.router.registrations[0].second.client_id, first);
}

// v3.1.1 [MQTT-3.1.3-6], [MQTT-3.1.3-8]
TEST(Connect, Version311WithoutClientIdentifierNeedsCleanSession) {
  ShardUnderTest shard;
  ScriptedClient clean(shard, ProtocolVersion::v3_1_1);
  clean.connect("");
  EXPECT_THAT(shard.router.registrations[0].second.client_id, StartsWith("auto-"));
  ScriptedClient lasting(shard, ProtocolVersion::v3_1_1);
  lasting.send_connect("", {.clean_start = false});
  EXPECT_THAT(lasting.received(), ElementsAre("CONNACK Client Identifier not valid"));
  ASSERT_TRUE(lasting.ended());
  EXPECT_EQ(lasting.ended()->cause, EndCause::refused);
  EXPECT_EQ(shard.router.registrations.size(), 1U);
}

// v5 [MQTT-3.1.2-2], v3.1.1 [MQTT-3.1.2-2]
TEST(Connect, AVersionOfTheFutureIsRefusedInTheNewestOne) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.send_bytes(std::string("\x10\x0e\x00\x04MQTT\x07\x02\x00\x0a\x00\x02me", 16));
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Unsupported Protocol Version"));
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->reason, ReasonCode::unsupported_protocol_version);
}

// v5 4.12: a server that does not support the method refuses.
TEST(Connect, EnhancedAuthenticationIsRefused) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  mqtt::PropertyWriter properties;
  properties.add_string(PropertyId::authentication_method, "SCRAM-SHA-1");
  client.send_connect("me", {.properties = properties.view()});
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Bad authentication method"));
  EXPECT_TRUE(client.ended());
}

TEST(Connect, NobodyGetsInWhereAnonymousIsNotAllowed) {
  for (const ProtocolVersion version : all_versions) {
    ShardUnderTest shard({}, false);
    ScriptedClient client(shard, version);
    client.send_connect("me", {.user_name = "user", .password = "secret"});
    EXPECT_THAT(client.received(), ElementsAre("CONNACK Not authorized"));
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->cause, EndCause::refused);
    EXPECT_EQ(client.ended()->reason, ReasonCode::not_authorized);
    EXPECT_EQ(client.ended()->client_id, "me");
    EXPECT_THAT(shard.router.registrations, IsEmpty());
    EXPECT_THAT(shard.router.unregistrations, IsEmpty());
  }
}

TEST(Connect, ALongClientIdentifierIsRefusedAtItsLimit) {
  core::Limits limits;
  limits.client_id_bytes_max = 8;
  ShardUnderTest shard(limits);
  ScriptedClient just(shard), over(shard);
  just.connect("12345678");
  over.send_connect("123456789");
  EXPECT_THAT(over.received(), ElementsAre("CONNACK Client Identifier not valid"));
}

TEST(Connect, TheWillGoesToTheHome) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::will_delay_interval, 30)
      .add_number(PropertyId::message_expiry_interval, 60)
      .add_string(PropertyId::content_type, "text/plain");
  mqtt::Will will;
  will.qos = mqtt::QoS::at_least_once;
  will.retain = true;
  will.topic = "gone/me";
  will.payload = "bye";
  will.properties = properties.view();
  client.connect("me", {.will = will});
  const core::Registration& registration = shard.router.registrations.at(0).second;
  ASSERT_TRUE(registration.has_will);
  EXPECT_EQ(registration.will.delay_seconds, 30U);
  EXPECT_TRUE(registration.will.has_message_expiry);
  EXPECT_EQ(registration.will.message_expiry_seconds, 60U);
  const core::MessageView& message = registration.will.message->view();
  EXPECT_EQ(message.topic, "gone/me");
  EXPECT_EQ(message.payload, "bye");
  EXPECT_EQ(message.qos, mqtt::QoS::at_least_once);
  EXPECT_TRUE(message.retain);
  // Content Type travels, Will Delay and Message Expiry do not.
  EXPECT_EQ(message.properties, std::string_view("\x03\x00\x0atext/plain", 13));
}

TEST(Connect, AWillWhereNobodyMayPublishIsRefused) {
  core::Limits limits;
  limits.topic_levels_max = 3;
  ShardUnderTest shard(limits);
  mqtt::Will will;
  will.topic = "a/b/c/d";
  ScriptedClient deep(shard), reserved(shard), deep3(shard, ProtocolVersion::v3_1_1);
  deep.send_connect("deep", {.will = will});
  EXPECT_THAT(deep.received(), ElementsAre("CONNACK Topic Name invalid"));
  deep3.send_connect("deep3", {.will = will});
  EXPECT_THAT(deep3.received(), IsEmpty());  // v3 has no return code for it
  EXPECT_TRUE(deep3.ended());
  will.topic = "$SYS/uptime";
  reserved.send_connect("reserved", {.will = will});
  EXPECT_THAT(reserved.received(), ElementsAre("CONNACK Not authorized"));
}

// v5 [MQTT-3.1.4-1], v3.1.1 [MQTT-3.1.4-1]
TEST(Connect, AMalformedConnectIsAnsweredInVersion5Only) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.send_bytes(std::string("\x10\x0f\x00\x04MQTT\x05\x01\x00\x0a\x00\x00\x02me", 17));  // reserved flag
  EXPECT_THAT(five.received(), ElementsAre("CONNACK Malformed Packet"));
  EXPECT_EQ(five.ended()->cause, EndCause::protocol_error);
  three.send_bytes(std::string("\x10\x0e\x00\x04MQTT\x04\x01\x00\x0a\x00\x02me", 16));
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_EQ(three.ended()->cause, EndCause::protocol_error);
  EXPECT_EQ(shard.shard.counters().protocol_errors.get(), 2U);
}

TEST(Connect, WhatIsNotMqttIsClosedWithoutAnAnswer) {
  ShardUnderTest shard;
  ScriptedClient http(shard);
  http.send_bytes("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
  EXPECT_THAT(http.received(), IsEmpty());
  ASSERT_TRUE(http.ended());
  EXPECT_EQ(http.ended()->cause, EndCause::protocol_error);
}

// v5 and v3.1.1 [MQTT-3.1.0-1]
TEST(Connect, TheFirstPacketMustBeConnect) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.publish("a", "too early");
  EXPECT_THAT(client.received(), IsEmpty());
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->detail, "the first packet is not CONNECT");
  EXPECT_THAT(shard.router.routed, IsEmpty());
}

// v5 and v3.1.1 [MQTT-3.1.0-2]
TEST(Connect, ASecondConnectIsAProtocolError) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  five.send_connect("five");
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Protocol Error"));
  three.connect("three");
  three.send_connect("three");
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_TRUE(three.ended());
}

// v5 [MQTT-3.1.2-24]: CONNACK is a packet too; [MQTT-3.14.0-1]: no DISCONNECT before it.
TEST(Connect, AMaximumPacketSizeBelowConnackIsRefused) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::maximum_packet_size, 10);
  client.send_connect("me", {.keep_alive_seconds = 10, .properties = properties.view()});
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Packet too large"));
  EXPECT_EQ(shard.shard.next_deadline(), std::nullopt);
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::refused);
  EXPECT_EQ(client.ended()->reason, ReasonCode::packet_too_large);
  EXPECT_THAT(shard.router.registrations, IsEmpty());  // so that it takes over nobody and has no will
}

TEST(Connect, AMaximumPacketSizeBelowAnyConnackIsAnsweredWithNothing) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::maximum_packet_size, 4);
  client.send_connect("me", {.properties = properties.view()});
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.ended());
}

TEST(Connect, AMaximumPacketSizeThatJustTakesConnackIsEnough) {
  ShardUnderTest shard;
  ScriptedClient any(shard);
  any.send_connect("any");
  const auto connack_bytes = static_cast<std::uint32_t>(any.raw().size());
  ScriptedClient just(shard), below(shard);
  mqtt::PropertyWriter enough, too_little;
  enough.add_number(PropertyId::maximum_packet_size, connack_bytes);
  too_little.add_number(PropertyId::maximum_packet_size, connack_bytes - 1);
  just.send_connect("just", {.properties = enough.view()});
  EXPECT_THAT(just.received(), ElementsAre("CONNACK Success"));
  below.send_connect("below", {.properties = too_little.view()});
  EXPECT_THAT(below.received(), ElementsAre("CONNACK Packet too large"));
}

TEST(Connect, AConnectLargerThanItsLimitIsNotWaitedFor) {
  core::Limits limits;
  limits.connect_packet_bytes_max = 100;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.send_bytes("\x10\x7f");  // announces 127 bytes
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->reason, ReasonCode::packet_too_large);
  EXPECT_EQ(client.ended()->cause, EndCause::limit);
}

}  // namespace
}  // namespace mqttzoo::test
