#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

/// A subscriber at QoS 2 and somebody who publishes to it.
class Acknowledgement : public testing::Test {
 protected:
  explicit Acknowledgement(ProtocolVersion version = ProtocolVersion::v5) : subscriber(shard, version) {
    publisher.connect("publisher");
    subscriber.connect("subscriber").subscribe("a", 2);
  }

  ShardUnderTest shard;
  ScriptedClient publisher{shard};
  ScriptedClient subscriber;
};

// v5 and v3.1.1 4.3.2, sender
TEST_F(Acknowledgement, Qos1ToASubscriber) {
  publisher.publish("a", "1", 1, 9);
  publisher.publish("a", "2", 1, 9);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH a 1 qos1 #1", "PUBLISH a 2 qos1 #2"));
  subscriber.puback(1);
  subscriber.puback(2);
  publisher.publish("a", "3", 1, 9);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH a 3 qos1 #3"));
}

// v5 and v3.1.1 4.3.3, sender
TEST_F(Acknowledgement, Qos2ToASubscriber) {
  publisher.publish("a", "1", 2, 9);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH a 1 qos2 #1"));
  subscriber.pubrec(1);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL #1 Success"));
  subscriber.pubrec(1);  // repeated
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL #1 Success"));
  subscriber.pubcomp(1);
  EXPECT_THAT(subscriber.received(), IsEmpty());
  EXPECT_FALSE(subscriber.ended());
}

// v5 4.3.3: an error in PUBREC ends the exchange.
TEST_F(Acknowledgement, ASubscriberThatRefusesIsNotAskedAgain) {
  publisher.publish("a", "1", 2, 9);
  subscriber.received();
  subscriber.pubrec(1, ReasonCode::quota_exceeded);
  EXPECT_THAT(subscriber.received(), IsEmpty());
  subscriber.pubrec(1);  // the identifier is unknown now
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL #1 Packet Identifier not found"));
}

// v5 3.7.2.1, v3.1.1 4.3.3
TEST_F(Acknowledgement, UnknownIdentifiers) {
  subscriber.puback(77);
  subscriber.pubcomp(77);
  subscriber.pubrec(77, ReasonCode::quota_exceeded);
  EXPECT_THAT(subscriber.received(), IsEmpty());
  subscriber.pubrec(77);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL #77 Packet Identifier not found"));
  subscriber.pubrel(77);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBCOMP #77 Packet Identifier not found"));
  EXPECT_FALSE(subscriber.ended());
}

TEST_F(Acknowledgement, TheWrongPacketForTheQosIsAProtocolError) {
  std::uint16_t packet_id = 0;
  const auto end_after = [&](int qos, auto&& act) {
    ScriptedClient client(shard);
    client.connect("client").subscribe("x", 2);
    publisher.publish("x", "1", qos, ++packet_id);
    client.received();
    act(client);
    EXPECT_THAT(client.received(), ElementsAre("DISCONNECT Protocol Error"));
    EXPECT_TRUE(client.ended());
  };
  end_after(2, [](ScriptedClient& client) { client.puback(1); });
  end_after(1, [](ScriptedClient& client) { client.pubrec(1); });
  end_after(2, [](ScriptedClient& client) { client.pubcomp(1); });
}

TEST_F(Acknowledgement, PubrelBeforePubrecIsAProtocolError) {
  shard.router.holds_publishes = true;
  publisher.publish("a", "1", 2, 9);
  publisher.pubrel(9);
  EXPECT_THAT(publisher.received(), ElementsAre("DISCONNECT Protocol Error"));
  shard.router.finish_publish(0);  // the router did not know yet
  shard.turn();
  EXPECT_THAT(publisher.received(), IsEmpty());
}

TEST_F(Acknowledgement, MalformedOnes) {
  for (const std::string& bytes : {std::string("\x40\x01\x00", 3), std::string("\x50\x00", 2),
                                   std::string("\x60\x02\x00\x01", 4) /* flags of PUBREL [MQTT-3.6.1-1] */,
                                   std::string("\x70\x03\x00\x01\x01", 5), std::string("\x40\x02\x00\x00", 4)}) {
    ScriptedClient client(shard);
    client.connect("client");
    client.send_bytes(bytes);
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(client.received().size(), 1U);
  }
}

class AcknowledgementV3 : public Acknowledgement {
 protected:
  AcknowledgementV3() : Acknowledgement(ProtocolVersion::v3_1_1) {}
};

TEST_F(AcknowledgementV3, TheSameStepsWithoutReasons) {
  publisher.publish("a", "1", 2, 9);
  publisher.publish("a", "2", 1, 8);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBLISH a 1 qos2 #1", "PUBLISH a 2 qos1 #2"));
  subscriber.pubrec(1);
  subscriber.pubcomp(1);
  subscriber.puback(2);
  subscriber.pubrel(5);
  EXPECT_THAT(subscriber.received(), ElementsAre("PUBREL #1 Success", "PUBCOMP #5 Success"));
  EXPECT_FALSE(subscriber.ended());
}

// v5 [MQTT-3.1.2-29], 3.4.2.2.2: more than a Reason Code for errors, unless the client does not want it.
TEST(ReasonStrings, StandInAcknowledgementsOfErrorsWhereTheyAreWanted) {
  ShardUnderTest shard;
  mqtt::PropertyWriter silent;
  silent.add_number(mqtt::PropertyId::request_problem_information, 0);
  ScriptedClient asks(shard), does_not(shard), old(shard, ProtocolVersion::v3_1_1);
  asks.connect("asks");
  does_not.connect("does not", {.properties = silent.view()});
  old.connect("old");
  const std::string deep(1000, '/');
  for (ScriptedClient* client : {&asks, &does_not}) {
    client->publish(deep, "x", 1, 1);
    client->publish(deep, "x", 2, 2);
    client->send_subscribe(deep, 0, 3);
  }
  old.send_subscribe(deep, 0, 3);
  const std::string raw(asks.raw());
  EXPECT_NE(raw.find("Topic Name invalid"), std::string::npos);
  EXPECT_NE(raw.find("Topic Filter invalid"), std::string::npos);
  EXPECT_EQ(does_not.raw().find("invalid"), std::string::npos);
  EXPECT_THAT(asks.received(),
              ElementsAre("PUBACK #1 Topic Name invalid", "PUBREC #2 Topic Name invalid", "SUBACK #3 8F"));
  EXPECT_THAT(does_not.received(),
              ElementsAre("PUBACK #1 Topic Name invalid", "PUBREC #2 Topic Name invalid", "SUBACK #3 8F"));
  EXPECT_THAT(old.received(), ElementsAre("SUBACK #3 80"));
}

}  // namespace
}  // namespace mqttzoo::test
