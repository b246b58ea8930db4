#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using cluster::SharedView;

/// A publishes; B and C are subscribed to everything.
class Views : public testing::Test {
 protected:
  Views() {
    zoo.start({"A", "B", "C"});
    b().subscribe("#");
    c().subscribe("#");
    zoo.settle();
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  TestShard& c() { return zoo["C"].shard(); }
  RouterCluster zoo;
};

TEST_F(Views, BetweenEnteringAndActingQos1IsHeldAndQos0Flows) {
  a().subscribe("#");
  zoo.settle();
  const SharedView view = zoo.next_view({"A", "B", "C"});
  zoo.enter("A", view);
  zoo.settle();
  const auto first = a().publish("t", "1", 1);
  const auto second = a().publish("t", "2", 2);
  a().publish("t", "zero", 0);
  zoo.settle();
  EXPECT_EQ(a().core.payloads(), "zero");
  EXPECT_EQ(b().core.payloads(), "zero");
  EXPECT_EQ(a().counters.held_now.get(), 2u);
  zoo.enter("B", view);
  zoo.enter("C", view);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(first));
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, view);
  zoo.settle();
  EXPECT_EQ(a().core.payloads(), "zero 1 2");
  EXPECT_EQ(b().core.payloads(), "zero 1 2");
  EXPECT_TRUE(a().core.acknowledged(first) && a().core.acknowledged(second));
}

// What a receiver may take depends on the sender's view, not on when it arrives.
TEST_F(Views, AReceiverThatIsAheadRefusesAndGetsItInTheNextView) {
  const SharedView view = zoo.next_view({"A", "B", "C"});
  zoo.enter("B", view);
  zoo.settle();
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "");
  EXPECT_EQ(c().core.payloads(), "1");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().counters.frames_refused.get(), 1u);
  EXPECT_EQ(a().counters.frames_refused_by_peer.get(), 1u);
  zoo.enter("A", view);
  zoo.enter("C", view);
  zoo.settle();
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, view);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_EQ(c().core.payloads(), "1") << "known there";
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Views, ARefusalInOneMessageDoesNotLoseQos0OfTheSameFrame) {
  zoo.enter("B", zoo.next_view({"A", "B", "C"}));
  zoo.settle();
  a().turn([&] {
    a().publish_now("t", "one", 1);
    a().publish_now("t", "zero", 0);
  });
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "zero");
}

// An answer counts only in the view it was given in.
TEST_F(Views, AnAnswerFromAnOlderViewFinishesNothing) {
  zoo.links.stall("B", "A");
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  const SharedView view = zoo.next_view({"A", "B", "C"});
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, view);
  zoo.settle();
  zoo.links.heal("B", "A");
  zoo.settle();
  zoo.links.stall("B", "A");
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, view);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket)) << "B answered in the old view only";
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_EQ(b().counters.duplicates_received.get(), 1u);
}

// Answered by all, but not yet acknowledged when the view changes: the new view's targets have to answer too.
TEST_F(Views, WhatFinishedTooLateIsSentAgain) {
  a().turn([&] { a().publish_now("t", "1", 1); });
  zoo["A"].lease.end();
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(1));
  const SharedView view = zoo.next_view({"A", "B", "C"});
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, view);
  zoo.settle();
  zoo.links.stall("B", "A");
  zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
  for (const char* const name : {"A", "B", "C"}) zoo.act(name, view);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(1));
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(1));
}

// Nobody waits for a broker that is out of the view.
TEST_F(Views, ARemovedTargetIsNotWaitedFor) {
  zoo.links.stall("A", "C");
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.change_view({"A", "B"});
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_EQ(zoo["A"].shard().core.acknowledged(a().publish("t", "2", 1)), false);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(2)) << "C is interested and linked, but no member";
}

// A member that came in between gets what is unfinished.
TEST_F(Views, UnfinishedMessagesAreMatchedAgainInTheNewView) {
  zoo.links.stall("A", "B");
  const auto ticket = a().publish("t", "1", 1);
  zoo.add("D");
  zoo.introduce_all();
  zoo.settle();
  zoo["D"].shard().subscribe("t");
  zoo.settle();
  EXPECT_EQ(zoo["D"].shard().core.payloads(), "");
  const SharedView view = zoo.change_view({"A", "B", "C", "D"});
  EXPECT_EQ(zoo["D"].shard().core.payloads(), "1");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().core.payloads(), "1");
}

TEST_F(Views, JoinersGetQos0BeforeTheyAreMembers) {
  zoo.add("D");
  zoo.introduce_all();
  zoo.settle();
  zoo["D"].shard().subscribe("t");
  zoo.settle();
  a().publish("t", "zero", 0);
  const auto ticket = a().publish("t", "one", 1);
  zoo.settle();
  EXPECT_EQ(zoo["D"].shard().core.payloads(), "zero");
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

// Unfinished in order, then what was held, then what is new.
TEST_F(Views, TheOrderOfAStreamHoldsThroughAViewChange) {
  zoo.links.stall("A", "B");
  for (const char* const payload : {"1", "2", "3"}) a().publish("t", payload, 1);
  const SharedView view = zoo.next_view({"A", "B", "C"});
  for (const char* const name : {"A", "B", "C"}) zoo.enter(name, view);
  zoo.settle();
  a().publish("t", "4", 1);
  a().publish("t", "5", 1);
  for (const char* const name : {"B", "C"}) zoo.act(name, view);
  zoo.links.heal("A", "B");
  a().turn([&] {
    a().router.receive(cluster::ActInView{view->number});
    a().publish_now("t", "6", 1);
  });
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 2 3 4 5 6");
  EXPECT_EQ(c().core.payloads(), "1 2 3 4 5 6");
  EXPECT_EQ(a().core.published_reasons.size(), 6u);
}

// Interest that goes or comes counts from when it is told, for what is published then.
TEST_F(Views, WithdrawnInterestDoesNotTakeBackWhatIsUnfinished) {
  zoo.links.stall("A", "B");
  const auto ticket = a().publish("t", "1", 1);
  b().turn([&] { b().router.interest_removed("#"); });
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket)) << "B was interested when it was published";
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().core.payloads(), "1");
}

TEST_F(Views, WithoutAMembersSlotNothingIsAcknowledgedUntilItActsAgain) {
  const cluster::PeerSlot slot = zoo["A"].slots.at("C#1");
  zoo["A"].tell(cluster::PeerGone{slot});
  zoo["A"].slots.erase("C#1");
  zoo.settle();
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket)) << "C may be interested";
  zoo.introduce("A", "C");
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.change_view({"A", "B", "C"});
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(c().core.payloads(), "1");
}

TEST_F(Views, PermissionForAnotherViewIsNotPermission) {
  const SharedView old = zoo.next_view({"A", "B", "C"});
  const SharedView view = zoo.next_view({"A", "B", "C"});
  zoo.enter("A", old);
  zoo.enter("A", view);
  zoo.act("A", old);
  zoo.settle();
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_FALSE(a().core.acknowledged(ticket));
  EXPECT_EQ(c().core.payloads(), "");
}

TEST_F(Views, EachViewEnteredIsReported) {
  const SharedView view = zoo.next_view({"A", "B", "C"});
  a().turn([&] { a().router.receive(cluster::EnterView{view}); });
  ASSERT_FALSE(a().to_control.empty());
  EXPECT_EQ(std::get<cluster::ViewEntered>(a().to_control.back()).number, view->number);
}

}  // namespace
}  // namespace mqttzoo::test
