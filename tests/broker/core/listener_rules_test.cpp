#include "broker/core/listener_rules.hpp"

#include <gmock/gmock.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::DropReason;
using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::QoS;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr ProtocolVersion all_versions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};

std::vector<std::string> answer_to_connect(ShardUnderTest& shard, ProtocolVersion version, std::string_view client_id,
                                           const ConnectOptions& options = {}) {
  ScriptedClient client(shard, version);
  client.send_connect(client_id, options);
  return client.received();
}

mqtt::Will will_of(QoS qos, bool retain, std::string_view payload = "gone") {
  mqtt::Will will;
  will.topic = "will";
  will.payload = payload;
  will.qos = qos;
  will.retain = retain;
  return will;
}

TEST(ListenerRules, AnonymousClientsMayBeKeptOut) {
  ShardUnderTest shard;
  shard.rules.anonymous_allowed = false;
  for (const ProtocolVersion version : all_versions) {
    EXPECT_THAT(answer_to_connect(shard, version, "me"), ElementsAre("CONNACK Not authorized"));
  }
  EXPECT_THAT(shard.router.registrations, IsEmpty());
}

// v5 [MQTT-3.1.2-2], v3.1.1 [MQTT-3.1.2-2]
TEST(ListenerRules, VersionsThatAreNotSpokenAreRefused) {
  ShardUnderTest shard;
  shard.rules.accepts_v3_1 = shard.rules.accepts_v5 = false;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v5}) {
    EXPECT_THAT(answer_to_connect(shard, version, "me"), ElementsAre("CONNACK Unsupported Protocol Version"));
  }
  ScriptedClient(shard, ProtocolVersion::v3_1_1).connect("me");
}

// v5 [MQTT-3.1.3-8], v3.1.1 [MQTT-3.1.3-9]
TEST(ListenerRules, ClientIdentifiersMayHaveToBeChosenByTheClient) {
  ShardUnderTest shard;
  shard.rules.empty_client_id_allowed = false;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    EXPECT_THAT(answer_to_connect(shard, version, ""), ElementsAre("CONNACK Client Identifier not valid"));
  }
  ScriptedClient(shard).connect("me");
}

TEST(ListenerRules, AssignedClientIdentifiersHaveThePrefix) {
  ShardUnderTest shard;
  shard.rules.assigned_id_prefix = "here-";
  ScriptedClient client(shard);
  client.connect("");
  EXPECT_THAT(client.connack_string(PropertyId::assigned_client_identifier), StartsWith("here-0000"));
}

TEST(ListenerRules, TheUserNameTakesThePlaceOfTheClientIdentifier) {
  ShardUnderTest shard;
  shard.rules.user_name_is_client_id = true;
  for (const ProtocolVersion version : all_versions) {
    ScriptedClient client(shard, version);
    client.connect("me", {.user_name = "ada"});
    EXPECT_EQ(shard.router.registrations.back().second.client_id, "ada");
    EXPECT_EQ(client.connack_string(PropertyId::assigned_client_identifier), "");
    EXPECT_THAT(answer_to_connect(shard, version, "me"), ElementsAre("CONNACK Not authorized"));
  }
  ScriptedClient nameless(shard);
  nameless.connect("", {.user_name = "ada"});
  EXPECT_EQ(nameless.connack_string(PropertyId::assigned_client_identifier), "ada") << "v5 [MQTT-3.2.2-16]";
  const std::string longer(core::Limits().client_id_bytes_max + 1, 'x');
  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, "me", {.user_name = longer}),
              ElementsAre("CONNACK Client Identifier not valid"));
}

TEST(ListenerRules, ClientIdentifiersWithAnotherPrefixStayOut) {
  ShardUnderTest shard;
  shard.rules.required_id_prefix = "secure-";
  for (const ProtocolVersion version : all_versions) {
    EXPECT_THAT(answer_to_connect(shard, version, "secure"), ElementsAre("CONNACK Not authorized"));
    ScriptedClient(shard, version).connect("secure-1");
  }
  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, ""), ElementsAre("CONNACK Not authorized"));
}

// v5 [MQTT-3.2.2-9], [MQTT-3.2.2-11], [MQTT-3.2.2-12]
TEST(ListenerRules, NobodyPublishesAboveTheMaximumQoS) {
  ShardUnderTest shard;
  shard.rules.qos_max = QoS::at_least_once;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  EXPECT_EQ(five.connack_number(PropertyId::maximum_qos), 1U);
  five.publish("a", "x", 1, 1);
  five.publish("a", "x", 2, 2);
  EXPECT_THAT(five.received(), ElementsAre("PUBACK #1 Success", "DISCONNECT QoS not supported"));
  three.connect("three");
  three.publish("a", "x", 2, 1);
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_TRUE(three.ended());
  EXPECT_EQ(shard.router.routed.size(), 1U);

  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, "me", {.will = will_of(QoS::exactly_once, false)}),
              ElementsAre("CONNACK QoS not supported"));
  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v3_1_1, "me", {.will = will_of(QoS::exactly_once, false)}),
              IsEmpty())
      << "v3.1.1 [MQTT-3.2.2-6]: no return code fits";
  ScriptedClient(shard).connect("me", {.will = will_of(QoS::at_least_once, false)});
}

// v5 [MQTT-3.2.2-10]
TEST(ListenerRules, AnyQoSMayBeSubscribedToAndTheMaximumIsGranted) {
  for (const ProtocolVersion version : all_versions) {
    ShardUnderTest shard;
    shard.rules.qos_max = QoS::at_least_once;
    ScriptedClient client(shard, version);
    client.connect("me");
    mqtt::SubscriptionListWriter list;
    for (const char* filter : {"a", "b", "c"}) {
      list.add({.topic_filter = filter, .qos = static_cast<QoS>(filter[0] - 'a')});
    }
    client.send(mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()});
    EXPECT_THAT(client.received(), ElementsAre("SUBACK #1 00 01 01"));
    core::RoutedMessage message(shard.router.store("c", "x", 1, QoS::exactly_once));
    shard.shard.deliver(message);
    shard.turn();
    EXPECT_THAT(client.received(), ElementsAre("PUBLISH c x qos1 #1"));
  }
}

// v5 [MQTT-3.1.2-26]
TEST(ListenerRules, TheBrokerSetsNoMoreTopicAliasesThanItMay) {
  ShardUnderTest shard;
  mqtt::PropertyWriter properties;
  properties.add_number(PropertyId::topic_alias_maximum, 5);
  for (const int most : {0, 1}) {
    shard.rules.sent_topic_aliases_max = static_cast<std::uint16_t>(most);
    ScriptedClient client(shard), publisher(shard);
    client.connect("me", {.properties = properties.view()}).subscribe("+");
    publisher.connect("publisher");
    for (const char* topic : {"a", "b", "a"}) publisher.publish(topic, "x");
    if (most == 0) {
      EXPECT_THAT(client.received(), ElementsAre("PUBLISH a x", "PUBLISH b x", "PUBLISH a x"));
    } else {
      EXPECT_THAT(client.received(),
                  ElementsAre("PUBLISH a x {Topic Alias=1}", "PUBLISH b x", "PUBLISH  x {Topic Alias=1}"));
    }
    client.lose();
    publisher.lose();
  }
}

// v5 [MQTT-3.2.2-13], [MQTT-3.2.2-14]
TEST(ListenerRules, RetainedMessagesMayBeSwitchedOff) {
  ShardUnderTest shard;
  shard.rules.retain_available = false;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  EXPECT_EQ(five.connack_number(PropertyId::retain_available), 0U);
  five.publish("a", "x", 0, 0, true);
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Retain not supported"));
  three.connect("three");
  three.publish("a", "x", 1, 1, true);
  EXPECT_TRUE(three.ended());
  EXPECT_THAT(shard.router.routed, IsEmpty());

  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, "me", {.will = will_of(QoS::at_most_once, true)}),
              ElementsAre("CONNACK Retain not supported"));
}

TEST(ListenerRules, LongPayloadsAreAcknowledgedAndDropped) {
  ShardUnderTest shard;
  shard.rules.payload_bytes_max = 4;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  five.publish("a", "1234", 1, 1);
  five.publish("a", "12345", 1, 2);
  five.publish("a", "12345", 2, 3);
  five.publish("a", "12345");
  EXPECT_THAT(five.received(), ElementsAre("PUBACK #1 Success", "PUBACK #2 Implementation specific error",
                                           "PUBREC #3 Implementation specific error"));
  three.connect("three");
  three.publish("a", "12345", 1, 1);
  EXPECT_THAT(three.received(), ElementsAre("PUBACK #1 Success"));
  EXPECT_EQ(shard.router.routed.size(), 1U);
  EXPECT_EQ(shard.shard.counters().drops[static_cast<std::size_t>(DropReason::payload_too_long)].get(), 4U);

  EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, "me", {.will = will_of(QoS::at_most_once, false, "12345")}),
              ElementsAre("CONNACK Implementation specific error"));
}

// v5 3.3.2.3.2, 3.1.3.2.3
TEST(ListenerRules, PayloadsAreWhatTheirFormatSaysIfAskedFor) {
  constexpr std::string_view bad = "\xC3(", good("\xC3\xA4\0", 3);
  mqtt::PropertyWriter utf8, bytes;
  utf8.add_number(PropertyId::payload_format_indicator, 1);
  bytes.add_number(PropertyId::payload_format_indicator, 0);
  mqtt::Will will = will_of(QoS::at_most_once, false, bad);
  will.properties = utf8.view();
  for (const bool asked : {false, true}) {
    ShardUnderTest shard;
    shard.rules.validates_payload_format = asked;
    const std::string told = asked ? "Payload format invalid" : "Success";
    ScriptedClient client(shard);
    client.connect("me");
    for (const int qos : {0, 1, 2}) {
      client.publish("a", bad, qos, static_cast<std::uint16_t>(qos), false, utf8.view());
    }
    EXPECT_THAT(client.received(), ElementsAre("PUBACK #1 " + told, "PUBREC #2 " + told));
    client.publish("a", good, 1, 3, false, utf8.view());
    client.publish("a", bad, 1, 4, false, bytes.view());
    client.publish("a", bad, 1, 5);
    EXPECT_THAT(client.received(), ElementsAre("PUBACK #3 Success", "PUBACK #4 Success", "PUBACK #5 Success"));
    EXPECT_EQ(shard.shard.counters().drops[static_cast<std::size_t>(DropReason::payload_format_invalid)].get(),
              asked ? 3U : 0U);
    EXPECT_THAT(answer_to_connect(shard, ProtocolVersion::v5, "other", {.will = will}), ElementsAre("CONNACK " + told));
  }
}

// v5 4.11
TEST(ListenerRules, ClientsMayBeSentToAnotherServer) {
  for (const bool moved : {false, true}) {
    ShardUnderTest shard;
    shard.rules.server_reference = "other:1883";
    shard.rules.server_moved = moved;
    shard.rules.anonymous_allowed = false;  // nobody is asked
    ScriptedClient five(shard);
    five.send_connect("me");
    EXPECT_THAT(five.received(), ElementsAre(moved ? "CONNACK Server moved" : "CONNACK Use another server"));
    EXPECT_EQ(five.connack_string(PropertyId::server_reference), "other:1883");
    for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1}) {
      EXPECT_THAT(answer_to_connect(shard, version, "me"), ElementsAre("CONNACK Server unavailable"));
    }
    EXPECT_THAT(shard.router.registrations, IsEmpty());
  }
}

// v5 [MQTT-3.1.2-24]
TEST(ListenerRules, TheOtherServerIsNamedWhereThereIsNoRoomForMore) {
  ShardUnderTest shard;
  shard.rules.server_reference = "other:1883";
  for (const std::uint32_t most : {18, 17}) {
    mqtt::PropertyWriter properties;
    properties.add_number(PropertyId::maximum_packet_size, most);
    ScriptedClient client(shard);
    client.send_connect("me", {.properties = properties.view()});
    EXPECT_THAT(client.received(), ElementsAre("CONNACK Use another server"));
    EXPECT_EQ(client.connack_string(PropertyId::server_reference), most == 18 ? "other:1883" : "");
    EXPECT_EQ(client.connack_string(PropertyId::reason_string), "");
  }
}

// v5 4.11, 4.13.2
TEST(ListenerRules, ClientsMayBeSentToAnotherServerWhenTheBrokerStops) {
  ShardUnderTest shard;
  shard.rules.shutdown_server_reference = "other";
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1);
  five.connect("five");
  three.connect("three");
  shard.shard.end_all(mqtt::ReasonCode::server_shutting_down, shard.now);
  shard.turn();
  EXPECT_THAT(std::string(five.raw()), HasSubstr(std::string("\x1C\x00\x05other", 8)));
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Use another server"));
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_EQ(five.ended()->reason, mqtt::ReasonCode::server_shutting_down);
}

// v5 3.1.2.11.6 [MQTT-3.1.2-28], 3.2.2.3.15
TEST(ListenerRules, ResponseInformationIsForThoseWhoAsk) {
  mqtt::PropertyWriter wants, refuses;
  wants.add_number(PropertyId::request_response_information, 1);
  refuses.add_number(PropertyId::request_response_information, 0);
  const auto told = [](ShardUnderTest& shard, const ConnectOptions& options, std::string_view client_id = "me") {
    ScriptedClient client(shard);
    client.connect(client_id, options);
    client.lose();
    return client.connack_string(PropertyId::response_information);
  };
  ShardUnderTest shard;
  EXPECT_EQ(told(shard, {.properties = wants.view()}), "");
  shard.rules.response_topic_prefix = "answers/to";
  EXPECT_EQ(told(shard, {.properties = wants.view()}), "answers/to/me");
  EXPECT_EQ(told(shard, {.properties = refuses.view()}), "");
  EXPECT_EQ(told(shard, {}), "");
  EXPECT_EQ(told(shard, {.properties = wants.view()}, "a/b+#%c"), "answers/to/a%2Fb%2B%23%25c");
  EXPECT_THAT(told(shard, {.properties = wants.view()}, ""), StartsWith("answers/to/auto-"));
  core::Limits short_topics;
  short_topics.topic_bytes_max = 13;
  ShardUnderTest other(short_topics);
  other.rules.response_topic_prefix = "answers/to";
  EXPECT_EQ(told(other, {.properties = wants.view()}, "m"), "answers/to/m");
  EXPECT_EQ(told(other, {.properties = wants.view()}, "me"), "");
  shard.rules.response_topic_prefix.assign(100, 'x');
  wants.add_number(PropertyId::maximum_packet_size, 100);
  EXPECT_EQ(told(shard, {.properties = wants.view()}), "") << "v5 [MQTT-3.1.2-24]: it is admitted without";
}

}  // namespace
}  // namespace mqttzoo::test
