// The hot path allocates nothing per message.
#include <gtest/gtest.h>

#include "tests/support/allocation_counter.hpp"
#include "tests/support/scripted_client.hpp"

namespace mqttzoo::test {
namespace {

/// Loops back and remembers nothing, so that it does not allocate either.
class BareRouter final : public core::Router {
 public:
  core::Shard* shard = nullptr;

  void publish(core::RoutedMessage& message, core::PublishTicket ticket) override {
    shard->deliver(message);
    if (message.view().qos != mqtt::QoS::at_most_once) shard->published(ticket, {});
  }
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
  void unregister_connection(core::ConnectionId, core::ConnectionFate, std::uint32_t) override {}
};

class Allocation : public testing::TestWithParam<int> {
 protected:
  Allocation() { router.shard = &shard; }

  core::Connection& connect(int subscribe_qos) {
    core::Connection& connection = *shard.open("x", nullptr, now);
    mqtt::ByteBuffer bytes;
    mqtt::encode(bytes, mqtt::Connect{.client_id = "me"});
    if (subscribe_qos >= 0) {
      mqtt::SubscriptionListWriter list;
      mqtt::Subscription subscription;
      subscription.topic_filter = "a/+";
      subscription.qos = static_cast<mqtt::QoS>(subscribe_qos);
      list.add(subscription);
      mqtt::encode(bytes, mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()},
                   mqtt::ProtocolVersion::v5);
    }
    shard.received(connection, bytes.view(), now);
    turn();
    return connection;
  }
  void turn() {
    while (core::Connection* const connection = shard.take_dirty()) {
      shard.output_sent(*connection, connection->output().size(), now);
    }
    while (shard.take_pause_change()) {
    }
  }

  core::Now now{1, 1};
  BareRouter router;
  core::AnonymousAuthenticator authenticator{true};
  core::OpenAuthorizer authorizer;
  CountingRandom random;
  core::Shard shard{0, core::Limits{}, router, authenticator, authorizer, random};
};

TEST_P(Allocation, NonePerMessageInASteadyFlow) {
  const int qos = GetParam();
  core::Connection& publisher = connect(-1);
  std::vector<core::Connection*> subscribers;
  for (int i = 0; i < 3; ++i) subscribers.push_back(&connect(qos));
  constexpr std::uint16_t batch = 20;
  mqtt::ByteBuffer publishes;
  mqtt::PropertyWriter properties;
  properties.add_number(mqtt::PropertyId::message_expiry_interval, 60).add_user_property("name", "value");
  for (std::uint16_t id = 1; id <= batch; ++id) {
    mqtt::Publish publish;
    publish.qos = static_cast<mqtt::QoS>(qos);
    publish.packet_id = qos == 0 ? std::uint16_t{0} : id;
    publish.topic = "a/b";
    publish.payload = "some payload";
    if (id % 2 == 0) publish.properties = properties.view();
    mqtt::encode(publishes, publish, mqtt::ProtocolVersion::v5);
  }
  std::uint16_t packet_id = 0;
  std::string acknowledgements;
  acknowledgements.reserve(4 * batch);
  const auto flow = [&] {
    shard.received(publisher, publishes.view(), now);
    turn();
    if (qos == 0) return;
    acknowledgements.clear();
    for (int i = 0; i < batch; ++i) {
      ++packet_id;
      acknowledgements += {'\x40', '\x02', static_cast<char>(packet_id >> 8), static_cast<char>(packet_id & 0xFF)};
    }
    for (core::Connection* const subscriber : subscribers) shard.received(*subscriber, acknowledgements, now);
    turn();
  };
  for (int i = 0; i < 10; ++i) flow();  // buffers grow to what they need
  const std::size_t before = allocations_so_far();
  for (int i = 0; i < 100; ++i) flow();
  EXPECT_EQ(allocations_so_far() - before, 0U);
  EXPECT_EQ(shard.counters().publishes_sent[static_cast<std::size_t>(qos)].get(), 110U * batch * 3U);
}

INSTANTIATE_TEST_SUITE_P(Qos, Allocation, testing::Values(0, 1));

}  // namespace
}  // namespace mqttzoo::test
