#include "broker/cluster/links/unfinished_window.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::cluster {
namespace {

using testing::ElementsAre;

IndexSet peers(std::initializer_list<PeerSlot> slots) {
  IndexSet set;
  for (const PeerSlot slot : slots) set.add(slot);
  return set;
}

core::MessageRef message(const std::string& topic) {
  core::MessageView view;
  view.topic = topic;
  view.qos = mqtt::QoS::at_least_once;
  return core::MessageRef::copy_of(view);
}

class UnfinishedWindowTest : public testing::Test {
 protected:
  std::uint64_t append(IndexSet targets, const std::string& topic = "t") {
    return window.append(message(topic), core::PublishTicket::of_connection({0, 1}, ++sequence, true), targets);
  }
  /// The numbers that the peer is sent now.
  std::vector<std::uint64_t> send(PeerSlot peer) {
    std::vector<std::uint64_t> numbers;
    while (const UnfinishedWindow::Message* const next = window.next_for(peer)) numbers.push_back(next->number);
    return numbers;
  }
  std::vector<std::uint64_t> take() {
    std::vector<core::PublishTicket> tickets;
    window.take_finished(tickets);
    std::vector<std::uint64_t> sequences;
    for (const core::PublishTicket& ticket : tickets) sequences.push_back(ticket.sequence);
    return sequences;
  }

  UnfinishedWindow window;
  std::uint64_t sequence = 0;
};

TEST_F(UnfinishedWindowTest, SendsEachPeerWhatIsForIt) {
  append(peers({1}));
  append(peers({2}));
  append(peers({1, 2}));
  EXPECT_THAT(send(1), ElementsAre(1, 3));
  EXPECT_THAT(send(2), ElementsAre(2, 3));
  EXPECT_THAT(send(1), ElementsAre());
  EXPECT_FALSE(window.has_unsent_for(1));
  append(peers({2}));
  EXPECT_TRUE(window.has_unsent_for(1)) << "not known before the cursor has passed it";
  EXPECT_THAT(send(1), ElementsAre());
}

TEST_F(UnfinishedWindowTest, FinishesWhenAllTargetsHaveAnswered) {
  append(peers({1, 2}));
  append(peers({2}));
  send(1);
  send(2);
  window.answered(2, 1, 2);
  EXPECT_THAT(take(), ElementsAre(2)) << "the second one waits for nobody else";
  EXPECT_EQ(window.size(), 1u);
  window.answered(2, 1, 2);
  EXPECT_FALSE(window.has_finished()) << "the same peer again";
  window.answered(1, 1, 1);
  EXPECT_THAT(take(), ElementsAre(1));
  EXPECT_EQ(window.size(), 0u);
  EXPECT_EQ(window.bytes(), 0u);
}

TEST_F(UnfinishedWindowTest, AnAnswerMeansOnlyWhatWasSent) {
  append(peers({1}));
  send(1);
  append(peers({1}));
  window.answered(1, 1, 100);
  EXPECT_THAT(take(), ElementsAre(1));
  EXPECT_THAT(send(1), ElementsAre(2)) << "an answer must not finish what has not left";
}

TEST_F(UnfinishedWindowTest, ANewLinkRepeatsWhatIsUnansweredInOrder) {
  for (int i = 0; i < 4; ++i) append(peers({1}));
  EXPECT_THAT(send(1), ElementsAre(1, 2, 3, 4));
  window.answered(1, 2, 2);
  window.rewind(1);
  append(peers({1}));
  const UnfinishedWindow::Message* const first = window.next_for(1);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->number, 1u);
  EXPECT_TRUE(first->sent_before);
  EXPECT_THAT(send(1), ElementsAre(3, 4, 5));
}

TEST_F(UnfinishedWindowTest, ANewViewMatchesAgainEvenWhatWasAnswered) {
  append(peers({1}), "a");
  append(peers({1}), "b");
  append(peers({1}), "c");
  send(1);
  window.answered(1, 1, 1);
  EXPECT_TRUE(window.has_finished());
  window.match_again([](std::string_view topic) { return topic == "c" ? IndexSet() : peers({2}); });
  EXPECT_THAT(take(), ElementsAre(3)) << "nobody wants it any more; the first one needs an answer of this view";
  EXPECT_THAT(send(1), ElementsAre());
  EXPECT_THAT(send(2), ElementsAre(1, 2));
  window.answered(2, 1, 2);
  EXPECT_THAT(take(), ElementsAre(1, 2));
}

// A number never means two messages.
TEST_F(UnfinishedWindowTest, NumbersAreNotUsedAgain) {
  EXPECT_EQ(append(peers({1})), 1u);
  send(1);
  window.answered(1, 1, 1);
  take();
  EXPECT_EQ(append(peers({1})), 2u);
  window.match_again([](std::string_view) { return peers({1}); });
  EXPECT_EQ(append(peers({1})), 3u);
}

TEST_F(UnfinishedWindowTest, OneStuckMessageDoesNotKeepTheMemoryOfOthers) {
  append(peers({1}));
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t number = append(peers({2}));
    send(2);
    window.answered(2, number, number);
    take();
  }
  EXPECT_EQ(window.size(), 1u);
  EXPECT_THAT(send(1), ElementsAre(1));
  append(peers({1, 2}));
  EXPECT_THAT(send(2), ElementsAre(20'002));
  window.answered(2, 20'002, 20'002);
  send(1);
  window.answered(1, 1, 20'002);
  EXPECT_THAT(take(), ElementsAre(1, 20'002));
}

TEST_F(UnfinishedWindowTest, ResetForgetsAllAndBeginsANewStream) {
  append(peers({1}));
  append(peers({1}));
  send(1);
  EXPECT_EQ(window.reset(), 2u);
  EXPECT_EQ(window.bytes(), 0u);
  EXPECT_EQ(append(peers({1})), 1u);
  EXPECT_THAT(send(1), ElementsAre(1));
}

}  // namespace
}  // namespace mqttzoo::cluster
