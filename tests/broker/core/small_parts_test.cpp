#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core/authenticator.hpp"
#include "broker/core/received_qos2.hpp"
#include "broker/core/subscribe_answers.hpp"
#include "broker/core/subscription.hpp"
#include "broker/core/topic_aliases.hpp"
#include "broker/core/topic_rules.hpp"

// The parts of a few lines, together.
namespace mqttzoo::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SubscriptionIdentifiers, KeepNoneOneOrMany) {
  EXPECT_THAT(SubscriptionIdentifiers().view(), IsEmpty());
  const std::uint32_t one[] = {7};
  const std::uint32_t many[] = {7, 8, 9};
  SubscriptionIdentifiers single(one), several(many);
  EXPECT_THAT(single.view(), ElementsAre(7));
  EXPECT_THAT(several.view(), ElementsAre(7, 8, 9));
  const SubscriptionIdentifiers moved_single(std::move(single)), moved_several(std::move(several));
  EXPECT_THAT(moved_single.view(), ElementsAre(7));
  EXPECT_THAT(moved_several.view(), ElementsAre(7, 8, 9));
}

TEST(TopicAliases, SetFindAndReplace) {
  TopicAliases aliases;
  EXPECT_EQ(aliases.find(1), "");
  aliases.set(5, "five");
  aliases.set(1, "one");
  EXPECT_EQ(aliases.find(5), "five");
  EXPECT_EQ(aliases.find(1), "one");
  EXPECT_EQ(aliases.find(2), "");
  EXPECT_EQ(aliases.find(6), "");
  EXPECT_EQ(aliases.find(0), "");
  aliases.set(5, "other");
  EXPECT_EQ(aliases.find(5), "other");
}

TEST(ReceivedQos2, FollowsAnIdentifierToItsRelease) {
  ReceivedQos2 received;
  using State = ReceivedQos2::State;
  EXPECT_EQ(received.state_of(1), State::unknown);
  received.set(1, State::routing);
  received.set(65'535, State::routing);
  received.set(1, State::received);
  EXPECT_EQ(received.state_of(1), State::received);
  EXPECT_EQ(received.state_of(65'535), State::routing);
  EXPECT_EQ(received.size(), 2U);
  received.release(1);
  EXPECT_EQ(received.state_of(1), State::unknown);
}

TEST(SubscribeAnswers, AreSettledInAnyOrder) {
  SubscribeAnswers answers;
  std::vector<std::uint64_t> sequences;
  for (std::uint16_t id = 1; id <= 3; ++id) {
    SubscribeAnswers::Answer answer;
    answer.packet_id = id;
    sequences.push_back(answers.expect(std::move(answer)));
  }
  EXPECT_EQ(answers.settle(sequences[1]).packet_id, 2);
  EXPECT_EQ(answers.settle(sequences[0]).packet_id, 1);
  EXPECT_EQ(answers.unsettled(), 1U);
  answers.at(sequences[2]).holding = true;
  EXPECT_TRUE(answers.settle(sequences[2]).holding);
  EXPECT_EQ(answers.unsettled(), 0U);
  SubscribeAnswers::Answer next;
  EXPECT_GT(answers.expect(std::move(next)), sequences[2]);
}

TEST(SubscribeAnswersDeathTest, SettlingTwiceIsABug) {
  SubscribeAnswers answers;
  const auto first = answers.expect({});
  const auto second = answers.expect({});
  answers.settle(second);
  EXPECT_DEATH(answers.settle(second), "settled twice");
  answers.settle(first);
  EXPECT_DEATH(answers.settle(first), "settled twice");
}

TEST(TopicRules, DepthLengthAndReservedTopics) {
  Limits limits;
  limits.topic_levels_max = 3;
  limits.topic_bytes_max = 10;
  EXPECT_FALSE(too_deep_or_long("a/b/c", limits));
  EXPECT_FALSE(too_deep_or_long("//", limits));
  EXPECT_TRUE(too_deep_or_long("///", limits));
  EXPECT_FALSE(too_deep_or_long("1234567890", limits));
  EXPECT_TRUE(too_deep_or_long("12345678901", limits));
  EXPECT_TRUE(is_reserved_topic("$SYS"));
  EXPECT_TRUE(is_reserved_topic("$SYS/broker"));
  EXPECT_FALSE(is_reserved_topic("$SYSTEM"));
  EXPECT_FALSE(is_reserved_topic("a/$SYS"));
}

TEST(AnonymousAuthenticator, AllOrNobody) {
  AnonymousAuthenticator all(true), nobody(false);
  EXPECT_EQ(all.check({0, 1}, {"me", "user", "password"}), mqtt::ReasonCode::success);
  EXPECT_EQ(all.check({0, 1}, {"", std::nullopt, std::nullopt}), mqtt::ReasonCode::success);
  EXPECT_EQ(nobody.check({0, 1}, {"me", "user", "password"}), mqtt::ReasonCode::not_authorized);
  EXPECT_EQ(all.begin_exchange("SCRAM-SHA-256"), nullptr);
}

}  // namespace
}  // namespace mqttzoo::core
