#include "broker/core/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::ConnectionFate;
using core::EndCause;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

std::string conversation() {
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Connect{.client_id = "me"});
  mqtt::SubscriptionListWriter list;
  mqtt::Subscription subscription;
  subscription.topic_filter = "a/+";
  list.add(subscription);
  mqtt::encode(bytes, mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()},
               ProtocolVersion::v5);
  const std::string payload(200, 'x');  // so that Remaining Length has two bytes
  mqtt::Publish publish;
  publish.qos = mqtt::QoS::exactly_once;
  publish.packet_id = 9;
  publish.topic = "a/b";
  publish.payload = payload;
  mqtt::encode(bytes, publish, ProtocolVersion::v5);
  mqtt::encode(bytes, mqtt::Pubrel{.packet_id = 9, .reason = {}, .properties = {}}, ProtocolVersion::v5);
  mqtt::encode(bytes, mqtt::Pingreq{}, ProtocolVersion::v5);
  return std::string(bytes.view());
}

TEST(ConnectionBytes, EverySplitGivesTheSamePackets) {
  const std::string bytes = conversation();
  const auto expected = [&] {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.send_bytes(bytes);
    return client.received();
  }();
  EXPECT_EQ(expected.size(), 6U);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    client.send_bytes(bytes.substr(0, first));
    client.send_bytes(bytes.substr(first));
    ASSERT_EQ(client.received(), expected) << first;
  }
  for (std::size_t size = 1; size < 10; ++size) {
    ShardUnderTest shard;
    ScriptedClient client(shard);
    for (std::size_t at = 0; at < bytes.size(); at += size) client.send_bytes(bytes.substr(at, size));
    ASSERT_EQ(client.received(), expected) << size;
  }
}

TEST(ConnectionBytes, APacketAtTheMaximumIsTakenOneByteMoreIsNot) {
  core::Limits limits;
  limits.packet_bytes_max = 300;
  ShardUnderTest shard(limits);
  ScriptedClient just(shard), over(shard), old(shard, ProtocolVersion::v3_1_1);
  const std::size_t overhead = 3 + 3 + 1;
  just.connect("just");
  just.publish("a", std::string(300 - overhead, 'x'));
  EXPECT_EQ(shard.router.routed.size(), 1U);
  over.connect("over");
  over.publish("a", std::string(301 - overhead, 'x'));
  EXPECT_THAT(over.received(), ElementsAre("DISCONNECT Packet too large"));  // v5 3.1.2.11.4
  EXPECT_EQ(over.ended()->cause, EndCause::limit);
  old.connect("old");
  old.publish("a", std::string(400, 'x'));
  EXPECT_THAT(old.received(), IsEmpty());
  EXPECT_EQ(old.ended()->reason, ReasonCode::packet_too_large);
}

TEST(ConnectionBytes, ALengthAloneCostsNoMemory) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.send_bytes(std::string("\x30\xff\xff\xff\x07", 5));  // announces 16 MiB - 1: 4 bytes too many with the header
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Packet too large"));
  ScriptedClient patient(shard);
  patient.connect("patient");
  patient.send_bytes(std::string("\x30\x80\x80\x80\x04", 5));  // 8 MiB that do not come
  EXPECT_FALSE(patient.ended());
}

TEST(ConnectionBytes, ARemainingLengthOfFiveBytesIsMalformed) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.send_bytes(std::string("\x30\x80\x80\x80\x80\x01", 6));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Malformed Packet"));
  ScriptedClient slow(shard);
  slow.connect("slow");
  for (const char byte : std::string("\x30\x80\x80\x80\x80", 5)) slow.send_bytes(std::string(1, byte));
  EXPECT_THAT(slow.received(), ElementsAre("DISCONNECT Malformed Packet"));
}

TEST(ConnectionDeadlines, NoConnectInTime) {
  ShardUnderTest shard;
  ScriptedClient silent(shard), slow(shard);
  slow.send_bytes(conversation().substr(0, 5));
  EXPECT_EQ(shard.shard.next_deadline(), shard.now.steady + 10'000);
  shard.advance(9'999);
  slow.send_bytes(conversation().substr(5, 1));  // does not help
  EXPECT_FALSE(silent.ended());
  shard.advance(1);
  for (const ScriptedClient* client : {&silent, &slow}) {
    ASSERT_TRUE(client->ended());
    EXPECT_EQ(client->ended()->cause, EndCause::connect_timeout);
    EXPECT_EQ(client->ended()->duration_milliseconds, 10'000);
  }
  EXPECT_EQ(shard.shard.next_deadline(), std::nullopt);
}

// v5 [MQTT-3.1.2-22], v3.1.1 [MQTT-3.1.2-24]
TEST(ConnectionDeadlines, KeepAliveIsOneAndAHalfTimesWhatWasAsked) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    ShardUnderTest shard;
    ScriptedClient client(shard, version);
    client.connect("me", {.keep_alive_seconds = 10});
    shard.advance(14'999);
    client.send(mqtt::Pingreq{});
    EXPECT_THAT(client.received(), ElementsAre("PINGRESP"));
    shard.advance(14'999);
    EXPECT_FALSE(client.ended());
    shard.advance(1);
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->cause, EndCause::keep_alive_timeout);
    EXPECT_EQ(shard.router.unregistrations.at(0).second, ConnectionFate::lost);
    if (version == ProtocolVersion::v5) {
      EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Keep Alive timeout"));
    } else {
      EXPECT_THAT(client.received(), IsEmpty());
    }
  }
}

TEST(ConnectionDeadlines, NoKeepAliveNoDeadline) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  EXPECT_EQ(shard.shard.next_deadline(), std::nullopt);
  shard.advance(1'000'000'000);
  EXPECT_FALSE(client.ended());
}

// v5 [MQTT-3.2.2-21], [MQTT-3.2.2-22]
TEST(ConnectionDeadlines, TheBrokerMayLimitKeepAlive) {
  core::Limits limits;
  limits.keep_alive_seconds_max = 60;
  ShardUnderTest shard(limits);
  ScriptedClient none(shard), more(shard), less(shard);
  none.connect("none");
  more.connect("more", {.keep_alive_seconds = 61});
  less.connect("less", {.keep_alive_seconds = 60});
  using mqtt::PropertyId;
  EXPECT_EQ(none.connack_number(PropertyId::server_keep_alive), 60U);
  EXPECT_EQ(more.connack_number(PropertyId::server_keep_alive), 60U);
  EXPECT_EQ(less.connack_number(PropertyId::server_keep_alive), std::nullopt);
  shard.advance(90'000);
  EXPECT_TRUE(none.ended());
}

TEST(ConnectionDeadlines, SilenceThatTheBrokerCausedDoesNotCount) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me", {.keep_alive_seconds = 10});
  shard.router.pauses = true;
  client.publish("a", "x", 1, 1);
  shard.advance(100'000);
  EXPECT_FALSE(client.ended());
  shard.router.pauses = false;
  shard.shard.resume_reading();
  shard.advance(14'999);
  EXPECT_FALSE(client.ended());
  shard.advance(1);
  EXPECT_TRUE(client.ended());
}

TEST(ConnectionOutput, AClientThatDoesNotTakeItsAnswersIsNotRead) {
  core::Limits limits;
  limits.output_bytes_max = 20;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me", {.keep_alive_seconds = 10});
  client.stop_taking();
  for (int i = 0; i < 15; ++i) client.send(mqtt::Pingreq{});
  EXPECT_TRUE(client.connection().reading_paused());
  EXPECT_EQ(client.connection().output().size(), 20U);
  client.take_some(8);
  EXPECT_TRUE(client.connection().reading_paused());
  shard.advance(14'000);
  client.take_some(1);  // a sign of life
  shard.advance(14'000);
  EXPECT_FALSE(client.ended());
  client.take_again();
  EXPECT_FALSE(client.connection().reading_paused());
  EXPECT_EQ(client.received().size(), 15U);
}

TEST(ConnectionOutput, AClientThatTakesNothingAtAllIsTimedOut) {
  core::Limits limits;
  limits.output_bytes_max = 20;
  ShardUnderTest shard(limits);
  ScriptedClient client(shard);
  client.connect("me", {.keep_alive_seconds = 10});
  client.stop_taking();
  for (int i = 0; i < 15; ++i) client.send(mqtt::Pingreq{});
  shard.advance(15'000);
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::keep_alive_timeout);
}

// v5 [MQTT-3.1.2-24] for acknowledgements: they are left out.
TEST(ConnectionOutput, AnAnswerLargerThanTheClientTakesIsNotSent) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::maximum_packet_size, 40);
  client.connect("me", {.properties = properties.view()});
  mqtt::SubscriptionListWriter list;
  mqtt::Subscription subscription;
  subscription.topic_filter = "a";
  for (int i = 0; i < 50; ++i) list.add(subscription);
  client.send(mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()});
  client.send(mqtt::Pingreq{});
  EXPECT_THAT(client.received(), ElementsAre("PINGRESP"));
  client.send_bytes(std::string("\x20\x00", 2));
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Protocol Error"));  // without its Reason String
}

TEST(ConnectionEnd, SaysAllThatTheLogNeeds) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  const core::ConnectionId id = client.id();
  client.connect("me");
  client.publish("a", "x", 1, 1);
  shard.advance(2'500);
  client.lose();
  ASSERT_TRUE(client.ended());
  const core::ConnectionEnd& end = *client.ended();
  EXPECT_EQ(end.connection, id);
  EXPECT_EQ(end.client_id, "me");
  EXPECT_EQ(end.remote_address, "192.0.2.1:1234");
  EXPECT_EQ(end.cause, EndCause::lost);
  EXPECT_EQ(end.detail, "connection reset by peer");
  EXPECT_EQ(end.traffic.packets_received, 2U);
  EXPECT_EQ(end.traffic.packets_sent, 2U);
  EXPECT_EQ(end.traffic.bytes_received, shard.shard.counters().bytes_received.get());
  EXPECT_EQ(end.traffic.bytes_sent, shard.shard.counters().bytes_sent.get());
  EXPECT_GT(end.traffic.bytes_sent, 4U);
  EXPECT_EQ(end.duration_milliseconds, 2'500);
  EXPECT_THAT(shard.router.unregistrations, ElementsAre(testing::Pair(id, ConnectionFate::lost)));
}

TEST(ConnectionEnd, OutputBeforeItAndTheFarewellAreLeftForTheEdge) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  client.stop_taking();
  client.send(mqtt::Pingreq{});
  client.send_bytes(std::string("\x20\x00", 2));
  EXPECT_THAT(client.received(), ElementsAre("PINGRESP", "DISCONNECT Protocol Error"));
}

TEST(ConnectionEnd, EachCauseHasAName) {
  for (std::size_t i = 0; i < core::end_cause_count; ++i) {
    EXPECT_STRNE(core::to_string(static_cast<EndCause>(i)), "unknown");
  }
  EXPECT_STREQ(core::to_string(static_cast<EndCause>(core::end_cause_count)), "unknown");
  for (std::size_t i = 0; i < core::drop_reason_count; ++i) {
    EXPECT_STRNE(core::to_string(static_cast<core::DropReason>(i)), "unknown");
  }
  EXPECT_STREQ(core::to_string(static_cast<core::DropReason>(core::drop_reason_count)), "unknown");
}

}  // namespace
}  // namespace mqttzoo::test
