#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/support/scripted_client.hpp"

// Clients that send valid packets, broken packets and packets at the wrong time, take their output late or never, and
// disappear. Whatever they do: no crash, no packet that a client cannot read, and nothing left when all have gone.
namespace mqttzoo::test {
namespace {

class Chaos {
 public:
  explicit Chaos(std::uint32_t seed) : random_(seed), shard_(limits()) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

  void check_nothing_is_left() {
    shard_.router.holds_registrations = shard_.router.holds_publishes = shard_.router.holds_subscriptions = false;
    for (ScriptedClient& client : clients_) {
      if (!client.ended()) client.lose();
      read(client);
    }
    const core::Counters& counters = shard_.shard.counters();
    EXPECT_EQ(counters.connections.get(), 0U);
    EXPECT_EQ(counters.connections_accepted.get(), 0U);
    EXPECT_EQ(counters.subscriptions.get(), 0U);
    EXPECT_EQ(counters.queued_messages.get(), 0U);
    EXPECT_EQ(shard_.shard.next_deadline(), std::nullopt);
    std::size_t added = 0;
    for (const std::string& change : shard_.router.interest) added += change[0] == '+' ? 1 : 0;
    EXPECT_EQ(2 * added, shard_.router.interest.size());
    std::uint64_t ends = 0;
    for (const core::Counter& end : counters.connection_ends) ends += end.get();
    EXPECT_EQ(ends, counters.connections_opened.get() - counters.connections_over_limit.get());
    EXPECT_EQ(shard_.router.registrations.size(), shard_.router.unregistrations.size());
  }

 private:
  static core::Limits limits() {
    core::Limits limits;
    limits.packet_bytes_max = 2000;
    limits.connect_packet_bytes_max = 500;
    limits.receive_maximum = 5;
    limits.in_flight_max = 3;
    limits.queue_messages_max = 20;
    limits.output_bytes_max = 600;
    limits.unsettled_subscribes_max = 3;
    limits.subscriptions_max = 6;
    limits.topic_levels_max = 5;
    limits.connections_max = 40;
    limits.pipelined_bytes_max = 1000;
    limits.match_cache_topics = 4;
    return limits;
  }

  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::string topic(bool filter) {
    static const char* const words[] = {"a", "b", "", "$SYS", "c"};
    std::string text = words[pick(5)];
    for (unsigned levels = pick(3) + (pick(50) == 0 ? 5 : 0); levels > 0; --levels) {
      text += "/";
      text += filter && pick(3) == 0 ? "+" : words[pick(5)];
    }
    if (filter && pick(4) == 0) text += "/#";
    if (filter && pick(30) == 0) text = "$share/g/" + text;
    return text.empty() ? "x" : text;
  }

  std::string packet(mqtt::ProtocolVersion version) {
    mqtt::ByteBuffer out;
    const auto id = static_cast<std::uint16_t>(1 + pick(6));
    mqtt::PropertyWriter properties;
    const std::string name = topic(false), filter = topic(true);
    const std::string payload(pick(40) == 0 ? 1500 : pick(20), 'x');
    switch (pick(12)) {
      case 0:
        mqtt::encode(out, mqtt::Connect{.version = version, .client_id = "again"});
        break;
      case 1:
      case 2:
      case 3:
      case 4: {
        mqtt::Publish publish;
        publish.qos = static_cast<mqtt::QoS>(pick(3));
        publish.packet_id = publish.qos == mqtt::QoS::at_most_once ? std::uint16_t{0} : id;
        publish.retain = pick(4) == 0;
        if (pick(5) == 0) properties.add_number(mqtt::PropertyId::topic_alias, 1 + pick(3));
        if (pick(5) == 0) properties.add_number(mqtt::PropertyId::message_expiry_interval, pick(3));
        publish.topic = properties.empty() || pick(3) != 0 ? name : std::string_view();
        publish.payload = payload;
        publish.properties = properties.view();
        mqtt::encode(out, publish, version);
        break;
      }
      case 5: {
        mqtt::SubscriptionListWriter list;
        mqtt::Subscription subscription;
        subscription.topic_filter = filter;
        subscription.qos = static_cast<mqtt::QoS>(pick(3));
        subscription.no_local = pick(3) == 0 && !filter.starts_with("$share");
        subscription.retain_as_published = pick(3) == 0;
        list.add(subscription);
        if (pick(3) == 0) properties.add_number(mqtt::PropertyId::subscription_identifier, 1 + pick(1000));
        mqtt::encode(out,
                     mqtt::Subscribe{.packet_id = id, .properties = properties.view(), .subscriptions = list.list()},
                     version);
        break;
      }
      case 6: {
        mqtt::TopicFilterListWriter list;
        list.add(filter);
        mqtt::encode(out, mqtt::Unsubscribe{.packet_id = id, .properties = {}, .topic_filters = list.list()}, version);
        break;
      }
      case 7:
        mqtt::encode(out, mqtt::Puback{.packet_id = id, .reason = {}, .properties = {}}, version);
        break;
      case 8:
        mqtt::encode(out, mqtt::Pubrec{.packet_id = id, .reason = {}, .properties = {}}, version);
        break;
      case 9:
        mqtt::encode(out, mqtt::Pubrel{.packet_id = id, .reason = {}, .properties = {}}, version);
        break;
      case 10:
        mqtt::encode(out, mqtt::Pubcomp{.packet_id = id, .reason = {}, .properties = {}}, version);
        break;
      default:
        mqtt::encode(out, mqtt::Pingreq{}, version);
    }
    std::string bytes(out.view());
    if (pick(60) == 0) bytes[pick(static_cast<unsigned>(bytes.size()))] ^= static_cast<char>(1U << pick(8));
    return bytes;
  }

  void new_client() {
    static const mqtt::ProtocolVersion versions[] = {mqtt::ProtocolVersion::v3_1, mqtt::ProtocolVersion::v3_1_1,
                                                     mqtt::ProtocolVersion::v5};
    ScriptedClient& client = clients_.emplace_back(shard_, versions[pick(3)]);
    if (client.refused_by_limit()) {
      clients_.pop_back();
      return;
    }
    if (pick(20) == 0) return;
    client.send_connect("c" + std::to_string(pick(20)),
                        {.keep_alive_seconds = static_cast<std::uint16_t>(pick(4) * 10)});
  }

  void step() {
    if (clients_.size() < 10 || pick(20) == 0) return new_client();
    ScriptedClient& client = clients_[pick(static_cast<unsigned>(clients_.size()))];
    if (client.ended()) {
      read(client);
      return;
    }
    switch (pick(16)) {
      case 0:
        if (pick(5) == 0) client.lose();
        return;
      case 1:
        return client.stop_taking();
      case 2:
      case 3:
        return client.take_again();
      case 4:
        return answer_something();
      case 5:
        shard_.router.pauses = pick(4) == 0;
        if (!shard_.router.pauses) shard_.shard.resume_reading();
        return shard_.turn();
      case 6:
        return shard_.advance(pick(2000));
      case 7:
        shard_.router.holds_publishes = pick(2) == 0;
        shard_.router.holds_subscriptions = pick(3) == 0;
        shard_.router.publish_reason = pick(10) == 0 ? mqtt::ReasonCode::quota_exceeded : mqtt::ReasonCode::success;
        return;
      default:
        std::string bytes;
        for (unsigned i = pick(4); i < 4; ++i) bytes += packet(client.version);
        const std::size_t first = pick(static_cast<unsigned>(bytes.size()) + 1);
        client.send_bytes(bytes.substr(0, first));
        if (!client.ended()) client.send_bytes(bytes.substr(first));
        read(client);
    }
  }

  void answer_something() {
    LoopBackRouter& router = shard_.router;
    if (!router.unfinished.empty()) {
      const auto at = router.unfinished.begin() + pick(static_cast<unsigned>(router.unfinished.size()));
      const core::PublishTicket ticket = *at;
      router.unfinished.erase(at);
      router.shard->published(ticket, {});
    }
    while (!router.unsettled.empty() && pick(2) == 0) router.settle_next();
    shard_.turn();
  }

  void read(ScriptedClient& client) {
    for (const std::string& packet : client.received()) {
      EXPECT_FALSE(packet.starts_with("bad") || packet.starts_with("unfinished")) << packet;
    }
  }

  std::mt19937 random_;
  ShardUnderTest shard_;
  std::deque<ScriptedClient> clients_;
};

TEST(Mutation, WhateverClientsDo) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos chaos(seed);
    chaos.run(3000);
    chaos.check_nothing_is_left();
  }
}

}  // namespace
}  // namespace mqttzoo::test
