// Persistent sessions at their home, reached from connections elsewhere.
#include <gmock/gmock.h>

#include "tests/broker/cluster/shard/sessions.hpp"

namespace mqttzoo::test {
namespace {

using cluster::SharedView;
using core::ConnectionFate;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(Sessions, BeginAtTheHomeAndAreResumedFromElsewhere) {
  const auto first = connect(a());
  ASSERT_TRUE(a().core.admitted(first));
  EXPECT_FALSE(a().core.admissions.at(first).session_present);
  a().core.connections.at(first).detach();
  a().disconnect(first, ConnectionFate::lost);
  zoo.settle();
  const auto second = connect(b());
  EXPECT_TRUE(b().core.admissions.at(second).session_present);
  EXPECT_THAT(c().core.session_events, ElementsAre("open me", "leave me 60", "open me"));
  EXPECT_THAT(session().told, ElementsAre("attach", "detach", "attach"));
  EXPECT_EQ(c().counters.channels_now.get(), 1u);
}

TEST_F(Sessions, InTheShardOfTheirConnectionNeedNoChannel) {
  const auto serial = connect(c());
  ASSERT_TRUE(c().core.admitted(serial));
  EXPECT_EQ(c().core.admissions.at(serial).session, &session());
  EXPECT_EQ(c().counters.channels_now.get(), 0u);
}

TEST_F(Sessions, CleanConnectionsDiscardThem) {
  const auto first = connect(a());
  a().disconnect(first, ConnectionFate::disconnected);
  zoo.settle();
  b().connect("me");
  zoo.settle();
  EXPECT_THAT(c().core.session_events, ElementsAre("open me", "leave me 60", "discard me"));
}

TEST_F(Sessions, HearWhatTheirClientSays) {
  const auto serial = connect(a());
  core::SessionInlet& inlet = *a().core.connections.at(serial).session;
  session().told.clear();
  mqtt::SubscriptionListWriter subscriptions;
  subscriptions.add({.topic_filter = "a/+"}).add({.topic_filter = "#"});
  mqtt::TopicFilterListWriter filters;
  filters.add("#");
  a().turn([&] {
    inlet.subscribe({.packet_id = 1, .properties = {}, .subscriptions = subscriptions.list()});
    inlet.unsubscribe({.packet_id = 2, .properties = {}, .topic_filters = filters.list()});
    core::MessageView message;
    message.topic = "t";
    message.payload = "x";
    message.qos = mqtt::QoS::exactly_once;
    message.retain = true;
    message.expires_at = zoo.now().cluster + 5000;
    inlet.publish(3, message, true);
    inlet.on_pubrel(3);
    inlet.on_puback(4);
    inlet.on_pubrec(5, ReasonCode::quota_exceeded);
    inlet.on_pubcomp(6);
  });
  EXPECT_THAT(session().told, IsEmpty());
  zoo.settle();
  EXPECT_THAT(session().told, ElementsAre("SUBSCRIBE #1 a/+ #", "UNSUBSCRIBE #2 #",
                                          "PUBLISH #3 t x retain until " + std::to_string(zoo.now().cluster + 5000),
                                          "PUBREL #3", "PUBACK #4", "PUBREC #5 Quota exceeded", "PUBCOMP #6"));
}

// v5 3.3.2.3.3
TEST_F(Sessions, SendOnThatAMessageWaitsForNobody) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  session().told.clear();
  a().turn([&] {
    core::MessageView message;
    message.topic = "t";
    message.qos = mqtt::QoS::exactly_once;
    message.expires_at = core::expires_at_once;
    connection.session->publish(3, message, true);
  });
  zoo.settle();
  EXPECT_THAT(session().told, ElementsAre("PUBLISH #3 t  until 1"));
  c().turn([&] { (void)session().send("t", "x", 0, 0, {}, core::expires_at_once, zoo.now().cluster); });
  zoo.settle();
  EXPECT_EQ(connection.got.back(), "PUBLISH t x {Message Expiry Interval=0}");
}

TEST_F(Sessions, OfVersion3ClientsKnowThatTheyCannotBeRefused) {
  const auto serial = a().connect("me", {}, 0, [](core::Registration& registration) {
    persistent(registration);
    registration.refusable = false;
  });
  zoo.settle();
  a().turn([&] {
    core::MessageView message;
    message.topic = "t";
    message.qos = mqtt::QoS::exactly_once;
    a().core.connections.at(serial).session->publish(3, message, false);
  });
  zoo.settle();
  EXPECT_EQ(session().told.back(), "PUBLISH #3 t  not refusable");
}

TEST_F(Sessions, AnswerTheirClient) {
  const auto serial = connect(a());
  FakeConnection& connection = a().core.connections.at(serial);
  const std::uint32_t identifiers[] = {7, 300};
  const ReasonCode granted[] = {ReasonCode::granted_qos_1, ReasonCode::quota_exceeded};
  c().turn([&] {
    core::SessionOutlet& outlet = *session().outlet;
    outlet.send_suback(1, granted);
    EXPECT_EQ(session().send("t", "one", 1, 9, identifiers), core::SendResult::sent);
    EXPECT_EQ(session().send("t", "expiring", 0, 0, {}, zoo.now().cluster + 9'000, zoo.now().cluster),
              core::SendResult::sent);
    outlet.send_pubrel(2, ReasonCode::success);
    outlet.send_pubrec(3, ReasonCode::not_authorized);
    outlet.send_pubcomp(4, ReasonCode::packet_identifier_not_found);
    outlet.send_unsuback(5, std::span(granted).first(0));
  });
  zoo.settle();
  EXPECT_THAT(
      connection.got,
      ElementsAre("SUBACK #1 x2", "PUBLISH t one qos1 #9 {Subscription Identifier=7 Subscription Identifier=300}",
                  "PUBLISH t expiring {Message Expiry Interval=9}", "PUBREL #2 Success", "PUBREC #3 Not authorized",
                  "PUBCOMP #4 Packet Identifier not found"));
}

TEST_F(Sessions, GiveUpTheirConnection) {
  const auto serial = connect(a());
  c().turn([&] { session().outlet->give_up(ReasonCode::protocol_error, "PUBCOMP before PUBREC"); });
  EXPECT_EQ(session().told.back(), "detach");
  zoo.settle();
  EXPECT_THAT(a().core.connections.at(serial).got, ElementsAre("ended: Protocol Error"));
}

TEST_F(Sessions, LoseTheirConnectionWithTheLink) {
  const auto serial = connect(a());
  zoo.links.cut("A", "C");
  zoo.settle();
  EXPECT_EQ(session().told.back(), "detach");
  EXPECT_EQ(a().core.evicted_reasons.at(serial), ReasonCode::server_busy);
  EXPECT_EQ(c().counters.channels_now.get(), 0u);
  zoo.links.heal("A", "C");
  zoo.settle();
  EXPECT_EQ(c().core.session_events.back(), "leave me 60");
}

// The grant was told over a link that broke.
TEST_F(Sessions, AreServedWhenTheAnswerWasLost) {
  zoo.links.stall("C", "A");
  const auto serial = a().connect("me", {}, 0, persistent);
  zoo.settle();
  EXPECT_EQ(session().told.back(), "attach");
  zoo.links.cut("A", "C");
  zoo.settle();
  EXPECT_EQ(session().told.back(), "detach");
  zoo.links.heal("C", "A");
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(serial));
  EXPECT_FALSE(a().core.admissions.at(serial).session_present) << "it began with this connection";
  EXPECT_EQ(session().told.back(), "attach");
}

// The claim had to wait, and was granted while there was no link: what the session sent then is lost.
TEST_F(Sessions, AreServedAnewWhenTheyWereOpenedWithoutALink) {
  const auto old = connect(b());
  b().core.unregisters_evicted = false;
  const auto fresh = a().connect("me", {}, 0, persistent);
  zoo.settle();
  zoo.links.cut("A", "C");
  zoo.settle();
  b().disconnect(old, ConnectionFate::taken_over);
  zoo.settle();
  EXPECT_EQ(session().told.back(), "attach");
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(fresh));
  EXPECT_THAT(session().told, ElementsAre("attach", "detach", "attach", "detach", "attach"));
  EXPECT_TRUE(a().core.admissions.at(fresh).session_present);
}

// A frontend that knows nothing of a connection any more does not know how long its session should last either.
TEST_F(Sessions, OutliveAConnectionThatItsFrontendHasForgotten) {
  zoo.links.stall("C", "A");
  a().connect("me", {}, 0, persistent);
  zoo.settle();
  zoo.links.cut("A", "C");
  zoo.settle();
  zoo.now_ms += 1;
  const auto fresh = b().connect("me", {}, 0, persistent);
  zoo.settle();
  zoo.links.heal("C", "A");
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(b().core.admitted(fresh));
  EXPECT_TRUE(b().core.admissions.at(fresh).session_present);
  EXPECT_THAT(c().core.session_events, testing::Not(testing::Contains("leave me 0")));
}

TEST_F(Sessions, AreTakenOver) {
  const auto old = connect(a());
  zoo.now_ms += 1;
  const auto fresh = connect(b());
  EXPECT_EQ(a().core.evicted_reasons.at(old), ReasonCode::session_taken_over);
  EXPECT_TRUE(b().core.admissions.at(fresh).session_present);
  EXPECT_THAT(session().told, ElementsAre("attach", "detach", "attach"));
}

TEST_F(Sessions, AreLostWhereTheNextHomeHasNoCopy) {
  const auto serial = connect(a());
  zoo.change_view({"A", "B", "C"}, "B");
  zoo.settle();
  EXPECT_TRUE(a().core.evicted(serial));
  EXPECT_THAT(c().core.session_events, testing::Contains("give away me"));
  EXPECT_FALSE(c().core.sessions.contains("me"));
  EXPECT_EQ(c().counters.channels_now.get(), 0u);
  const auto again = connect(a());
  EXPECT_FALSE(a().core.admissions.at(again).session_present);
  EXPECT_TRUE(b().core.sessions.contains("me"));
}

TEST_F(Sessions, AreRefusedWhenNoHomeIsInReach) {
  zoo.links.cut("A", "C");
  zoo.settle();
  const auto serial = a().connect("me", {}, 0, persistent);
  const auto clean = a().connect("clean");
  zoo.advance(1'100);
  EXPECT_TRUE(a().core.admitted(clean));
  EXPECT_FALSE(a().core.registered_reasons.contains(serial));
  zoo.advance(4'000);
  EXPECT_EQ(a().core.registered_reasons.at(serial), ReasonCode::server_unavailable);
  EXPECT_EQ(a().counters.refused_without_home.get(), 1u);
}

// v5 [MQTT-3.1.2-25]: as if it had been sent and acknowledged.
TEST_F(Sessions, MessagesTooLargeForTheClientDoNotStopTheOthers) {
  const auto serial = connect(a());
  a().core.connections.at(serial).answer = core::SendResult::too_large;
  session().told.clear();
  c().turn([&] {
    session().send("t", "x", 1, 1);
    session().send("t", "x", 2, 2);
  });
  zoo.settle();
  EXPECT_THAT(session().told, ElementsAre("PUBACK #1", "PUBREC #2 Unspecified error"));
  EXPECT_EQ(a().counters.dropped_client_too_large.get(), 2u);
}

// P3: the next home knows nothing of it, and acts as soon as A has entered the view.
TEST_F(Sessions, AGrantOfTheFormerHomeThatComesBetweenTwoViewsIsNone) {
  zoo.links.stall("C", "A");
  const auto serial = connect(a());
  const SharedView next = zoo.next_view({"A", "B", "C"}, "B");
  for (const char* const broker : {"A", "B", "C"}) zoo.enter(broker, next);
  zoo.settle();
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(serial));
  zoo.links.stall("B", "A");
  for (const char* const broker : {"A", "B", "C"}) zoo.act(broker, next);
  zoo.settle();
  EXPECT_FALSE(a().core.admitted(serial));
  zoo.links.heal("B", "A");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(serial));
}

/// Without a lease A admits to no session, whatever its home has granted.
class SessionsWithoutALease : public Sessions {
 protected:
  SessionsWithoutALease() {
    zoo["A"].lease.end();
    serial = connect(a());
    EXPECT_FALSE(a().core.admitted(serial));
    EXPECT_EQ(session().told, std::vector<std::string>{"attach"});
  }
  void lease_is_back() {
    zoo["A"].lease.extend_to(cluster::LeaseDeadline::for_ever);
    zoo.advance(20);
  }
  std::uint64_t serial = 0;
};

TEST_F(SessionsWithoutALease, WhatTheySendMeanwhileIsKept) {
  c().turn([&] { session().send("t", "x", 1, 1); });
  zoo.settle();
  lease_is_back();
  ASSERT_TRUE(a().core.admitted(serial));
  EXPECT_THAT(a().core.connections.at(serial).got, ElementsAre("PUBLISH t x qos1 #1"));
  EXPECT_THAT(c().core.session_events, ElementsAre("open me"));
}

TEST_F(SessionsWithoutALease, ABrokenLinkMakesTheHomeSayItAgain) {
  c().turn([&] { session().send("t", "lost", 1, 1); });
  zoo.settle();
  zoo.links.cut("A", "C");
  zoo.settle();
  EXPECT_EQ(c().counters.channels_now.get(), 0u);
  lease_is_back();
  EXPECT_FALSE(a().core.admitted(serial));
  zoo.links.heal("A", "C");
  zoo.settle();
  ASSERT_TRUE(a().core.admitted(serial));
  c().turn([&] { session().send("t", "again", 1, 1); });
  zoo.settle();
  EXPECT_THAT(a().core.connections.at(serial).got, ElementsAre("PUBLISH t again qos1 #1"));
}

TEST_F(SessionsWithoutALease, AGrantOfTheFormerHomeIsForgotten) {
  const SharedView elsewhere = zoo.next_view({"A", "B", "C"}, "B");
  const SharedView back = zoo.next_view({"A", "B", "C"}, "C");
  for (const SharedView& next : {elsewhere, back}) {
    for (const char* const broker : {"A", "B", "C"}) zoo.enter(broker, next);
    zoo.settle();
  }
  zoo.links.stall("C", "A");
  for (const char* const broker : {"A", "B", "C"}) zoo.act(broker, back);
  zoo.settle();
  lease_is_back();
  EXPECT_FALSE(a().core.admitted(serial)) << "C gave its sessions away and has to open this one again";
  zoo.links.heal("C", "A");
  zoo.settle();
  EXPECT_TRUE(a().core.admitted(serial));
}

TEST_F(SessionsWithoutALease, WhoIsTakenOverIsRefused) {
  const auto newer = connect(b());
  EXPECT_EQ(a().core.registered_reasons.at(serial), ReasonCode::session_taken_over);
  EXPECT_TRUE(b().core.admitted(newer));
  lease_is_back();
  EXPECT_EQ(a().counters.connections_now.get(), 0u);
}

TEST_F(SessionsWithoutALease, WhoLeavesIsForgotten) {
  a().disconnect(serial, ConnectionFate::lost);
  zoo.settle();
  lease_is_back();
  EXPECT_FALSE(a().core.admitted(serial));
  EXPECT_EQ(c().counters.registrations_now.get(), 0u);
  EXPECT_EQ(c().counters.channels_now.get(), 0u);
}

/// Two shards each: the connection's, the link's and the session's shard differ.
class SessionsOverShards : public Sessions {
 protected:
  SessionsOverShards() : Sessions(2) {}
};

TEST_F(SessionsOverShards, AreReachedThroughMailboxesAndLinks) {
  std::size_t own_channels = 0;
  for (int connection_shard = 0; connection_shard < 2; ++connection_shard) {
    for (int home_shard = 0; home_shard < 2; ++home_shard) {
      for (const char* const broker : {"A", "C"}) {
        const std::string client_id =
            std::string(broker) + std::to_string(connection_shard) + zoo.client_at(view, "C", home_shard);
        const int shard = view->partition_of(client_id) % 2;
        TestShard& frontend = zoo[broker].shard(static_cast<std::size_t>(connection_shard));
        TestShard& home = zoo["C"].shard(static_cast<std::size_t>(shard));
        const auto serial = frontend.connect(client_id, {}, 0, persistent);
        zoo.settle();
        ASSERT_TRUE(frontend.core.admitted(serial));
        FakeSession& served = *home.core.sessions.at(client_id);
        frontend.turn([&] { frontend.core.connections.at(serial).session->on_puback(5); });
        zoo.settle();
        EXPECT_EQ(served.told.back(), "PUBACK #5");
        home.turn([&] { served.send("t", "x", 1, 1); });
        zoo.settle();
        EXPECT_THAT(frontend.core.connections.at(serial).got, ElementsAre("PUBLISH t x qos1 #1"));
        if (&frontend != &home && broker[0] == 'C') ++own_channels;
      }
    }
  }
  zoo.links.cut("A", "C");
  zoo.settle();
  EXPECT_EQ(zoo["C"].shard(0).counters.channels_now.get() + zoo["C"].shard(1).counters.channels_now.get(), own_channels)
      << "those of C's own connections on the other shard";
}

}  // namespace
}  // namespace mqttzoo::test
