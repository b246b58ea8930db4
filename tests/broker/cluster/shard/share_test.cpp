// Shared Subscriptions over shards and brokers: v5 4.8.2.
#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* group = "$share/g/t";

class Shares : public testing::Test {
 protected:
  Shares() { zoo.start({"A", "B", "C"}); }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  std::vector<std::uint64_t> publish(int count, int qos) {
    std::vector<std::uint64_t> tickets;
    for (int i = 0; i < count; ++i) tickets.push_back(a().publish("t", std::to_string(i), qos));
    zoo.settle();
    return tickets;
  }
  /// A member of B ends, which had a message.
  void leave_behind(int qos) {
    core::MessageView view;
    view.topic = "t";
    view.payload = "left behind";
    view.qos = static_cast<mqtt::QoS>(qos);
    b().turn([&] { b().router.publish_to_share(group, core::MessageRef::copy_of(view)); });
  }
  std::size_t taken() { return a().core.shared.size() + b().core.shared.size() + c().core.shared.size(); }
  RouterCluster zoo;
};

TEST_F(Shares, EachMessageGoesToOneMemberWhereverItIs) {
  for (TestShard* const shard : {&a(), &b(), &c()}) shard->share(group, {1, 1});
  zoo.settle();
  for (const int qos : {0, 1, 2}) {
    const auto tickets = publish(9, qos);
    for (const std::uint64_t ticket : tickets) EXPECT_EQ(a().core.acknowledged(ticket), qos != 0);
  }
  EXPECT_THAT(a().core.shared, SizeIs(9));
  EXPECT_THAT(b().core.shared, SizeIs(9));
  EXPECT_THAT(c().core.shared, SizeIs(9));
}

TEST_F(Shares, OtherSubscribersGetAllOfThem) {
  b().share(group, {1, 1});
  b().subscribe("t");
  zoo.settle();
  const auto tickets = publish(3, 1);
  EXPECT_EQ(b().core.payloads(), "0 1 2");
  EXPECT_THAT(b().core.shared, ElementsAre("0", "1", "2"));
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(a().counters.unfinished_now.get(), 0u);
}

TEST_F(Shares, GroupsChooseEachForItself) {
  b().share(group, {1, 1});
  b().share("$share/h/#", {1, 1});
  c().share("$share/h/#", {1, 1});
  zoo.settle();
  publish(4, 1);
  EXPECT_THAT(b().core.shared, SizeIs(6));
  EXPECT_THAT(c().core.shared, SizeIs(2));
}

/// Here, elsewhere, and in whichever order: the message is finished when all of its choices are.
TEST_F(Shares, FinishTogetherWhereBrokersKeepCopies) {
  zoo.keeps_copies = true;
  zoo.change_view({"A", "B", "C"});
  for (const char* const name : {"$share/f/t", group, "$share/h/t"})
    for (TestShard* const shard : {&a(), &b()}) shard->share(name, {1, 1});
  zoo.settle();
  zoo.links.stall("B", "A");
  const auto tickets = publish(8, 1);
  const auto finished = std::count_if(tickets.begin(), tickets.end(),
                                      [this](std::uint64_t ticket) { return a().core.acknowledged(ticket); });
  EXPECT_LT(finished, 8) << "some choice fell on B";
  zoo.links.heal("B", "A");
  zoo.settle();
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(taken(), 3U * tickets.size());
  EXPECT_EQ(a().counters.unfinished_now.get(), 0U);
}

TEST_F(Shares, APublisherIsToldWhetherThereAreMembers) {
  const auto before = publish(1, 1);
  EXPECT_EQ(a().core.published_reasons.at(before[0]), mqtt::ReasonCode::no_matching_subscribers);
  b().share(group, {1, 0});
  zoo.settle();
  const auto after = publish(1, 1);
  EXPECT_EQ(a().core.published_reasons.at(after[0]), mqtt::ReasonCode::success);
}

TEST_F(Shares, MembersWhoWouldWaitAreLeftOutWhileOthersAreAble) {
  a().share(group, {1, 0});
  b().share(group, {1, 1});
  c().share(group, {1, 0});
  zoo.settle();
  zoo.advance(20);
  publish(6, 1);
  EXPECT_THAT(b().core.shared, SizeIs(6));
}

// B's member became unable, and A does not know yet.
TEST_F(Shares, WhoIsNotAbleDeclinesAndAnotherOneIsChosen) {
  b().share(group, {1, 1});
  c().share(group, {1, 1});
  zoo.settle();
  b().share_silently(group, {1, 0});
  const auto tickets = publish(4, 1);
  EXPECT_THAT(c().core.shared, testing::UnorderedElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(b().core.shared, IsEmpty());
  EXPECT_GE(b().counters.shared_declined.get(), 1u);
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Shares, WhoDeclinedTakesItWhenThereIsNobodyElse) {
  b().share(group, {1, 1});
  zoo.settle();
  b().share_silently(group, {1, 0});
  const auto tickets = publish(2, 1);
  EXPECT_THAT(b().core.shared, testing::UnorderedElementsAre("0", "1"));
  EXPECT_TRUE(a().core.acknowledged(tickets[0]) && a().core.acknowledged(tickets[1]));
}

TEST_F(Shares, AMemberThatHasLeftIsNotLostOn) {
  b().share(group, {1, 1});
  c().share(group, {1, 1});
  zoo.settle();
  zoo.spreads_interest = false;
  b().share(group, {});
  const auto tickets = publish(4, 2);
  EXPECT_THAT(c().core.shared, testing::UnorderedElementsAre("0", "1", "2", "3"));
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Shares, WithoutAnyMemberLeftTheMessageIsDroppedAndCounted) {
  b().share(group, {1, 1});
  zoo.settle();
  zoo.spreads_interest = false;
  b().share(group, {});
  const auto ticket = publish(1, 1)[0];
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(a().counters.dropped_no_member.get(), 1u);
  publish(1, 0);
  EXPECT_EQ(b().counters.dropped_no_member.get(), 1u);
}

// The answer was lost with the link: the repeated message must not count as taken.
TEST_F(Shares, ADeclinedMessageIsDeclinedAgainWhenItIsRepeated) {
  b().share(group, {1, 1});
  c().share(group, {1, 0});
  zoo.settle();
  b().share_silently(group, {1, 0});
  zoo.links.stall("B", "A");
  const auto ticket = publish(1, 1)[0];
  EXPECT_EQ(b().counters.shared_declined.get(), 1u);
  EXPECT_EQ(taken(), 0u);
  zoo.links.cut("A", "B");
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(b().counters.duplicates_received.get(), 1u);
  EXPECT_EQ(taken(), 1u);
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Shares, AMessageThatWasTakenIsNotTakenAgain) {
  b().share(group, {1, 1});
  c().share(group, {1, 1});
  zoo.settle();
  zoo.links.stall("B", "A");
  const auto tickets = publish(4, 2);
  zoo.links.cut("A", "B");
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(taken(), 4u);
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Shares, AChoiceThatFellOnABrokerThatIsGoneIsMadeAgain) {
  b().share(group, {1, 1});
  c().share(group, {1, 1});
  a().share(group, {1, 1});
  zoo.settle();
  zoo.links.stall("A", "B");
  const auto tickets = publish(9, 1);
  EXPECT_EQ(taken(), 6u);
  zoo.kill("B");
  zoo.change_view({"A", "C"});
  zoo.settle();
  EXPECT_EQ(a().core.shared.size() + c().core.shared.size(), 9u);
  for (const std::uint64_t ticket : tickets) EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(a().counters.unfinished_now.get(), 0u);
}

TEST_F(Shares, AChoiceStaysWithABrokerThatIsStillAMember) {
  b().share(group, {1, 1});
  zoo.settle();
  zoo.links.stall("A", "B");
  const auto tickets = publish(2, 2);
  c().share(group, {1, 1});
  zoo.change_view({"A", "B", "C"});
  zoo.links.cut("A", "B");
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_THAT(b().core.shared, ElementsAre("0", "1"));
  EXPECT_THAT(c().core.shared, IsEmpty());
  EXPECT_TRUE(a().core.acknowledged(tickets[0]) && a().core.acknowledged(tickets[1]));
}

// What a member leaves behind goes to another one, also to one of another broker.
TEST_F(Shares, WhatAMemberHadGoesOnToAnotherOne) {
  c().share(group, {1, 1});
  zoo.settle();
  leave_behind(1);
  zoo.settle();
  EXPECT_THAT(c().core.shared, ElementsAre("left behind"));
  EXPECT_EQ(b().counters.unfinished_now.get(), 0u);
}

TEST_F(Shares, WhatAMemberHadWaitsUntilTheBrokerMayAct) {
  c().share(group, {1, 1});
  zoo.settle();
  zoo["B"].lease.extend_to(0);
  leave_behind(1);
  zoo.settle();
  EXPECT_THAT(c().core.shared, IsEmpty());
  EXPECT_EQ(b().counters.held_now.get(), 1u);
  zoo["B"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  b().turn([] {});
  zoo.settle();
  EXPECT_THAT(c().core.shared, ElementsAre("left behind"));
}

// How many are able is told now and then; that there are members at all, and none any more, at once.
TEST_F(Shares, ManyChangesOfAbilityAreToldTogether) {
  b().share(group, {2, 2});
  const auto changes_told = [&] {
    std::size_t count = 0;
    for (const cluster::ToControl& letter : b().to_control) {
      if (std::holds_alternative<cluster::InterestChanged>(letter)) ++count;
    }
    return count;
  };
  zoo.settle();
  zoo.spreads_interest = false;
  for (int i = 0; i < 10; ++i) b().share(group, {2, static_cast<std::uint32_t>(i % 2)});
  EXPECT_EQ(changes_told(), 0u);
  EXPECT_LE(b().router.next_deadline(), zoo.now_ms + 50);
  zoo.now_ms += 50;
  b().turn([] {});
  EXPECT_EQ(changes_told(), 1u);
  b().share(group, {2, 0});
  b().share(group, {2, 1});
  zoo.now_ms += 50;
  b().turn([] {});
  EXPECT_EQ(changes_told(), 1u) << "it is as it was told last";
  b().share(group, {});
  EXPECT_EQ(changes_told(), 2u);
}

// The publisher must not be told before the message is somewhere.
TEST_F(Shares, AChoiceThatHasToBeMadeAgainWithoutALeaseWaitsForIt) {
  b().share(group, {1, 1});
  c().share(group, {1, 0});
  zoo.settle();
  b().share_silently(group, {});
  c().share(group, {1, 1});
  const auto ticket = a().publish("t", "1", 1);
  zoo["A"].lease.end();
  zoo.settle();
  EXPECT_EQ(taken(), 0u);
  EXPECT_EQ(a().counters.unfinished_now.get(), 1u);
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  zoo.advance(100);
  EXPECT_THAT(c().core.shared, ElementsAre("1"));
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

// Its origin may have chosen somebody else meanwhile.
TEST_F(Shares, WhatARemovedBrokersMembersHadAtQos2IsNotSentOn) {
  c().share(group, {1, 1});
  zoo.settle();
  zoo["B"].lease.end();
  for (const int qos : {1, 2}) leave_behind(qos);
  EXPECT_EQ(b().counters.held_now.get(), 2u);
  zoo.reincarnate("B");
  zoo.settle();
  EXPECT_EQ(b().counters.held_now.get(), 1u);
  EXPECT_EQ(b().counters.publishes_forgotten.get(), 1u);
}

class SharesOfShards : public testing::Test {
 protected:
  SharesOfShards() { zoo.start({"A", "B"}, 2); }
  TestShard& shard(const std::string& broker, std::size_t index) { return zoo[broker].shard(index); }
  RouterCluster zoo;
};

TEST_F(SharesOfShards, EachMessageGoesToOneShard) {
  for (const char* const broker : {"A", "B"}) {
    for (const std::size_t index : {0, 1}) shard(broker, index).share(group, {1, 1});
  }
  zoo.settle();
  for (const int qos : {0, 1}) {
    for (int i = 0; i < 40; ++i) shard("A", 1).publish("t", "x", qos);
    zoo.settle();
  }
  std::size_t all = 0;
  for (const char* const broker : {"A", "B"}) {
    for (const std::size_t index : {0, 1}) {
      all += shard(broker, index).core.shared.size();
      EXPECT_GE(shard(broker, index).core.shared.size(), 10u);
    }
  }
  EXPECT_EQ(all, 80u);
}

// Nobody answers QoS 0, so it could go from broker to broker for ever.
TEST_F(SharesOfShards, Qos0GoesToNoThirdBroker) {
  shard("A", 1).share(group, {1, 0});
  shard("B", 0).share(group, {1, 0});
  zoo.settle();
  for (const char* const broker : {"A", "B"}) {
    for (const std::size_t index : {0, 1}) {
      for (int i = 0; i < 4; ++i) shard(broker, index).publish("t", "x", 0);
    }
  }
  zoo.settle();
  EXPECT_EQ(shard("A", 1).core.shared.size() + shard("B", 0).core.shared.size(), 16u) << "the last one tried takes it";
  shard("A", 1).core.shares_are_full = shard("B", 0).core.shares_are_full = true;
  for (int i = 0; i < 4; ++i) shard("A", 0).publish("t", "x", 0);
  zoo.settle();
  std::uint64_t dropped = 0;
  for (const char* const broker : {"A", "B"}) {
    for (const std::size_t index : {0, 1}) dropped += shard(broker, index).counters.dropped_no_member.get();
  }
  EXPECT_EQ(dropped, 4u);
}

TEST_F(SharesOfShards, AShardWithoutRoomLeavesItToItsSibling) {
  shard("B", 0).share(group, {9, 0});
  shard("B", 1).share(group, {1, 0});
  zoo.settle();
  shard("B", 0).core.shares_are_full = true;
  for (int i = 0; i < 8; ++i) shard("A", 0).publish("t", std::to_string(i), 1);
  zoo.settle();
  EXPECT_THAT(shard("B", 1).core.shared, SizeIs(8));
}

// The members with room are few among many without.
TEST_F(SharesOfShards, OwnersWithoutRoomAreAskedOnce) {
  shard("A", 1).share(group, {100, 0});
  shard("B", 0).share(group, {100, 0});
  shard("B", 1).share(group, {1, 0});
  zoo.settle();
  shard("A", 1).core.shares_are_full = shard("B", 0).core.shares_are_full = true;
  for (int i = 0; i < 8; ++i) shard("A", 0).publish("t", std::to_string(i), 1);
  zoo.settle();
  EXPECT_THAT(shard("B", 1).core.shared, SizeIs(8));
}

TEST_F(SharesOfShards, WhatTheBrokerItselfSaysGoesToOneMember) {
  shard("A", 0).share("$share/g/$SYS/#", {1, 1});
  shard("A", 1).share("$share/g/$SYS/#", {1, 1});
  zoo.settle();
  core::MessageView view;
  view.topic = "$SYS/broker/uptime";
  view.payload = "1 seconds";
  const cluster::DeliverHere letter{core::MessageRef::copy_of(view)};
  zoo["A"].tell(letter);
  zoo.settle();
  EXPECT_EQ(shard("A", 0).core.shared.size() + shard("A", 1).core.shared.size(), 1u);
}

TEST_F(SharesOfShards, AShardWhoseMemberHasLeftSendsItOn) {
  shard("A", 1).share(group, {1, 1});
  shard("B", 1).share(group, {1, 1});
  zoo.settle();
  zoo.spreads_interest = false;
  shard("A", 1).share(group, {});
  const auto first = shard("A", 0).publish("t", "1", 1);
  const auto second = shard("A", 0).publish("t", "2", 1);
  zoo.settle();
  EXPECT_THAT(shard("B", 1).core.shared, testing::UnorderedElementsAre("1", "2"));
  EXPECT_TRUE(shard("A", 0).core.acknowledged(first) && shard("A", 0).core.acknowledged(second));
}

}  // namespace
}  // namespace mqttzoo::test
