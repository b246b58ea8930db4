#include "broker/core/publish_answers.hpp"

#include <gtest/gtest.h>

namespace mqttzoo::core {
namespace {

using mqtt::QoS;
using mqtt::ReasonCode;

// v5 [MQTT-4.6.0-2], v3.1.1 [MQTT-4.6.0-2]
TEST(PublishAnswers, LeaveInTheOrderInWhichThePublishesCame) {
  PublishAnswers answers;
  const auto first = answers.expect(11, QoS::at_least_once);
  const auto second = answers.expect(12, QoS::exactly_once);
  const auto third = answers.expect(13, QoS::at_least_once);
  PublishAnswers::Answer answer;
  answers.settle(third, ReasonCode::quota_exceeded);
  answers.settle(second, ReasonCode::success);
  EXPECT_FALSE(answers.pop(answer));
  answers.settle(first, ReasonCode::no_matching_subscribers);
  ASSERT_TRUE(answers.pop(answer));
  EXPECT_EQ(answer.packet_id, 11);
  EXPECT_EQ(answer.reason, ReasonCode::no_matching_subscribers);
  ASSERT_TRUE(answers.pop(answer));
  EXPECT_EQ(answer.packet_id, 12);
  EXPECT_EQ(answer.qos, QoS::exactly_once);
  ASSERT_TRUE(answers.pop(answer));
  EXPECT_EQ(answer.packet_id, 13);
  EXPECT_EQ(answer.reason, ReasonCode::quota_exceeded);
  EXPECT_FALSE(answers.pop(answer));
  EXPECT_EQ(answers.size(), 0U);
}

TEST(PublishAnswers, OneThatIsAskedForSaysWhatTheSessionKnows) {
  PublishAnswers answers;
  answers.expect(1, QoS::exactly_once);
  for (const std::uint16_t packet_id : {2, 3}) {
    answers.ask(answers.expect(packet_id, QoS::exactly_once), ReasonCode::not_authorized);
  }
  EXPECT_FALSE(answers.settle_asked(1, false)) << "nobody asked";
  EXPECT_FALSE(answers.settle_qos2(2, ReasonCode::success)) << "it is not routed";
  EXPECT_TRUE(answers.settle_asked(2, true));
  EXPECT_TRUE(answers.settle_asked(3, false));
  EXPECT_FALSE(answers.settle_asked(3, false)) << "once";
  EXPECT_TRUE(answers.settle_qos2(1, ReasonCode::success));
  PublishAnswers::Answer answer;
  for (const ReasonCode reason : {ReasonCode::success, ReasonCode::success, ReasonCode::not_authorized}) {
    ASSERT_TRUE(answers.pop(answer));
    EXPECT_EQ(answer.reason, reason);
  }
}

TEST(PublishAnswersDeathTest, AnsweringTwiceIsABug) {
  PublishAnswers answers;
  const auto sequence = answers.expect(1, QoS::at_least_once);
  answers.settle(sequence, ReasonCode::success);
  EXPECT_DEATH(answers.settle(sequence, ReasonCode::success), "answered twice");
  EXPECT_DEATH(answers.settle(sequence + 1, ReasonCode::success), "answered twice");
}

}  // namespace
}  // namespace mqttzoo::core
