#include "client/client_protocol.hpp"

#include <stdexcept>

#include "proto/mqtt/encode.hpp"

namespace mqttzoo::client {
namespace {

using mqtt::ProtocolVersion;
using mqtt::QoS;
using mqtt::ReasonCode;

struct Events : ClientEvents {
  void connected(const mqtt::Connack& connack) override {
    log.push_back(std::string("connected ") + to_string(connack.reason));
  }
  void message(const mqtt::Publish& publish) override { log.push_back("message " + std::string(publish.payload)); }
  void published(std::uint16_t id, ReasonCode reason) override {
    log.push_back("published " + std::to_string(id) + ' ' + to_string(reason));
  }
  void subscribed(const mqtt::ReasonCodeList& reasons) override {
    log.push_back("subscribed " + std::to_string(reasons.size()));
  }
  void unsubscribed() override { log.push_back("unsubscribed"); }
  void ended(ReasonCode reason, std::string_view) override { log.push_back(std::string("ended ") + to_string(reason)); }
  std::vector<std::string> log;
};

/// A client and what its broker says to it.
struct ClientProtocolTest : ::testing::Test {
  using Log = std::vector<std::string>;

  bool say(auto packet) {
    mqtt::ByteBuffer bytes;
    mqtt::encode(bytes, packet, options.version);
    return client.received(bytes.view(), now);
  }
  void connect(mqtt::PropertyWriter properties = {}) {
    client.start(now);
    client.output().clear();
    ASSERT_TRUE(say(mqtt::Connack{.properties = properties.view()}));
    events.log.clear();
  }
  mqtt::PacketType sent() {
    const auto split = mqtt::split_frame(client.output().view(), mqtt::packet_bytes_max);
    EXPECT_EQ(split.status, mqtt::SplitStatus::complete);
    const auto type = split.frame.type();
    client.output().consume(split.frame.total_size);
    return type;
  }

  ConnectOptions options{.client_id = "c"};
  Events events;
  ClientProtocol client{options, events};
  ClientProtocol::Clock::time_point now{};
};

TEST_F(ClientProtocolTest, AnAnswerForMoreFiltersThanWereAskedForBreaksTheProtocol) {
  connect();
  client.subscribe({"a", "b"}, QoS::at_least_once);
  constexpr ReasonCode reasons[] = {ReasonCode::not_authorized, ReasonCode::not_authorized, ReasonCode::not_authorized};
  EXPECT_FALSE(say(mqtt::Suback{.packet_id = 1, .properties = {}, .reasons = mqtt::ReasonCodeList(reasons)}));
  EXPECT_EQ(events.log, (Log{"ended Protocol Error"}));
}

TEST_F(ClientProtocolTest, ConnectsAndLearnsItsName) {
  client.start(now);
  EXPECT_EQ(sent(), mqtt::PacketType::connect);
  mqtt::PropertyWriter properties;
  properties.add_string(mqtt::PropertyId::assigned_client_identifier, "given");
  EXPECT_TRUE(say(mqtt::Connack{.properties = properties.view()}));
  EXPECT_EQ(client.client_id(), "given");
  EXPECT_EQ(events.log, Log{"connected Success"});
}

TEST_F(ClientProtocolTest, ARefusalEndsIt) {
  client.start(now);
  EXPECT_FALSE(say(mqtt::Connack{.reason = ReasonCode::not_authorized, .properties = {}}));
  EXPECT_FALSE(client.is_connected());
  EXPECT_EQ(events.log, Log{"connected Not authorized"});
}

TEST_F(ClientProtocolTest, AnythingBeforeConnackIsAProtocolError) {
  client.start(now);
  EXPECT_FALSE(say(mqtt::Pingresp{}));
  EXPECT_EQ(events.log, Log{"ended Protocol Error"});
}

TEST_F(ClientProtocolTest, AnySplitOfTheStreamGivesTheSameMessages) {
  connect();
  mqtt::ByteBuffer stream;
  for (const char* payload : {"one", "two", "three"}) {
    mqtt::encode(stream, mqtt::Publish{.topic = "t", .payload = payload, .properties = {}}, options.version);
  }
  const Log expected = {"message one", "message two", "message three"};
  for (std::size_t at = 0; at <= stream.size(); ++at) {
    events.log.clear();
    EXPECT_TRUE(client.received(stream.view().substr(0, at), now));
    EXPECT_TRUE(client.received(stream.view().substr(at), now));
    EXPECT_EQ(events.log, expected) << "split at " << at;
  }
}

TEST_F(ClientProtocolTest, Qos2InBothDirections) {
  connect();
  EXPECT_EQ(client.publish({.topic = "t", .payload = "x", .qos = QoS::exactly_once}), 1);
  EXPECT_EQ(sent(), mqtt::PacketType::publish);
  EXPECT_TRUE(say(mqtt::Pubrec{.packet_id = 1, .properties = {}}));
  EXPECT_EQ(sent(), mqtt::PacketType::pubrel);
  EXPECT_TRUE(events.log.empty());
  EXPECT_TRUE(say(mqtt::Pubcomp{.packet_id = 1, .properties = {}}));
  EXPECT_EQ(events.log, Log{"published 1 Success"});

  events.log.clear();
  const mqtt::Publish publish{
      .qos = QoS::exactly_once, .packet_id = 9, .topic = "t", .payload = "in", .properties = {}};
  EXPECT_TRUE(say(publish));
  EXPECT_TRUE(say(publish));  // repeated before PUBREL: not a second message [MQTT-4.3.3-10]
  EXPECT_EQ(events.log, Log{"message in"});
  EXPECT_TRUE(say(mqtt::Pubrel{.packet_id = 9, .properties = {}}));
  EXPECT_EQ(sent(), mqtt::PacketType::pubrec);
  EXPECT_EQ(sent(), mqtt::PacketType::pubrec);
  EXPECT_EQ(sent(), mqtt::PacketType::pubcomp);
}

TEST_F(ClientProtocolTest, ARefusedMessageFreesTheWindow) {
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::receive_maximum, 1);
  connect(std::move(properties));
  client.publish({.topic = "t", .payload = "x", .qos = QoS::exactly_once});
  EXPECT_EQ(client.send_window(), 0u);
  EXPECT_TRUE(say(mqtt::Pubrec{.packet_id = 1, .reason = ReasonCode::quota_exceeded, .properties = {}}));
  EXPECT_EQ(events.log, Log{"published 1 Quota exceeded"});
  EXPECT_EQ(client.send_window(), 1u);
}

TEST_F(ClientProtocolTest, WhatTheBrokerCannotTakeIsNotSent) {
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::maximum_packet_size, 20);
  connect(std::move(properties));
  EXPECT_THROW(client.publish({.topic = "t", .payload = std::string(20, 'x')}), std::invalid_argument);
  EXPECT_TRUE(client.output().empty());
  client.publish({.topic = "t", .payload = "short"});
  EXPECT_EQ(sent(), mqtt::PacketType::publish);
}

TEST_F(ClientProtocolTest, KeepsAliveAndNoticesSilence) {
  connect();
  EXPECT_TRUE(client.keep_alive_due(now + std::chrono::seconds(59)));
  EXPECT_TRUE(client.output().empty());
  // A look later it might be over: v5 3.1.2.10.
  const auto just_before = now + std::chrono::milliseconds(59'750);
  EXPECT_TRUE(client.keep_alive_due(just_before));
  EXPECT_EQ(sent(), mqtt::PacketType::pingreq);
  EXPECT_TRUE(client.keep_alive_due(just_before + std::chrono::seconds(59)));
  EXPECT_FALSE(client.keep_alive_due(just_before + std::chrono::seconds(60)));
}

TEST_F(ClientProtocolTest, AnUnannouncedTopicAliasIsRefused) {
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::topic_alias, 1);
  connect();
  EXPECT_FALSE(say(mqtt::Publish{.topic = "t", .payload = "x", .properties = properties.view()}));
  EXPECT_EQ(events.log, Log{"ended Topic Alias invalid"});
  EXPECT_EQ(sent(), mqtt::PacketType::disconnect);
}

// v5 [MQTT-3.2.2-4]
TEST_F(ClientProtocolTest, ASessionThatItDoesNotHaveEndsIt) {
  client.start(now);
  client.output().clear();
  EXPECT_FALSE(say(mqtt::Connack{.session_present = true, .properties = {}}));
  EXPECT_EQ(events.log, Log{"ended Protocol Error"});
  EXPECT_EQ(sent(), mqtt::PacketType::disconnect);
}

// A v3 broker would drop the Will for a DISCONNECT, which cannot say that something is wrong.
TEST_F(ClientProtocolTest, BeforeVersion5ABrokenConnectionIsJustClosed) {
  options.version = ProtocolVersion::v3_1_1;
  ClientProtocol old(options, events);
  old.start(now);
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Connack{.properties = {}}, options.version);
  mqtt::encode(bytes, mqtt::Connack{.properties = {}}, options.version);  // a second one
  old.output().clear();
  EXPECT_FALSE(old.received(bytes.view(), now));
  EXPECT_EQ(events.log, (Log{"connected Success", "ended Protocol Error"}));
  EXPECT_TRUE(old.output().empty());
}

TEST_F(ClientProtocolTest, DisconnectTellsWhy) {
  connect();
  EXPECT_FALSE(say(mqtt::Disconnect{.reason = ReasonCode::session_taken_over, .properties = {}}));
  EXPECT_EQ(events.log, Log{"ended Session taken over"});
}

}  // namespace
}  // namespace mqttzoo::client
