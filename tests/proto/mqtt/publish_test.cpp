#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/property_writer.hpp"
#include "tests/proto/mqtt/encoded.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt {
namespace {

using test::encoded;
using test::frame_of;
using test::hex;
using test::packet;
using test::wire;

TEST(Publish, QoS0OfV3) {
  const std::string bytes = wire("30 0A  0003 'a/b'  'hello'");
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1}) {
    const auto publish = decode_publish(frame_of(bytes), version, Side::client);
    ASSERT_TRUE(publish);
    EXPECT_EQ(publish->qos, QoS::at_most_once);
    EXPECT_FALSE(publish->dup || publish->retain);
    EXPECT_EQ(publish->packet_id, 0);
    EXPECT_EQ(publish->topic, "a/b");
    EXPECT_EQ(publish->payload, "hello");
    EXPECT_EQ(encoded(*publish, version), hex(bytes));
  }
}

// v3.1.1 3.3.2: topic "a/b", Packet Identifier 10.
TEST(Publish, TheExampleOfTheVariableHeaderInV311) {
  const std::string bytes = wire("3B 07  0003 'a/b' 000A");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v3_1_1, Side::server);
  ASSERT_TRUE(publish);
  EXPECT_TRUE(publish->dup && publish->retain);
  EXPECT_EQ(publish->qos, QoS::at_least_once);
  EXPECT_EQ(publish->packet_id, 10);
  EXPECT_EQ(publish->payload, "");
  EXPECT_EQ(encoded(*publish, ProtocolVersion::v3_1_1), hex(bytes));
}

// v5 3.3.2.4
TEST(Publish, TheExampleOfTheVariableHeaderInV5) {
  const std::string bytes = wire("34 0B  0003 'a/b' 000A 00  'xyz'");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v5, Side::client);
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->qos, QoS::exactly_once);
  EXPECT_EQ(publish->packet_id, 10);
  EXPECT_TRUE(publish->properties.empty());
  EXPECT_EQ(publish->payload, "xyz");
  EXPECT_EQ(encoded(*publish, ProtocolVersion::v5), hex(bytes));
}

TEST(Publish, AllPropertiesOfV5) {
  const std::string bytes = packet(
      0x32, "(a) 0001 {01 01 02 0000003C 23 0005 08 (reply) 09 0002 00FF 26 (k)(v) 0B 07 0B C102 03 (text)} 'body'");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v5, Side::server);
  ASSERT_TRUE(publish) << publish.error().detail;
  EXPECT_EQ(publish->properties.find_number(PropertyId::topic_alias), 5U);
  EXPECT_EQ(publish->properties.find_number(PropertyId::subscription_identifier), 7U);
  EXPECT_EQ(publish->payload, "body");
  EXPECT_EQ(encoded(*publish, ProtocolVersion::v5), hex(bytes));
}

TEST(Publish, AnAliasReplacesTheTopicInV5) {
  const std::string bytes = packet(0x30, "() {23 0001} 'x'");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v5, Side::client);
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->topic, "");
  EXPECT_EQ(encoded(*publish, ProtocolVersion::v5), hex(bytes));
}

TEST(Publish, TopicsBeyondAsciiAreRead) {
  const std::string bytes = packet(0x30, "0007 C3A9 '/' F09F9880");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v3_1_1, Side::client);
  ASSERT_TRUE(publish);
  EXPECT_EQ(publish->topic, wire("C3A9 '/' F09F9880"));
}

TEST(Publish, DecodedPacketsAreViewsOfTheFrame) {
  const std::string bytes = packet(0x30, "(topic/of/some/length) {26 (k)(v)} 'payload'");
  const auto publish = decode_publish(frame_of(bytes), ProtocolVersion::v5, Side::client);
  ASSERT_TRUE(publish);
  for (const std::string_view part : {publish->topic, publish->payload, publish->properties.raw()}) {
    EXPECT_GE(part.data(), bytes.data());
    EXPECT_LE(part.data() + part.size(), bytes.data() + bytes.size());
  }
}

TEST(Publish, LongPacketsHaveLongLengths) {
  for (const std::size_t size : {122U, 123U, 16'378U, 16'379U, 2'097'146U, 2'097'147U}) {
    const std::string payload(size, 'x');
    ByteBuffer out;
    encode(out, Publish{.topic = "a/b", .payload = payload}, ProtocolVersion::v3_1_1);
    const auto publish = decode_publish(frame_of(out.view()), ProtocolVersion::v3_1_1, Side::server);
    ASSERT_TRUE(publish);
    EXPECT_EQ(publish->payload.size(), size);
  }
}

TEST(Publish, PropertiesAreLeftOutForV3) {
  PropertyWriter properties;
  properties.add_user_property("k", "v");
  const Publish publish{.topic = "a", .payload = "b", .properties = properties.view()};
  EXPECT_EQ(encoded(publish, ProtocolVersion::v3_1_1), hex(wire("30 04 (a) 'b'")));
}

TEST(Publish, WhatTheWireCannotSayThrowsAndLeavesTheBufferAsItWas) {
  ByteBuffer out;
  out.append("before");
  const std::string long_topic(65'536, 'x');
  EXPECT_THROW(encode(out, Publish{.topic = long_topic}, ProtocolVersion::v5), std::length_error);
  // The bytes behind this view are never touched: its length alone is refused.
  const std::string_view long_payload(long_topic.data(), remaining_length_max);
  EXPECT_THROW(encode(out, Publish{.topic = "a", .payload = long_payload}, ProtocolVersion::v5), std::length_error);
  EXPECT_EQ(out.view(), "before");
}

TEST(EncodedPublish, IsWhatEncodeWrites) {
  PropertyWriter properties;
  properties.add_user_property("k", "v");
  Publish publish{.qos = QoS::at_least_once, .topic = "a/b", .payload = "hello", .properties = properties.view()};
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    for (const std::size_t size : {0U, 200U, 20'000U}) {
      const std::string payload(size, 'x');
      publish.payload = payload;
      EncodedPublish shared;
      shared.assign(publish, version);
      ByteBuffer out;
      for (const std::uint16_t id : {1, 258, 65'535}) {
        publish.packet_id = id;
        publish.dup = id == 258;
        out.clear();
        shared.append_to(out, id, publish.dup);
        EXPECT_EQ(hex(out.view()), encoded(publish, version));
        EXPECT_EQ(shared.size(), out.size());
      }
    }
  }
}

TEST(EncodedPublish, WithQoS0IsTheSameForAll) {
  EncodedPublish shared;
  shared.assign({.qos = QoS::exactly_once, .topic = "old", .payload = "old"}, ProtocolVersion::v5);
  const Publish publish{.retain = true, .topic = "a", .payload = "b"};
  shared.assign(publish, ProtocolVersion::v5);
  ByteBuffer out;
  shared.append_to(out);
  shared.append_to(out);
  EXPECT_EQ(hex(out.view()), encoded(publish, ProtocolVersion::v5) + encoded(publish, ProtocolVersion::v5));
  EXPECT_EQ(shared.view(), out.view().substr(0, shared.size()));
}

}  // namespace
}  // namespace mqttzoo::mqtt
