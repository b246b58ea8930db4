// How much may be on its way between a connection and its session elsewhere.
#include <gmock/gmock.h>

#include "broker/cluster/links/frames.hpp"
#include "proto/cluster/peer.pb.h"
#include "tests/broker/cluster/shard/sessions.hpp"

namespace mqttzoo::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SmallWindow : public Sessions {
 protected:
  static cluster::RouterLimits limits() {
    cluster::RouterLimits limits;
    limits.session_window_bytes = 100;
    return limits;
  }
  explicit SmallWindow(cluster::RouterLimits with = limits()) : Sessions(1, with) {}

  /// Whether the connection has to pause after a QoS 2 PUBLISH.
  bool publish(std::uint64_t serial, std::uint16_t packet_id, std::size_t bytes = 60) {
    const std::string payload(bytes, 'x');
    core::MessageView message;
    message.topic = "t";
    message.payload = payload;
    message.qos = mqtt::QoS::exactly_once;
    core::SessionInlet& inlet = *a().core.connections.at(serial).session;
    bool must_pause = false;
    a().turn([&] {
      inlet.publish(packet_id, message, true);
      must_pause = inlet.must_pause();
    });
    return must_pause;
  }
};

TEST_F(SmallWindow, ClientsAreReadNoFurtherThanTheirSessionTakes) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  zoo.links.stall("A", "C");
  EXPECT_FALSE(publish(serial, 1));
  EXPECT_TRUE(publish(serial, 2));
  EXPECT_THAT(connection.got, IsEmpty());
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_THAT(connection.got, ElementsAre("resume"));
  EXPECT_FALSE(publish(serial, 3, 10));
  zoo.settle();
  EXPECT_THAT(connection.got, ElementsAre("resume")) << "once";
}

TEST_F(SmallWindow, AcknowledgementsCountToo) {
  const auto serial = connect(a());
  core::SessionInlet& inlet = *a().core.connections.at(serial).session;
  zoo.links.stall("A", "C");
  bool must_pause = false;
  a().turn([&] {
    for (std::uint16_t packet_id = 1; packet_id <= 30; ++packet_id) inlet.on_pubrel(packet_id);
    must_pause = inlet.must_pause();
  });
  EXPECT_TRUE(must_pause);
}

class SmallWindows : public SmallWindow {
 protected:
  static cluster::RouterLimits both() {
    cluster::RouterLimits both = limits();
    both.unfinished_messages_max = 1;
    return both;
  }
  SmallWindows() : SmallWindow(both()) {}
};

// The home cannot route them on: nor can it take more of them.
TEST_F(SmallWindows, AHomeWithTooMuchToDoTakesNoMore) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  b().subscribe("busy");
  zoo.settle();
  zoo.links.stall("C", "B");
  c().publish("busy", "x", 1);
  ASSERT_TRUE(c().router.must_pause());
  EXPECT_FALSE(publish(serial, 1));
  EXPECT_TRUE(publish(serial, 2));
  zoo.settle();
  EXPECT_THAT(connection.got, IsEmpty());
  zoo.links.heal("C", "B");
  zoo.settle();
  zoo.advance(20);
  EXPECT_THAT(connection.got, ElementsAre("resume"));
}

class FullLinks : public SmallWindow {
 protected:
  static cluster::RouterLimits small() {
    cluster::RouterLimits small;
    small.link_bytes_max = 500;
    return small;
  }
  FullLinks() : SmallWindow(small()) {}
};

TEST_F(FullLinks, PauseTheClientsWhoseSessionsAreBehindThem) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  proto::DataFrame frame;
  frame.mutable_session_packets()->set_serial(4711);  // of a channel that has ended
  frame.mutable_session_packets()->set_packets(std::string(500, '\0'));
  bool must_pause = false;
  a().turn([&] {
    cluster::append_frame(a().wire.output(zoo["A"].slots.at("C#1")), frame);
    must_pause = connection.session->must_pause();
  });
  EXPECT_TRUE(must_pause);
  EXPECT_LE(a().router.next_deadline(), zoo.now_ms + 10) << "nobody tells that there is room again";
  zoo.settle();
  zoo.advance(20);
  EXPECT_THAT(connection.got, ElementsAre("resume"));
}

TEST_F(SmallWindow, MessagesThatAreNotTakenWaitInTheSession) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  connection.answer = core::SendResult::no_room;
  const std::string payload(60, 'x');
  c().turn([&] {
    EXPECT_EQ(session().send("t", payload, 1, 1), core::SendResult::sent);
    EXPECT_EQ(session().send("t", payload, 1, 2), core::SendResult::sent);
    EXPECT_EQ(session().send("t", payload, 1, 3), core::SendResult::no_room);
  });
  zoo.settle();
  EXPECT_THAT(connection.got, IsEmpty());
  session().told.clear();
  connection.answer = core::SendResult::sent;
  a().turn([&] { connection.session->send_waiting(); });
  EXPECT_EQ(connection.got.size(), 2u);
  zoo.settle();
  EXPECT_THAT(session().told, ElementsAre("room"));
}

TEST_F(SmallWindow, Qos0IsDroppedWhereTheConnectionIsFull) {
  const auto serial = connect(a());
  a().core.connections.at(serial).answer = core::SendResult::no_room;
  c().turn([&] { session().send("t", "x", 0, 0); });
  zoo.settle();
  EXPECT_EQ(a().counters.dropped_client_full.get(), 1u);
}

}  // namespace
}  // namespace mqttzoo::test
