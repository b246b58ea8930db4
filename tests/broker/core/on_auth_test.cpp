#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_access.hpp"
#include "tests/support/scripted_client.hpp"

// Who the client is: passwords that are checked elsewhere, and enhanced authentication (v5 4.12).
namespace mqttzoo::test {
namespace {

using core::EndCause;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

struct Rig {
  ScriptedAuthenticator authenticator;
  ScriptedAuthorizer authorizer;
  ShardUnderTest shard{authenticator, authorizer};

  void answer(const ScriptedClient& client, ReasonCode reason) {
    authenticator.answers.push_back({client.id(), reason});
    shard.advance(1);
  }
  const core::Counters& counters() const { return shard.shard.counters(); }
};

// ---------------------------------------------------------------- passwords

TEST(Password, ConnackWaitsForTheAnswer) {
  Rig rig;
  ScriptedClient client(rig.shard);
  client.send_connect("me", {.user_name = "ann", .password = "secret"});
  EXPECT_EQ(rig.authenticator.credentials, "me ann secret");
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_FALSE(client.connection().reading_paused()) << "it has to be seen when it goes";
  EXPECT_THAT(rig.shard.router.registrations, IsEmpty()) << "nobody is taken over before";
  rig.answer(client, ReasonCode::success);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success"));
  EXPECT_FALSE(client.connection().reading_paused());
  ASSERT_EQ(rig.shard.router.registrations.size(), 1U);
  EXPECT_EQ(rig.shard.router.registrations[0].second.user_name, "ann");
  EXPECT_THAT(rig.authenticator.forgotten, IsEmpty());
}

TEST(Password, WhatIsSentOnIsHandledAfterConnack) {
  Rig rig;
  ScriptedClient client(rig.shard);
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Connect{.client_id = "me", .user_name = "ann", .password = "secret"});
  mqtt::encode(bytes, mqtt::Pingreq{}, ProtocolVersion::v5);
  client.send_bytes(bytes.view());
  EXPECT_THAT(client.received(), IsEmpty());
  rig.answer(client, ReasonCode::success);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success", "PINGRESP"));
}

TEST(Password, WhoSendsOnALotIsNotReadAnyMore) {
  Rig rig;
  ScriptedClient client(rig.shard);
  client.send_connect("me", {.user_name = "ann", .password = "secret"});
  mqtt::ByteBuffer bytes;
  const std::string payload(core::Limits().pipelined_bytes_max, 'x');
  mqtt::encode(bytes, mqtt::Publish{.topic = "a", .payload = payload}, ProtocolVersion::v5);
  client.send_bytes(bytes.view().substr(0, payload.size() / 2));
  EXPECT_FALSE(client.connection().reading_paused());
  client.send_bytes(bytes.view().substr(payload.size() / 2));
  EXPECT_TRUE(client.connection().reading_paused());
  rig.answer(client, ReasonCode::success);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success"));
  EXPECT_FALSE(client.connection().reading_paused());
  ASSERT_EQ(rig.shard.router.routed.size(), 1U);
  EXPECT_EQ(rig.shard.router.routed[0].payload.size(), payload.size());
}

TEST(Password, AWrongOneIsRefusedAndCounted) {
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    Rig rig;
    ScriptedClient client(rig.shard, version);
    client.send_connect("me", {.user_name = "ann", .password = "wrong"});
    rig.answer(client, ReasonCode::bad_user_name_or_password);
    EXPECT_THAT(client.received(), ElementsAre("CONNACK Bad User Name or Password"));
    ASSERT_TRUE(client.ended());
    EXPECT_EQ(client.ended()->cause, EndCause::refused);
    EXPECT_EQ(client.ended()->client_id, "me");
    EXPECT_EQ(client.ended()->user_name, "ann");
    EXPECT_EQ(client.ended()->detail.find("wrong"), std::string::npos);
    EXPECT_EQ(rig.counters().logins_refused.get(), 1U);
    EXPECT_EQ(rig.counters().logins_over_limit.get(), 0U);
    EXPECT_THAT(rig.shard.router.registrations, IsEmpty());
  }
}

TEST(Password, ABusyServerSaysSo) {
  Rig rig;
  rig.authenticator.at_once = ReasonCode::server_busy;
  ScriptedClient client(rig.shard);
  client.send_connect("me", {.user_name = "ann", .password = "secret"});
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Server busy"));
  EXPECT_EQ(rig.counters().logins_over_limit.get(), 1U);
  EXPECT_EQ(rig.counters().logins_refused.get(), 0U);
}

TEST(Password, WhoGoesBeforeTheAnswerIsForgotten) {
  Rig rig;
  ScriptedClient client(rig.shard);
  client.send_connect("me", {.user_name = "ann", .password = "secret"});
  client.lose();
  EXPECT_THAT(rig.authenticator.forgotten, ElementsAre(client.id()));
  rig.answer(client, ReasonCode::success);  // one that came too late does not matter
  EXPECT_THAT(rig.shard.router.registrations, IsEmpty());
}

TEST(Password, AnAnswerThatDoesNotComeInTime) {
  Rig rig;
  ScriptedClient client(rig.shard);
  client.send_connect("me", {.user_name = "ann", .password = "secret"});
  rig.shard.advance(core::Limits().connect_timeout_milliseconds);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Server busy"));
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::connect_timeout);
  EXPECT_THAT(rig.authenticator.forgotten, ElementsAre(client.id()));
}

TEST(Password, AnAnswerForAConnectionThatDoesNotWaitForOne) {
  Rig rig;
  rig.authenticator.at_once = ReasonCode::success;
  ScriptedClient client(rig.shard);
  client.connect("me");
  rig.answer(client, ReasonCode::not_authorized);
  EXPECT_FALSE(client.ended());
  EXPECT_THAT(client.received(), IsEmpty());
}

// ---------------------------------------------------------------- enhanced authentication

void send_connect(ScriptedClient& client, std::string_view method, std::string_view data,
                  std::uint32_t packet_bytes_max = 0) {
  mqtt::PropertyWriter properties;
  if (packet_bytes_max != 0) properties.add_number(PropertyId::maximum_packet_size, packet_bytes_max);
  properties.add_string(PropertyId::authentication_method, method);
  if (!data.empty()) properties.add_string(PropertyId::authentication_data, data);
  client.send_connect("me", {.properties = properties.view(), .user_name = "ignored", .password = "ignored"});
}

void send_auth(ScriptedClient& client, ReasonCode reason, std::string_view data,
               std::string_view method = "TWO-STEPS") {
  mqtt::PropertyWriter properties;
  properties.add_string(PropertyId::authentication_method, method);
  properties.add_string(PropertyId::authentication_data, data);
  client.send(mqtt::Auth{.reason = reason, .properties = properties.view()});
}

/// A client that has authenticated as ann.
struct Authenticated : Rig {
  Authenticated() : client(shard) {
    send_connect(client, "TWO-STEPS", "ann");
    send_auth(client, ReasonCode::continue_authentication, "right");
  }
  ScriptedClient client;
};

TEST(EnhancedAuthentication, AuthUntilConnack) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "TWO-STEPS", "ann");
  EXPECT_THAT(client.received(), ElementsAre("AUTH Continue authentication TWO-STEPS who says so?"));
  EXPECT_FALSE(client.connection().reading_paused());
  send_auth(client, ReasonCode::continue_authentication, "right");
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Success"));
  EXPECT_EQ(client.connack_string(PropertyId::authentication_method), "TWO-STEPS");  // [MQTT-4.12.0-5]
  EXPECT_EQ(client.connack_string(PropertyId::authentication_data), "welcome");
  ASSERT_EQ(rig.shard.router.registrations.size(), 1U);
  EXPECT_EQ(rig.shard.router.registrations[0].second.user_name, "ann") << "not what User Name says";
  EXPECT_THAT(rig.authenticator.asked, IsEmpty());
}

TEST(EnhancedAuthentication, AFailureIsRefusedAndCounted) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "TWO-STEPS", "ann");
  send_auth(client, ReasonCode::continue_authentication, "wrong");
  EXPECT_THAT(client.received(),
              ElementsAre("AUTH Continue authentication TWO-STEPS who says so?", "CONNACK Not authorized"));
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->cause, EndCause::refused);
  EXPECT_EQ(client.ended()->user_name, "ann");
  EXPECT_EQ(client.ended()->detail, "that was wrong");
  EXPECT_EQ(rig.counters().logins_refused.get(), 1U);
}

TEST(EnhancedAuthentication, AMethodThatNobodyKnows) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "NO-STEPS", "ann");
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Bad authentication method"));  // [MQTT-4.12.0-1]
  EXPECT_EQ(rig.counters().logins_refused.get(), 1U);
}

TEST(EnhancedAuthentication, NothingElseBeforeConnack) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "TWO-STEPS", "ann");
  client.received();
  client.publish("a", "x");
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Protocol Error"));  // [MQTT-3.1.2-30]
  ScriptedClient leaving(rig.shard);
  send_connect(leaving, "TWO-STEPS", "ann");
  leaving.disconnect();
  ASSERT_TRUE(leaving.ended());
  EXPECT_EQ(leaving.ended()->cause, EndCause::disconnected);
}

TEST(EnhancedAuthentication, AClientThatFallsSilent) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "TWO-STEPS", "ann");
  client.received();
  rig.shard.advance(core::Limits().connect_timeout_milliseconds);
  EXPECT_THAT(client.received(), ElementsAre("CONNACK Not authorized"));
  EXPECT_EQ(client.ended()->cause, EndCause::connect_timeout);
}

TEST(EnhancedAuthentication, AuthThatDoesNotFitTheExchange) {
  for (const bool other_method : {false, true}) {
    Rig rig;
    ScriptedClient client(rig.shard);
    send_connect(client, "TWO-STEPS", "ann");
    client.received();
    if (other_method) {
      send_auth(client, ReasonCode::continue_authentication, "right", "OTHER");
    } else {
      send_auth(client, ReasonCode::re_authenticate, "ann");  // the first one is under way
    }
    EXPECT_THAT(client.received(), ElementsAre("CONNACK Protocol Error"));
  }
}

TEST(EnhancedAuthentication, AMaximumPacketSizeThatLeavesNoRoom) {
  Rig rig;
  ScriptedClient client(rig.shard);
  send_connect(client, "TWO-STEPS", "ann", 20);
  ASSERT_TRUE(client.ended());
  EXPECT_EQ(client.ended()->reason, ReasonCode::packet_too_large);
  ScriptedClient later(rig.shard);
  send_connect(later, "TWO-STEPS", "ann", 40);  // AUTH fits, CONNACK does not
  EXPECT_THAT(later.received(), ElementsAre("AUTH Continue authentication TWO-STEPS who says so?"));
  send_auth(later, ReasonCode::continue_authentication, "right");
  ASSERT_TRUE(later.ended());
  EXPECT_EQ(later.ended()->reason, ReasonCode::packet_too_large);
  EXPECT_THAT(rig.shard.router.registrations, IsEmpty());
}

TEST(EnhancedAuthentication, WithoutItThereIsNoAuth) {
  Rig rig;
  rig.authenticator.at_once = ReasonCode::success;
  ScriptedClient client(rig.shard);
  client.connect("me");
  EXPECT_EQ(client.connack_string(PropertyId::authentication_method), "");  // [MQTT-4.12.0-6]
  send_auth(client, ReasonCode::re_authenticate, "ann");
  EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Protocol Error"));  // [MQTT-4.12.0-7]
}

TEST(EnhancedAuthentication, AgainWhileConnected) {
  Authenticated rig;
  rig.client.received();
  send_auth(rig.client, ReasonCode::re_authenticate, "ann");
  EXPECT_THAT(rig.client.received(), ElementsAre("AUTH Continue authentication TWO-STEPS who says so?"));
  rig.client.send(mqtt::Pingreq{});
  EXPECT_THAT(rig.client.received(), ElementsAre("PINGRESP")) << "the old authentication counts meanwhile (4.12.1)";
  send_auth(rig.client, ReasonCode::continue_authentication, "right");
  EXPECT_THAT(rig.client.received(), ElementsAre("AUTH Success TWO-STEPS welcome"));
  send_auth(rig.client, ReasonCode::re_authenticate, "ann");
  EXPECT_THAT(rig.client.received(), ElementsAre("AUTH Continue authentication TWO-STEPS who says so?"));
}

TEST(EnhancedAuthentication, AgainAndWrong) {
  Authenticated rig;
  send_auth(rig.client, ReasonCode::re_authenticate, "ann");
  rig.client.received();
  send_auth(rig.client, ReasonCode::continue_authentication, "wrong");
  EXPECT_THAT(rig.client.received(), ElementsAre("DISCONNECT Not authorized"));  // [MQTT-4.12.1-2]
  ASSERT_TRUE(rig.client.ended());
  EXPECT_EQ(rig.client.ended()->cause, EndCause::refused);
  EXPECT_EQ(rig.counters().logins_refused.get(), 1U);
  EXPECT_EQ(rig.counters().connections_accepted.get(), 0U);
}

TEST(EnhancedAuthentication, AgainAsAnotherUser) {
  Authenticated rig;
  send_auth(rig.client, ReasonCode::re_authenticate, "bob");
  rig.client.received();
  send_auth(rig.client, ReasonCode::continue_authentication, "right");
  EXPECT_THAT(rig.client.received(), ElementsAre("DISCONNECT Not authorized"));
}

TEST(EnhancedAuthentication, AgainOutOfTurn) {
  Authenticated going_on;
  going_on.client.received();
  send_auth(going_on.client, ReasonCode::continue_authentication, "right");
  EXPECT_THAT(going_on.client.received(), ElementsAre("DISCONNECT Protocol Error"));
  Authenticated other;
  other.client.received();
  send_auth(other.client, ReasonCode::re_authenticate, "ann", "OTHER");
  EXPECT_THAT(other.client.received(), ElementsAre("DISCONNECT Protocol Error"));  // [MQTT-4.12.1-1]
  Authenticated twice;
  send_auth(twice.client, ReasonCode::re_authenticate, "ann");
  twice.client.received();
  send_auth(twice.client, ReasonCode::re_authenticate, "ann");
  EXPECT_THAT(twice.client.received(), ElementsAre("DISCONNECT Protocol Error"));
}

}  // namespace
}  // namespace mqttzoo::test
