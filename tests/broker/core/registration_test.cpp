#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

// Between CONNECT and CONNACK: what the home of the Client Identifier says, and what may happen meanwhile.
namespace mqttzoo::test {
namespace {

using core::ConnectionFate;
using core::EndCause;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Registration, ConnackWaitsForTheHome) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  client.send_connect("me");
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_TRUE(client.connection().reading_paused());
  EXPECT_EQ(shard.pause_changes, 1U);
  shard.shard.registered(client.id(), {ReasonCode::success});
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success"));
  EXPECT_FALSE(client.connection().reading_paused());
  EXPECT_EQ(shard.pause_changes, 2U);
}

// v5 3.1.4: clients may send on before CONNACK.
TEST(Registration, PacketsSentOnAreHandledAfterConnackAndInOrder) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Connect{.client_id = "me"});
  for (std::uint16_t id = 1; id <= 3; ++id) {
    mqtt::Publish publish;
    publish.qos = mqtt::QoS::at_least_once;
    publish.packet_id = id;
    publish.topic = "a";
    mqtt::encode(bytes, publish, ProtocolVersion::v5);
  }
  mqtt::encode(bytes, mqtt::Pingreq{}, ProtocolVersion::v5);
  // The last byte comes in a read of its own, although the connection asked for none.
  client.send_bytes(bytes.view().substr(0, bytes.size() - 1));
  client.send_bytes(bytes.view().substr(bytes.size() - 1));
  EXPECT_THAT(shard.router.routed, IsEmpty());
  shard.shard.registered(client.id(), {ReasonCode::success});
  shard.turn();
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success", "PUBACK #1 Success", "PUBACK #2 Success",
                                             "PUBACK #3 Success", "PINGRESP"));
}

TEST(Registration, WhatIsSentOnIsBounded) {
  core::Limits limits;
  limits.pipelined_bytes_max = 1000;
  limits.connect_packet_bytes_max = 1000;
  ShardUnderTest shard(limits);
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  client.send_connect("me");
  client.send_bytes(std::string(1000, 'x'));
  EXPECT_FALSE(client.ended());
  client.send_bytes(std::string(1001, 'x'));
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::limit);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Quota exceeded"));
}

TEST(Registration, ARefusalOfTheHomeIsPassedOn) {
  ShardUnderTest shard;
  shard.router.registration_reason = ReasonCode::server_unavailable;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.send_connect("five");
  three.send_connect("three");
  EXPECT_THAT(five.received(), ElementsAre("CONNACK Server unavailable"));
  EXPECT_THAT(three.received(), ElementsAre("CONNACK Server unavailable"));
  EXPECT_EQ(five.ended()->cause, EndCause::refused);
  EXPECT_THAT(shard.router.unregistrations, IsEmpty());
}

// v5 [MQTT-3.2.2-8]: CONNACK has neither of the two codes that a DISCONNECT would say.
TEST(Registration, ATakeoverBeforeConnackIsTold) {
  for (const bool by_answer : {true, false}) {
    ShardUnderTest shard;
    shard.router.holds_registrations = true;
    ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
    five.send_connect("five");
    three.send_connect("three");
    for (const core::ConnectionId id : {five.id(), three.id()}) {
      if (by_answer) {
        shard.shard.registered(id, {ReasonCode::session_taken_over});
      } else {
        shard.shard.evict(id, ReasonCode::session_taken_over, mqtt::to_string(ReasonCode::session_taken_over));
      }
    }
    shard.turn();
    EXPECT_THAT(five.received(), ElementsAre("CONNACK Unspecified error"));
    EXPECT_EQ(five.connack_string(PropertyId::reason_string), "Session taken over");
    EXPECT_THAT(three.received(), ElementsAre("CONNACK Server unavailable"));
    ASSERT_TRUE(five.ended());
    EXPECT_EQ(five.ended()->reason, ReasonCode::session_taken_over);
  }
}

TEST(Registration, AShutdownBeforeConnackIsTold) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.send_connect("five");
  three.send_connect("three");
  shard.shard.end_all(ReasonCode::server_shutting_down, shard.now);
  shard.turn();
  EXPECT_THAT(five.received(), ElementsAre("CONNACK Server unavailable"));
  EXPECT_THAT(three.received(), ElementsAre("CONNACK Server unavailable"));
}

TEST(Registration, AClientThatGoesBeforeConnackIsUnregistered) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  const core::ConnectionId id = client.id();
  client.send_connect("me");
  client.lose();
  EXPECT_THAT(shard.router.unregistrations, ElementsAre(testing::Pair(id, ConnectionFate::lost)));
  shard.shard.registered(id, {ReasonCode::success});  // crossed the answer
  shard.turn();
  EXPECT_THAT(client.received(), IsEmpty());
}

}  // namespace
}  // namespace mqttzoo::test
