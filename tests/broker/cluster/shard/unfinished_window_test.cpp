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
  /// What this broker takes again, it keeps at once.
  template <class Match>
  std::vector<std::uint64_t> match_again(IndexSet members, Match&& match) {
    const UnfinishedWindow::Again again = window.match_again(members, match);
    for (const std::uint64_t number : again.whole) window.kept_here(number);
    return again.lost;
  }
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
  match_again(peers({1, 2}), [](std::string_view topic) { return topic == "c" ? IndexSet() : peers({2}); });
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
  match_again(peers({1}), [](std::string_view) { return peers({1}); });
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

// ---------------------------------------------------------------- Shared Subscriptions

class SharedParts : public UnfinishedWindowTest {
 protected:
  std::uint64_t share(PeerSlot peer, std::uint64_t whole = 0, std::uint8_t attempt = 0) {
    const auto ticket = core::PublishTicket::of_connection({0, 1}, ++sequence, true);
    return window.append_shared(message("t"), ticket, {share_of_test, peer, {attempt, {}}, whole, false});
  }
  const SharedInterestRef share_of_test{new SharedInterest("$share/g/t")};
};

TEST_F(SharedParts, GoToTheChosenPeerOnly) {
  const std::uint64_t number = share(1, 0, 2);
  EXPECT_THAT(send(2), ElementsAre());
  const UnfinishedWindow::Message* const next = window.next_for(1);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->number, number);
  ASSERT_NE(next->shared, nullptr);
  EXPECT_EQ(next->shared->share->name(), "$share/g/t");
  EXPECT_EQ(next->shared->attempt.number, 2);
  window.answered(1, number, number);
  EXPECT_THAT(take(), ElementsAre(1));
}

TEST_F(SharedParts, OfOnePublishFinishTogether) {
  const std::uint64_t whole = append(peers({1}));
  const std::uint64_t first = share(1, whole);
  const std::uint64_t second = share(2, whole);
  send(1);
  send(2);
  window.answered(1, whole, first);
  EXPECT_THAT(take(), ElementsAre(0)) << "the first part is done, and has no publisher of its own";
  EXPECT_FALSE(window.has_finished());
  window.answered(2, second, second);
  EXPECT_THAT(take(), ElementsAre(0, 1));
  EXPECT_EQ(window.size(), 0u);
}

TEST_F(SharedParts, ThatAreDeclinedAreChosenAgainUnderANewNumber) {
  const std::uint64_t number = share(1);
  EXPECT_EQ(window.declined(1, number), nullptr) << "it was not sent";
  send(1);
  EXPECT_EQ(window.declined(2, number), nullptr) << "it was sent to somebody else";
  EXPECT_EQ(window.declined(1, number + 1), nullptr);
  const UnfinishedWindow::Message* const declined = window.declined(1, number);
  ASSERT_NE(declined, nullptr);
  EXPECT_EQ(declined->message->view().topic, "t");
  const std::uint64_t again = share(2, number, 1);
  window.chosen_again(number);
  EXPECT_GT(again, number);
  EXPECT_FALSE(window.has_finished());
  EXPECT_EQ(window.declined(1, number), nullptr) << "once is enough";
  window.rewind(1);
  EXPECT_THAT(send(1), ElementsAre());
  EXPECT_THAT(send(2), ElementsAre(again));
  window.answered(2, again, again);
  EXPECT_THAT(take(), ElementsAre(0, 1));
}

TEST_F(SharedParts, ThatNobodyTakesAreFinished) {
  const std::uint64_t number = share(1);
  send(1);
  ASSERT_NE(window.declined(1, number), nullptr);
  window.chosen_again(number);
  EXPECT_THAT(take(), ElementsAre(1));
}

// DESIGN: the choice stays with the unfinished message, and is made again if it fell on a broker that is gone.
TEST_F(SharedParts, KeepTheirPeerInANewViewWhileItIsAMember) {
  const std::uint64_t whole = append(peers({1}));
  const std::uint64_t kept = share(1, whole);
  const std::uint64_t lost = share(2, whole);
  send(1);
  send(2);
  window.answered(1, whole, kept);  // the answer of an old view counts for nothing
  const auto again = match_again(peers({1, 3}), [](std::string_view) { return peers({1, 2}); });
  EXPECT_THAT(again, ElementsAre(lost));
  EXPECT_EQ(window.at(lost).shared->share, share_of_test);
  EXPECT_FALSE(window.has_finished());
  const std::uint64_t anew = share(3, lost, 1);
  window.chosen_again(lost);
  EXPECT_THAT(send(1), ElementsAre(whole, kept));
  EXPECT_THAT(send(3), ElementsAre(anew));
  window.answered(3, anew, anew);
  EXPECT_THAT(take(), ElementsAre(0, 0));
  window.answered(1, whole, kept);
  EXPECT_THAT(take(), ElementsAre(0, 1));
}

TEST_F(SharedParts, ThatWereChosenAgainAreNotSentTwiceAfterAView) {
  const std::uint64_t number = share(1);
  send(1);
  window.declined(1, number);
  const std::uint64_t again = share(2, number, 1);
  window.chosen_again(number);
  send(2);
  EXPECT_THAT(match_again(peers({1, 2}), [](std::string_view) { return peers({1, 2}); }), ElementsAre());
  EXPECT_THAT(send(1), ElementsAre());
  EXPECT_THAT(send(2), ElementsAre(again));
  window.answered(2, again, again);
  EXPECT_THAT(take(), ElementsAre(0, 1));
}

// The choice had to wait, and a view came first.
TEST_F(SharedParts, ThatAwaitTheirChoiceAreGivenOutAgainInANewView) {
  const std::uint64_t number = share(1);
  send(1);
  ASSERT_NE(window.declined(1, number), nullptr);
  EXPECT_THAT(match_again(peers({1, 2}), [](std::string_view) { return peers({1, 2}); }), ElementsAre(number));
  EXPECT_FALSE(window.has_finished());
  window.chosen_again(number);
  EXPECT_THAT(take(), ElementsAre(1));
}

TEST_F(SharedParts, TellWhatIsNotSentAgain) {
  EXPECT_EQ(window.finished_below(), 1u);
  const std::uint64_t first = append(peers({1}));
  const std::uint64_t second = append(peers({1}));
  EXPECT_EQ(window.finished_below(), first);
  send(1);
  window.answered(1, first, first);
  take();
  EXPECT_EQ(window.finished_below(), second);
  window.answered(1, second, second);
  take();
  EXPECT_EQ(window.finished_below(), second + 1);
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
