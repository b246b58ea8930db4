#include <gmock/gmock.h>

#include "tests/support/routers/router_cluster.hpp"

namespace mqttzoo::test {
namespace {

using mqtt::ReasonCode;

std::string numbers(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += (i == from ? "" : " ") + std::to_string(i);
  return text;
}

TEST(Publish, Qos0GoesOnceToEachInterestedBroker) {
  RouterCluster zoo;
  zoo.start({"A", "B", "C"}, 2);
  zoo["A"].shard(0).subscribe("t");
  zoo["A"].shard(1).subscribe("t");
  zoo["B"].shard(0).subscribe("t");
  zoo["B"].shard(1).subscribe("t");
  zoo["B"].shard(1).subscribe("#");
  zoo.settle();
  zoo["A"].shard(0).publish("t", "1", 0);
  zoo.settle();
  EXPECT_EQ(zoo["A"].shard(0).core.payloads(), "1");
  EXPECT_EQ(zoo["A"].shard(1).core.payloads(), "1");
  EXPECT_EQ(zoo["B"].shard(0).core.payloads(), "1");
  EXPECT_EQ(zoo["B"].shard(1).core.payloads(), "1");
  EXPECT_EQ(zoo.links.frames("A", "B"), 1);
  EXPECT_EQ(zoo.links.frames("A", "C"), 0) << "nobody there is interested";
  EXPECT_EQ(zoo["A"].shard(0).counters.messages_sent.get(), 1u);
  EXPECT_EQ(zoo["B"].shard(0).counters.messages_received.get(), 1u);
}

TEST(Publish, OneFrameCarriesATurn) {
  RouterCluster zoo;
  zoo.start({"A", "B"});
  zoo["B"].shard().subscribe("#");
  zoo.settle();
  zoo["A"].shard().turn([&] {
    for (int i = 1; i <= 50; ++i) zoo["A"].shard().publish_now("t", std::to_string(i), i % 2);
  });
  zoo.settle();
  EXPECT_EQ(zoo["A"].shard().counters.frames_sent.get(), 1u);
  EXPECT_EQ(zoo["B"].shard().core.deliveries.size(), 50u);
}

TEST(Publish, AFrameIsClosedWhenItIsLong) {
  cluster::RouterLimits limits;
  limits.forward_frame_bytes = 1000;
  RouterCluster zoo(limits);
  zoo.start({"A", "B"});
  zoo["B"].shard().subscribe("#");
  zoo.settle();
  zoo["A"].shard().turn([&] {
    for (int i = 0; i < 10; ++i) zoo["A"].shard().publish_now("t", std::string(600, 'x'), 1);
  });
  zoo.settle();
  EXPECT_EQ(zoo["A"].shard().counters.frames_sent.get(), 5u);
  EXPECT_EQ(zoo["B"].shard().core.deliveries.size(), 10u);
}

// P2: the publisher is answered when every interested broker has answered.
TEST(Publish, Qos1WaitsForAllInterestedBrokers) {
  RouterCluster zoo;
  zoo.start({"A", "B", "C"});
  zoo["B"].shard().subscribe("t");
  zoo["C"].shard().subscribe("t");
  zoo.settle();
  zoo.links.stall("C", "A");
  TestShard& shard = zoo["A"].shard();
  const auto ticket = shard.publish("t", "1", 1);
  zoo.settle();
  EXPECT_EQ(zoo["C"].shard().core.payloads(), "1");
  EXPECT_FALSE(shard.core.acknowledged(ticket)) << "C's answer is on its way";
  EXPECT_EQ(shard.counters.unfinished_now.get(), 1u);
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_EQ(shard.core.published_reasons.at(ticket), ReasonCode::success);
  EXPECT_EQ(shard.counters.unfinished_now.get(), 0u);
}

TEST(Publish, WithoutRemoteInterestItIsAnsweredInItsTurn) {
  RouterCluster zoo;
  zoo.start({"A", "B"}, 2);
  zoo["A"].shard(0).subscribe("here");
  zoo["A"].shard(1).subscribe("sibling");
  zoo.settle();
  TestShard& shard = zoo["A"].shard(0);
  EXPECT_EQ(shard.core.published_reasons[shard.publish("here", "1", 2)], ReasonCode::success);
  EXPECT_EQ(shard.core.published_reasons[shard.publish("sibling", "2", 1)], ReasonCode::success);
  EXPECT_EQ(shard.core.published_reasons[shard.publish("nowhere", "3", 1)], ReasonCode::no_matching_subscribers);
  zoo.settle();
  EXPECT_EQ(zoo["A"].shard(1).core.payloads(), "2");
}

// P6: each shard is a stream of its own, and each stream arrives in order.
TEST(Publish, StreamsOfTwoShardsDoNotDisturbEachOther) {
  RouterCluster zoo;
  zoo.start({"A", "B"}, 2);
  zoo["B"].shard(0).subscribe("#");
  zoo.settle();
  zoo.links.stall("A", "B");
  for (int i = 1; i <= 20; ++i) zoo["A"].shard(0).publish("zero", std::to_string(i), 1);
  zoo["A"].shard(1).publish("one", "x", 1);
  zoo.links.heal("A", "B");
  zoo.settle();
  std::string zero;
  for (const auto& one : zoo["B"].shard(0).core.deliveries) {
    if (one.topic == "zero") zero += (zero.empty() ? "" : " ") + one.payload;
  }
  EXPECT_EQ(zero, numbers(1, 20));
  EXPECT_EQ(zoo["B"].shard(0).core.deliveries.size(), 21u) << "numbers of one stream say nothing of the other";
}

TEST(Publish, MessagesKeepWhatTravelsWithThem) {
  RouterCluster zoo;
  zoo.start({"A", "B"});
  zoo["B"].shard().subscribe("#");
  zoo.settle();
  TestShard& shard = zoo["A"].shard();
  shard.turn([&] {
    core::MessageView view;
    view.topic = "t";
    view.payload = "p";
    view.qos = mqtt::QoS::exactly_once;
    view.expires_at = 12'345;
    core::RoutedMessage message(view);
    shard.router.publish(message, core::PublishTicket::of_connection({0, 1}, 1, true));
  });
  zoo.settle();
  ASSERT_EQ(zoo["B"].shard().core.deliveries.size(), 1u);
  EXPECT_EQ(zoo["B"].shard().core.deliveries[0].qos, mqtt::QoS::exactly_once);
  EXPECT_EQ(zoo["B"].shard().core.deliveries[0].expires_at, 12'345);
}

// ---------------------------------------------------------------- bounds (P9)

class PublishBounds : public testing::Test {
 protected:
  PublishBounds() : zoo(small_limits()) {
    zoo.start({"A", "B"});
    zoo["B"].shard().subscribe("#");
    zoo["A"].shard().subscribe("#");
    zoo.settle();
  }
  static cluster::RouterLimits small_limits() {
    cluster::RouterLimits limits;
    limits.unfinished_messages_max = 10;
    limits.link_bytes_qos0_max = 2000;
    limits.link_bytes_max = 4000;
    return limits;
  }
  TestShard& a() { return zoo["A"].shard(); }
  TestShard& b() { return zoo["B"].shard(); }
  RouterCluster zoo;
};

TEST_F(PublishBounds, AFullWindowPausesReadingAndRefusesThoseWhoCanBeTold) {
  zoo.links.stall("B", "A");
  for (int i = 1; i <= 9; ++i) a().publish("t", std::to_string(i));
  EXPECT_FALSE(a().router.must_pause());
  a().publish("t", "10");
  EXPECT_TRUE(a().router.must_pause());
  const auto refused = a().publish("t", "11");
  EXPECT_EQ(a().core.published_reasons.at(refused), ReasonCode::quota_exceeded);
  const auto version3 = a().publish("t", "12", 1, false, /*refusable=*/false);
  zoo.settle();
  EXPECT_EQ(a().core.payloads(), numbers(1, 10) + " 12") << "what is refused is not delivered";
  EXPECT_EQ(b().core.payloads(), numbers(1, 10) + " 12");
  EXPECT_EQ(a().counters.refused_window_full.get(), 1u);
  EXPECT_EQ(a().counters.accepted_over_limit.get(), 1u);
  EXPECT_EQ(a().core.resumed, 0);
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_TRUE(a().core.acknowledged(version3));
  EXPECT_FALSE(a().router.must_pause());
  EXPECT_EQ(a().core.resumed, 1);
}

TEST_F(PublishBounds, ReadingResumesWhenTheWindowIsHalfEmpty) {
  zoo["B"].shard().core.filters.clear();
  zoo.add("C");
  zoo.introduce_all();
  zoo.settle();
  zoo["C"].shard().subscribe("c");
  zoo.settle();
  zoo.change_view({"A", "B", "C"});
  zoo.links.stall("B", "A");
  zoo.links.stall("C", "A");
  for (int i = 0; i < 6; ++i) a().publish("b", "x");
  for (int i = 0; i < 4; ++i) a().publish("c", "x");
  EXPECT_TRUE(a().router.must_pause());
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_TRUE(a().router.must_pause()) << "all wait for B";
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_FALSE(a().router.must_pause());
}

TEST_F(PublishBounds, PublishesThatNeedNobodyElseAreNotRefused) {
  b().core.filters.clear();
  b().turn([&] {
    b().router.interest_removed("#");
    b().router.interest_added("remote");
  });
  zoo.settle();
  zoo.links.stall("B", "A");
  for (int i = 1; i <= 10; ++i) a().publish("remote", std::to_string(i));
  EXPECT_TRUE(a().router.must_pause());
  EXPECT_EQ(a().core.published_reasons[a().publish("local", "x")], ReasonCode::success);
}

TEST_F(PublishBounds, AStalledLinkDropsQos0AndKeepsQos1) {
  zoo.links.stall("A", "B");
  for (int i = 0; i < 10; ++i) a().publish("t", std::string(500, 'x'), 0);
  EXPECT_GT(a().counters.dropped_link_full.get(), 0u);
  for (int i = 1; i <= 9; ++i) a().publish("t", std::to_string(i) + std::string(500, 'y'), 1);
  EXPECT_LT(a().wire.output(0).size(), 5000u) << "the rest waits in the window";
  EXPECT_LE(a().router.next_deadline(), zoo.now_ms + 10) << "nobody tells the router of room";
  zoo.links.heal("A", "B");
  zoo.advance(100);
  std::string arrived;
  for (const auto& one : b().core.deliveries) {
    if (one.qos == mqtt::QoS::at_least_once) arrived += one.payload.substr(0, 1);
  }
  EXPECT_EQ(arrived, "123456789");
  EXPECT_EQ(a().counters.unfinished_now.get(), 0u);
}

TEST_F(PublishBounds, Qos0IsDroppedWhileTheLinkIsDown) {
  zoo.links.cut("A", "B");
  a().publish("t", "1", 0);
  EXPECT_EQ(a().counters.dropped_link_down.get(), 1u);
  zoo.links.heal("A", "B");
  zoo.settle();
  a().publish("t", "2", 0);
  zoo.settle();
  EXPECT_EQ(b().core.payloads(), "2");
}

}  // namespace
}  // namespace mqttzoo::test
