#include "broker/cluster/retained/retained_lanes.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::cluster {
namespace {

using Outcome = RetainedStored::Outcome;
using testing::ElementsAre;

core::MessageRef message(const std::string& topic, const std::string& payload) {
  core::MessageView view;
  view.topic = topic;
  view.payload = payload;
  return core::MessageRef::copy_of(view);
}

class RetainedLanesTest : public testing::Test {
 protected:
  std::uint64_t retained(const std::string& topic, const std::string& payload) {
    return lanes.add_retained(message(topic, payload), core::PublishTicket::of_connection({0, 1}, 1, true));
  }
  void behind(const std::string& topic, const std::string& payload) {
    lanes.add_behind(message(topic, payload), core::PublishTicket::of_connection({0, 1}, 1, true));
  }
  std::vector<std::string> answer(std::uint64_t ticket, Outcome outcome = Outcome::stored) {
    std::vector<RetainedLanes::Released> released;
    lanes.answered({ticket, outcome, mqtt::ReasonCode::quota_exceeded}, released);
    std::vector<std::string> payloads;
    for (const auto& one : released) {
      const char* const mark = one.outcome == Outcome::refused ? "!" : one.outcome == Outcome::live_only ? "~" : "";
      payloads.push_back(mark + std::string(one.message->view().payload));
    }
    return payloads;
  }

  RetainedLanes lanes;
};

TEST_F(RetainedLanesTest, LaterPublishesOnTheTopicWaitForTheCommit) {
  EXPECT_FALSE(lanes.has("t"));
  const auto first = retained("t", "1");
  EXPECT_TRUE(lanes.has("t"));
  EXPECT_FALSE(lanes.has("other"));
  behind("t", "2");
  behind("t", "3");
  EXPECT_EQ(lanes.size(), 3u);
  EXPECT_THAT(answer(first), ElementsAre("1", "2", "3"));
  EXPECT_FALSE(lanes.has("t"));
  EXPECT_EQ(lanes.size(), 0u);
  EXPECT_EQ(lanes.bytes(), 0u);
}

TEST_F(RetainedLanesTest, EachCommitReleasesUpToTheNextOneThatIsPending) {
  const auto first = retained("t", "1");
  behind("t", "2");
  const auto second = retained("t", "3");
  behind("t", "4");
  EXPECT_THAT(answer(first), ElementsAre("1", "2"));
  EXPECT_TRUE(lanes.has("t"));
  EXPECT_THAT(answer(second), ElementsAre("3", "4"));
}

TEST_F(RetainedLanesTest, TopicsDoNotWaitForEachOther) {
  const auto slow = retained("slow", "1");
  const auto quick = retained("quick", "2");
  EXPECT_THAT(answer(quick), ElementsAre("2"));
  EXPECT_THAT(answer(slow), ElementsAre("1"));
}

TEST_F(RetainedLanesTest, TheOrderHoldsEvenIfAnswersComeOutOfOrder) {
  const auto first = retained("t", "1");
  const auto second = retained("t", "2");
  EXPECT_THAT(answer(second), ElementsAre());
  EXPECT_THAT(answer(first), ElementsAre("1", "2"));
}

TEST_F(RetainedLanesTest, TellsWhatBecameOfEachOne) {
  const auto refused = retained("t", "1");
  behind("t", "2");
  EXPECT_THAT(answer(refused, Outcome::refused), ElementsAre("!1", "2"));
  EXPECT_THAT(answer(retained("t", "3"), Outcome::live_only), ElementsAre("~3"));
}

TEST_F(RetainedLanesTest, AnswersToWhatWasForgottenAreIgnored) {
  const auto old = retained("t", "1");
  EXPECT_EQ(lanes.clear(), 1u);
  EXPECT_FALSE(lanes.has("t"));
  const auto fresh = retained("t", "2");
  EXPECT_THAT(answer(old), ElementsAre());
  EXPECT_THAT(answer(fresh), ElementsAre("2"));
  EXPECT_THAT(answer(fresh), ElementsAre()) << "twice";
}

}  // namespace
}  // namespace mqttzoo::cluster
