#include <gmock/gmock.h>

#include <string>
#include <vector>

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

// v3.1.1 3.8.3.1: "a/b" with QoS 1 and "c/d" with QoS 2, Packet Identifier 10.
TEST(Subscribe, TheExampleOfV311) {
  const std::string bytes = wire("82 0E  000A  0003 'a/b' 01  0003 'c/d' 02");
  for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1}) {
    const auto subscribe = decode_subscribe(frame_of(bytes), version);
    ASSERT_TRUE(subscribe);
    EXPECT_EQ(subscribe->packet_id, 10);
    ASSERT_EQ(subscribe->subscriptions.size(), 2U);
    std::vector<Subscription> seen;
    for (const Subscription& subscription : subscribe->subscriptions) seen.push_back(subscription);
    EXPECT_EQ(seen[0].topic_filter, "a/b");
    EXPECT_EQ(seen[0].qos, QoS::at_least_once);
    EXPECT_EQ(seen[1].topic_filter, "c/d");
    EXPECT_EQ(seen[1].qos, QoS::exactly_once);
    EXPECT_EQ(encoded(*subscribe, version), hex(bytes));
  }
}

TEST(Subscribe, V5HasOptionsAndProperties) {
  const std::string bytes = packet(0x82, "000A {0B C102 26 (k)(v)} (a/b) 2D (c/d) 12");
  const auto subscribe = decode_subscribe(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(subscribe) << subscribe.error().detail;
  EXPECT_EQ(subscribe->properties.find_number(PropertyId::subscription_identifier), 321U);
  const Subscription first = *subscribe->subscriptions.begin();
  EXPECT_EQ(first.qos, QoS::at_least_once);
  EXPECT_TRUE(first.no_local && first.retain_as_published);
  EXPECT_EQ(first.retain_handling, RetainHandling::do_not_send);
  EXPECT_EQ(encoded(*subscribe, ProtocolVersion::v5), hex(bytes));
}

TEST(Subscribe, OptionsOfV5AreLeftOutForV3) {
  SubscriptionListWriter list;
  list.add({"a", QoS::exactly_once, true, true, RetainHandling::do_not_send});
  EXPECT_EQ(encoded(Subscribe{.packet_id = 1, .subscriptions = list.list()}, ProtocolVersion::v3_1_1),
            hex(wire("82 06 0001 0001 'a' 02")));
}

TEST(Subscribe, SharedSubscriptionsAreAllowedWithoutNoLocal) {
  const std::string bytes = packet(0x82, "0001 00 ($share/g/a) 01");
  EXPECT_TRUE(decode_subscribe(frame_of(bytes), ProtocolVersion::v5));
}

TEST(Subscribe, IllFormedFiltersAreLeftToTheReceiver) {
  const std::string bytes = packet(0x82, "0001 00 (a#) 01 () 00");
  const auto subscribe = decode_subscribe(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(subscribe);
  EXPECT_EQ(subscribe->subscriptions.size(), 2U);
}

TEST(Subscribe, RequestsMayBeDuplicatesInV31) {
  const std::string subscribe = packet(0x8A, "0001 (a) 01");
  EXPECT_TRUE(decode_subscribe(frame_of(subscribe), ProtocolVersion::v3_1));
  EXPECT_FALSE(decode_subscribe(frame_of(subscribe), ProtocolVersion::v3_1_1));
  const std::string unsubscribe = packet(0xAA, "0001 (a)");
  EXPECT_TRUE(decode_unsubscribe(frame_of(unsubscribe), ProtocolVersion::v3_1));
  EXPECT_FALSE(decode_unsubscribe(frame_of(unsubscribe), ProtocolVersion::v3_1_1));
}

// v3.1.1 3.10.3.1: "a/b" and "c/d".
TEST(Unsubscribe, TheExampleOfV311) {
  const std::string bytes = wire("A2 0C  0001  0003 'a/b'  0003 'c/d'");
  const auto unsubscribe = decode_unsubscribe(frame_of(bytes), ProtocolVersion::v3_1_1);
  ASSERT_TRUE(unsubscribe);
  EXPECT_EQ(unsubscribe->packet_id, 1);
  EXPECT_EQ(unsubscribe->topic_filters.size(), 2U);
  EXPECT_EQ(*unsubscribe->topic_filters.begin(), "a/b");
  EXPECT_EQ(encoded(*unsubscribe, ProtocolVersion::v3_1_1), hex(bytes));
}

TEST(Unsubscribe, V5HasProperties) {
  const std::string bytes = packet(0xA2, "0001 {26 (k)(v)} (a/b)");
  const auto unsubscribe = decode_unsubscribe(frame_of(bytes), ProtocolVersion::v5);
  ASSERT_TRUE(unsubscribe);
  EXPECT_TRUE(unsubscribe->properties.has(PropertyId::user_property));
  EXPECT_EQ(encoded(*unsubscribe, ProtocolVersion::v5), hex(bytes));
}

}  // namespace
}  // namespace mqttzoo::mqtt
