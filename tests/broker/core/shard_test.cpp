#include "broker/core/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

using core::ConnectionFate;
using core::EndCause;
using mqtt::ProtocolVersion;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Shard, RefusesSocketsAtItsLimit) {
  core::Limits limits;
  limits.connections_max = 2;
  ShardUnderTest shard(limits);
  ScriptedClient one(shard), two(shard), three(shard);
  EXPECT_TRUE(three.refused_by_limit());
  EXPECT_EQ(shard.shard.counters().connections_over_limit.get(), 1U);
  one.lose();
  ScriptedClient four(shard);
  EXPECT_FALSE(four.refused_by_limit());
  EXPECT_EQ(shard.shard.connection_count(), 2U);
}

TEST(Shard, AConnectionIdIsNeverUsedTwice) {
  ShardUnderTest shard;
  core::ConnectionId old;
  {
    ScriptedClient client(shard);
    client.connect("me");
    old = client.id();
    client.lose();
  }
  ScriptedClient client(shard);
  client.connect("me");
  EXPECT_NE(client.id(), old);
  EXPECT_NE(old, core::ConnectionId{});
  shard.shard.evict(old, ReasonCode::session_taken_over, mqtt::to_string(ReasonCode::session_taken_over));
  shard.turn();
  EXPECT_FALSE(client.ended());
}

// v5 4.13, [MQTT-3.1.4-3]; v3.1.1 [MQTT-3.1.4-2]
TEST(Shard, EvictTellsAndCloses) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1), moved(shard);
  five.connect("five");
  three.connect("three");
  moved.connect("moved");
  shard.shard.evict(five.id(), ReasonCode::session_taken_over, mqtt::to_string(ReasonCode::session_taken_over));
  shard.shard.evict(three.id(), ReasonCode::session_taken_over, mqtt::to_string(ReasonCode::session_taken_over));
  shard.shard.evict(moved.id(), ReasonCode::use_another_server, mqtt::to_string(ReasonCode::use_another_server));
  shard.turn();
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Session taken over"));
  EXPECT_THAT(three.received(), IsEmpty());
  EXPECT_THAT(moved.received(), ElementsAre("DISCONNECT Use another server"));
  EXPECT_EQ(five.ended()->cause, EndCause::taken_over);
  EXPECT_EQ(moved.ended()->cause, EndCause::evicted);
  ASSERT_EQ(shard.router.unregistrations.size(), 3U);
  EXPECT_EQ(shard.router.unregistrations[0].second, ConnectionFate::taken_over);
  EXPECT_EQ(shard.router.unregistrations[1].second, ConnectionFate::taken_over);
  EXPECT_EQ(shard.router.unregistrations[2].second, ConnectionFate::lost);
}

TEST(Shard, EvictBeforeConnackRefusesTheConnect) {
  ShardUnderTest shard;
  shard.router.holds_registrations = true;
  ScriptedClient client(shard);
  client.send_connect("me");
  shard.shard.evict(client.id(), ReasonCode::session_taken_over, mqtt::to_string(ReasonCode::session_taken_over));
  shard.turn();
  EXPECT_EQ(client.received().size(), 1U);
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(shard.router.unregistrations.size(), 1U);
}

TEST(Shard, EndAllTellsEveryone) {
  ShardUnderTest shard;
  ScriptedClient five(shard), three(shard, ProtocolVersion::v3_1_1), silent(shard);
  five.connect("five");
  three.connect("three");
  shard.shard.end_all(ReasonCode::server_shutting_down, shard.now);
  shard.turn();
  EXPECT_THAT(five.received(), ElementsAre("DISCONNECT Server shutting down"));
  EXPECT_THAT(three.received(), IsEmpty());
  for (const ScriptedClient* client : {&five, &three, &silent}) {
    ASSERT_TRUE(client->ended());
    EXPECT_EQ(client->ended()->cause, EndCause::shutting_down);
  }
  EXPECT_EQ(shard.shard.connection_count(), 0U);
  EXPECT_EQ(shard.router.unregistrations.size(), 2U);
}

TEST(Shard, DeliversEveryFormOfOneMessage) {
  ShardUnderTest shard;
  std::deque<ScriptedClient> clients;
  for (const ProtocolVersion version : {ProtocolVersion::v3_1_1, ProtocolVersion::v5}) {
    for (int qos = 0; qos <= 2; ++qos) {
      for (int i = 0; i < 2; ++i) {
        ScriptedClient& client = clients.emplace_back(shard, version);
        client.connect(std::to_string(clients.size()));
        mqtt::Subscription subscription;
        subscription.topic_filter = i == 0 ? "a/b" : "a/#";
        subscription.qos = static_cast<mqtt::QoS>(qos);
        subscription.retain_as_published = version == ProtocolVersion::v5 && i == 1;
        client.subscribe(subscription);
      }
    }
  }
  ScriptedClient publisher(shard);
  publisher.connect("publisher");
  mqtt::PropertyWriter properties;
  properties.add_string(mqtt::PropertyId::content_type, "t");
  publisher.publish("a/b", "x", 2, 1, true, properties.view());
  publisher.pubrel(1);
  publisher.publish("a/b", "y", 2, 1, true, properties.view());
  std::vector<std::string> second;
  for (ScriptedClient& client : clients) {
    const auto received = client.received();
    ASSERT_EQ(received.size(), 2U);
    second.push_back(received[1]);
  }
  EXPECT_THAT(second,
              ElementsAre("PUBLISH a/b y", "PUBLISH a/b y", "PUBLISH a/b y qos1 #2", "PUBLISH a/b y qos1 #2",
                          "PUBLISH a/b y qos2 #2", "PUBLISH a/b y qos2 #2",  //
                          "PUBLISH a/b y {Content Type=t}", "PUBLISH a/b y retain {Content Type=t}",
                          "PUBLISH a/b y qos1 #2 {Content Type=t}", "PUBLISH a/b y qos1 #2 retain {Content Type=t}",
                          "PUBLISH a/b y qos2 #2 {Content Type=t}", "PUBLISH a/b y qos2 #2 retain {Content Type=t}"));
}

TEST(Shard, DeliverSaysHowManyWantTheMessage) {
  ShardUnderTest shard;
  ScriptedClient one(shard), two(shard), both(shard);
  one.connect("one").subscribe("a");
  two.connect("two").subscribe("+");
  both.connect("both").subscribe("a");
  both.subscribe("#");
  core::MessageView view;
  view.topic = "a";
  core::RoutedMessage message(view);
  EXPECT_EQ(shard.shard.deliver(message), 3U);
  view.topic = "b/c";
  core::RoutedMessage other(view);
  EXPECT_EQ(shard.shard.deliver(other), 1U);
  view.publisher = core::client_key("both");
  view.expires_at = shard.now.cluster;
  core::RoutedMessage expired(view);
  EXPECT_EQ(shard.shard.deliver(expired), 0U);
}

TEST(Shard, QoS0ToItsOwnSubscribersNeedsNoSharedCopy) {
  ShardUnderTest shard;
  ScriptedClient one(shard);
  one.connect("one").subscribe("a");
  core::MessageView view;
  view.topic = "a";
  view.payload = "x";
  core::RoutedMessage message(view);
  shard.shard.deliver(message);
  EXPECT_EQ(message.share()->view().payload, "x");
  shard.turn();
  EXPECT_THAT(one.received(), ElementsAre("PUBLISH a x"));
}

// Matches are remembered per topic; every change must show at once.
TEST(Shard, SubscriptionsThatComeAndGoAreSeenByTheNextMessage) {
  ShardUnderTest shard;
  ScriptedClient client(shard), publisher(shard);
  client.connect("me");
  publisher.connect("publisher");
  const auto arrives = [&] {
    publisher.publish("a/b", "x");
    return client.received().size();
  };
  EXPECT_EQ(arrives(), 0U);
  for (const char* filter : {"a/b", "a/+", "#"}) {
    client.subscribe(filter);
    EXPECT_EQ(arrives(), 1U) << filter;
    client.unsubscribe(filter);
    client.received();
    EXPECT_EQ(arrives(), 0U) << filter;
  }
  client.subscribe("a/b");
  EXPECT_EQ(arrives(), 1U);
  client.lose();
  EXPECT_EQ(arrives(), 0U);
}

TEST(Shard, CountsWhatPasses) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard), client(shard);
  publisher.connect("publisher");
  client.connect("me").subscribe("a", 1);
  publisher.publish("a", "12345", 0);
  publisher.publish("a", "123", 2, 1);
  const core::Counters& counters = shard.shard.counters();
  EXPECT_EQ(counters.publishes_received[0].get(), 1U);
  EXPECT_EQ(counters.publishes_received[1].get(), 0U);
  EXPECT_EQ(counters.publishes_received[2].get(), 1U);
  EXPECT_EQ(counters.publish_bytes_received.get(), 8U);
  EXPECT_EQ(counters.publishes_sent[0].get(), 1U);
  EXPECT_EQ(counters.publishes_sent[1].get(), 1U);
  EXPECT_EQ(counters.publish_bytes_sent.get(), 8U);
  EXPECT_EQ(counters.packets_received.get(), 5U);
  EXPECT_EQ(counters.packets_sent.get(), 6U);
  EXPECT_EQ(counters.connections.get(), 2U);
  EXPECT_EQ(counters.connections_accepted.get(), 2U);
  client.disconnect();
  EXPECT_EQ(counters.connections.get(), 1U);
  EXPECT_EQ(counters.connections_accepted.get(), 1U);
  EXPECT_EQ(counters.connection_ends[static_cast<std::size_t>(EndCause::disconnected)].get(), 1U);
}

// The router may answer from inside of its calls, later, or when the connection is long gone.
TEST(Shard, AnswersForConnectionsThatAreGoneAreIgnored) {
  ShardUnderTest shard;
  shard.router.holds_publishes = true;
  shard.router.holds_subscriptions = true;
  ScriptedClient client(shard);
  client.connect("me");
  client.publish("a", "x", 1, 1);
  client.send_subscribe("a");
  client.lose();
  shard.router.finish_publish(0);
  const auto ticket = shard.router.subscriptions.at(0).first;
  shard.shard.retained_read_begins(ticket);
  shard.shard.subscription_settled(ticket, {});
  shard.shard.resume_reading();
  shard.turn();
  EXPECT_EQ(shard.shard.connection_count(), 0U);
}

TEST(Shard, EventsForAnEndedConnectionAreIgnored) {
  ShardUnderTest shard;
  ScriptedClient client(shard);
  client.connect("me");
  core::Connection& connection = client.connection();
  shard.shard.evict(client.id(), ReasonCode::administrative_action, mqtt::to_string(ReasonCode::administrative_action));
  // The edge has not carried out the end yet.
  shard.shard.received(connection, "\xc0", shard.now);
  shard.shard.lost(connection, "reset", shard.now);
  shard.shard.tick(shard.now);
  shard.turn();
  EXPECT_EQ(client.ended()->cause, EndCause::evicted);
  EXPECT_EQ(shard.router.unregistrations.size(), 1U);
}

/// Publishes a will as soon as a connection is unregistered: deliveries from inside of an ending.
class WillingRouter final : public core::Router {
 public:
  core::Shard* shard = nullptr;
  int wills = 0;

  void publish(core::RoutedMessage& message, core::PublishTicket) override { shard->deliver(message); }
  bool must_pause() const override { return false; }
  void interest_added(std::string_view) override {}
  void interest_removed(std::string_view) override {}
  void share_changed(std::string_view, core::ShareMembers) override {}
  void publish_to_share(const std::string&, core::MessageRef) override {}
  void settle_subscription(core::SubscribeTicket ticket, std::vector<std::string>) override {
    shard->subscription_settled(ticket, {});
  }
  void register_connection(core::ConnectionId connection, const core::Registration&) override {
    shard->registered(connection, {});
  }
  void unregister_connection(core::ConnectionId, core::ConnectionFate, std::uint32_t) override {
    core::MessageView view;
    view.topic = "will";
    view.payload = "gone";
    view.qos = mqtt::QoS::at_least_once;
    core::RoutedMessage message(view);
    ++wills;
    shard->deliver(message);
  }
};

// Each delivery of a will overflows the next client, whose will overflows the next one.
TEST(Shard, AnEndThatCausesAnEndThatCausesAnEnd) {
  core::Limits limits;
  limits.in_flight_max = 1;
  limits.queue_messages_max = 1;
  WillingRouter router;
  core::AnonymousAuthenticator authenticator(true);
  const core::OpenAuthorizer authorizer;
  CountingRandom random;
  core::Shard shard(3, limits, router, authenticator, authorizer, random);
  router.shard = &shard;
  const core::Now now{1, 1};
  std::vector<core::Connection*> connections;
  mqtt::ByteBuffer bytes;
  mqtt::encode(bytes, mqtt::Connect{.client_id = "me"});
  mqtt::SubscriptionListWriter list;
  mqtt::Subscription subscription;
  subscription.topic_filter = "will";
  subscription.qos = mqtt::QoS::at_least_once;
  list.add(subscription);
  mqtt::encode(bytes, mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()},
               ProtocolVersion::v5);
  for (int i = 0; i < 10; ++i) {
    connections.push_back(shard.open("x", nullptr, now));
    shard.received(*connections.back(), bytes.view(), now);
  }
  shard.lost(*connections[0], "first", now);   // fills the windows
  shard.lost(*connections[1], "second", now);  // fills the queues
  EXPECT_EQ(router.wills, 2);
  shard.lost(*connections[2], "third", now);  // ends the other seven
  EXPECT_EQ(router.wills, 10);
  int ended = 0;
  while (shard.take_ended()) ++ended;
  EXPECT_EQ(ended, 10);
  EXPECT_EQ(shard.connection_count(), 0U);
  EXPECT_EQ(shard.take_dirty(), nullptr);
}

TEST(Shard, ManySubscribersOfOneFilterComeAndGo) {
  ShardUnderTest shard;
  ScriptedClient publisher(shard);
  publisher.connect("publisher");
  std::deque<ScriptedClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(shard).connect(std::to_string(i)).subscribe("news");
  }
  publisher.publish("news", "1");
  for (std::size_t i = 0; i < clients.size(); i += 2) clients[i].lose();
  publisher.publish("news", "2");
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i].received().size(), i % 2 == 0 ? 1U : 2U);
  }
  EXPECT_EQ(shard.shard.counters().subscriptions.get(), 100U);
}

}  // namespace
}  // namespace mqttzoo::test
