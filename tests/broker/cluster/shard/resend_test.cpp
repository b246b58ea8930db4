#include <gmock/gmock.h>

#include "broker/cluster/links/frames.hpp"
#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

/// A publishes; B is subscribed to everything.
class Resend : public testing::Test {
 protected:
  Resend() {
    zoo.start({"A", "B"});
    b().subscribe("#");
    zoo.settle();
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  RouterCluster zoo;
};

TEST_F(Resend, WhatALinkTookWithItIsSentAgain) {
  zoo.links.stall("A", "B");
  const auto first = a().publish("t", "1", 1);
  const auto second = a().publish("t", "2", 2);
  zoo.links.cut("A", "B");
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 2");
  EXPECT_TRUE(a().core.acknowledged(first) && a().core.acknowledged(second));
  EXPECT_EQ(a().counters.messages_resent.get(), 2u);
}

// P7 on one hop: the answer was lost, the message was not.
TEST_F(Resend, AMessageThatArrivedIsAnsweredAgainButNotDeliveredAgain) {
  zoo.links.stall("B", "A");
  const auto ticket = a().publish("t", "1", 2);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
  zoo.links.cut("A", "B");
  EXPECT_FALSE(a().core.acknowledged(ticket));
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_TRUE(a().core.acknowledged(ticket));
  EXPECT_EQ(b().counters.duplicates_received.get(), 1u);
}

// What is repeated comes before anything new, or the mark would hide it.
TEST_F(Resend, RepeatedMessagesComeBeforeNewOnes) {
  zoo.links.stall("A", "B");
  a().publish("t", "1", 1);
  a().publish("t", "2", 1);
  zoo.links.cut("A", "B");
  a().publish("t", "3", 1);
  zoo.links.heal("A", "B");
  const auto last = a().publish("t", "4", 1);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 2 3 4");
  EXPECT_TRUE(a().core.acknowledged(last));
  EXPECT_EQ(b().counters.duplicates_received.get(), 0u);
}

// What went to another broker only is no hole in B's stream, and what B missed is not skipped.
TEST_F(Resend, NumbersThatWentElsewhereLeaveNoHoles) {
  zoo.add("C");
  zoo.introduce_all();
  zoo.settle();
  zoo["C"].shard().subscribe("c/#");
  zoo.settle();
  zoo.change_view({"A", "B", "C"});
  zoo.links.stall("A", "B");
  a().publish("b/1", "b1", 1);
  a().publish("c/1", "c1", 1);
  zoo.links.cut("A", "B");
  zoo.settle();
  EXPECT_EQ(zoo["C"].shard().core.payloads(), "c1");
  a().publish("c/2", "c2", 1);
  a().publish("b/2", "b2", 1);
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "b1 c1 c2 b2");
  EXPECT_EQ(zoo["C"].shard().core.payloads(), "c1 c2");
  EXPECT_EQ(a().counters.unfinished_now.get(), 0u);
}

// Between brokers: the last frames of an old link are read after the new one was accepted.
TEST_F(Resend, TheOldLinksLastFramesAreNotReadBehindTheNewOnes) {
  a().publish("t", "old qos 0", 0);
  a().publish("t", "1", 1);
  zoo.links.cut("A", "B", /*keep_arrived=*/true);
  zoo.links.heal("A", "B");
  a().publish("t", "2", 1);
  a().publish("t", "new qos 0", 0);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 2") << "QoS 0 found no link";
  a().publish("t", "3", 0);
  zoo.settle();
  zoo.links.carry_arrived();
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1 2 3");
}

// It may be half open: nobody would ever end it.
TEST_F(Resend, TheLinkThatANewOneReplacesIsClosed) {
  EXPECT_THAT(b().wire.closed, testing::IsEmpty());
  zoo.links.cut("A", "B", /*keep_arrived=*/true);
  zoo.links.heal("A", "B");
  zoo.settle();
  ASSERT_EQ(b().wire.closed.size(), 1u);
  EXPECT_GE(b().wire.closed[0], cluster::accepted_links);
  a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "1");
}

TEST_F(Resend, GarbageEndsTheLinkAndLosesNothing) {
  zoo.links.stall("A", "B");
  const auto ticket = a().publish("t", "1", 1);
  a().wire.output(0).append(std::string_view("\0\0\0\3bad", 7));
  zoo.links.heal("A", "B");
  zoo.settle();
  EXPECT_EQ(zoo.links.links_failed, 1);
  EXPECT_EQ(b().counters.protocol_errors.get(), 1u);
  EXPECT_EQ(b().core.payloads(), "1");
  EXPECT_TRUE(a().core.acknowledged(ticket));
}

TEST_F(Resend, AnAcceptorMayNotSayMore) {
  for (const std::string_view frame : {std::string_view("\0\0\0\3bad", 7), std::string_view("\0\0\0\0", 4)}) {
    zoo.links.stall("B", "A");
    b().wire.output(cluster::accepted_links + 1).append(frame);
    b().wire.output(cluster::accepted_links + 0).append(frame);
    zoo.links.heal("A", "B");
    zoo.settle();
  }
  EXPECT_GE(a().counters.protocol_errors.get(), 1u);
  const auto ticket = a().publish("t", "1", 1);
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(ticket)) << "the links came back";
}

TEST_F(Resend, ControlLearnsWhichLinksStand) {
  const auto states = [&] {
    std::string text;
    for (const cluster::ToControl& letter : a().to_control) {
      if (const auto* const state = std::get_if<cluster::DataLinkState>(&letter))
        text += std::to_string(state->slot) + (state->up ? "+" : "-");
    }
    return text;
  };
  zoo.links.cut("A", "B");
  zoo.links.heal("A", "B");
  zoo.links.carry();
  EXPECT_EQ(states(), "0-0+");
}

}  // namespace
}  // namespace mqttzoo::test
