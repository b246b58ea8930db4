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

TEST(PublishAnswersDeathTest, AnsweringTwiceIsABug) {
  PublishAnswers answers;
  const auto sequence = answers.expect(1, QoS::at_least_once);
  answers.settle(sequence, ReasonCode::success);
  EXPECT_DEATH(answers.settle(sequence, ReasonCode::success), "answered twice");
  EXPECT_DEATH(answers.settle(sequence + 1, ReasonCode::success), "answered twice");
}

}  // namespace
}  // namespace mqttzoo::core
