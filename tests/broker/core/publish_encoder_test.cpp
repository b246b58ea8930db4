#include "broker/core/publish_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/packet_text.hpp"

namespace mqttzoo::core {
namespace {

using mqtt::ProtocolVersion;
using mqtt::QoS;

class PublishEncoderTest : public testing::Test {
 protected:
  PublishEncoderTest() {
    message.topic = "a/b";
    message.payload = "hello";
    message.properties = std::string_view("\x01\x01", 2);  // Payload Format Indicator
  }
  std::string encode(const PublishForm& form) {
    mqtt::ByteBuffer out;
    encoder.append(out, form);
    EXPECT_EQ(out.size(), encoder.size(form));
    const mqtt::Split split = mqtt::split_frame(out.view(), mqtt::packet_bytes_max);
    EXPECT_EQ(split.frame.total_size, out.size());
    return test::to_text(split.frame, form.version);
  }
  static PublishForm form(ProtocolVersion version, int qos, bool retain, std::uint16_t packet_id) {
    PublishForm one;
    one.version = version;
    one.qos = static_cast<QoS>(qos);
    one.retain = retain;
    one.packet_id = packet_id;
    return one;
  }

  MessageView message;
  PublishEncoder encoder;
};

TEST_F(PublishEncoderTest, ManyAndOneGiveTheSameBytes) {
  for (const ClusterMilliseconds expires_at : {0, 5'000}) {
    message.expires_at = expires_at;
    std::vector<std::string> texts[2];
    for (const bool many : {false, true}) {
      encoder.start(message, 1'000, many);
      for (int round = 0; round < 2; ++round) {
        for (const ProtocolVersion version : {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
          for (int qos = 0; qos <= 2; ++qos) {
            for (const bool retain : {false, true}) {
              const auto packet_id = static_cast<std::uint16_t>(qos == 0 ? 0 : 100 * round + 300 * qos);
              texts[many ? 1 : 0].push_back(encode(form(version, qos, retain, packet_id)));
            }
          }
        }
      }
    }
    EXPECT_EQ(texts[0], texts[1]);
    EXPECT_THAT(texts[0], testing::Contains("PUBLISH a/b hello qos2 #700 retain"));
  }
}

TEST_F(PublishEncoderTest, TheNextMessageForgetsTheOneBefore) {
  encoder.start(message, 0, true);
  EXPECT_EQ(encode(form(ProtocolVersion::v3_1_1, 0, false, 0)), "PUBLISH a/b hello");
  message.payload = "bye";
  encoder.start(message, 0, true);
  EXPECT_EQ(encode(form(ProtocolVersion::v3_1_1, 0, false, 0)), "PUBLISH a/b bye");
}

// v5 3.3.2.3.3: what is left, to the nearest second, and at least one while the message lives.
TEST_F(PublishEncoderTest, TellsTheTimeThatIsLeft) {
  message.properties = {};
  message.expires_at = 10'000;
  const auto at = [&](ClusterMilliseconds now) {
    encoder.start(message, now, false);
    return encode(form(ProtocolVersion::v5, 0, false, 0));
  };
  EXPECT_EQ(at(0), "PUBLISH a/b hello {Message Expiry Interval=10}");
  EXPECT_EQ(at(500), "PUBLISH a/b hello {Message Expiry Interval=10}");
  EXPECT_EQ(at(501), "PUBLISH a/b hello {Message Expiry Interval=9}");
  EXPECT_EQ(at(9'999), "PUBLISH a/b hello {Message Expiry Interval=1}");
  message.expires_at = expires_at_once;
  EXPECT_EQ(at(9'999), "PUBLISH a/b hello {Message Expiry Interval=0}");
}

TEST_F(PublishEncoderTest, AddsAllSubscriptionIdentifiers) {
  const std::vector<std::uint32_t> identifiers = {1, 127, 128, 268'435'455};
  PublishForm one = form(ProtocolVersion::v5, 1, false, 9);
  one.identifiers = identifiers;
  for (const bool many : {false, true}) {
    encoder.start(message, 0, many);
    EXPECT_EQ(encode(one),
              "PUBLISH a/b hello qos1 #9 {Subscription Identifier=1 Subscription Identifier=127 "
              "Subscription Identifier=128 Subscription Identifier=268435455 Payload Format Indicator=1}");
  }
  one.version = ProtocolVersion::v3_1_1;
  EXPECT_EQ(encode(one), "PUBLISH a/b hello qos1 #9");
}

// v5 3.3.2.3.4
TEST_F(PublishEncoderTest, WritesATopicAliasWithOrWithoutItsTopic) {
  encoder.start(message, 0, true);
  PublishForm first = form(ProtocolVersion::v5, 1, false, 7);
  first.topic_alias = 3;
  EXPECT_EQ(encode(first), "PUBLISH a/b hello qos1 #7 {Topic Alias=3 Payload Format Indicator=1}");
  first.topic_known = true;
  EXPECT_EQ(encode(first), "PUBLISH  hello qos1 #7 {Topic Alias=3 Payload Format Indicator=1}");
}

}  // namespace
}  // namespace mqttzoo::core
