// What the way of a publish costs in allocations.
#include <gmock/gmock.h>

#include <map>

#include "broker/cluster/router/shard_router.hpp"
#include "tests/support/allocation_counter.hpp"

namespace mqttzoo::cluster {
namespace {

class QuietCore final : public core::RouterClient {
 public:
  std::size_t deliver(core::RoutedMessage&) override { return ++delivered; }
  core::SharedDelivery deliver_to_share(const std::string&, core::RoutedMessage&, bool) override {
    ++delivered;
    return core::SharedDelivery::taken;
  }
  void published(core::PublishTicket, core::PublishResult) override { ++acknowledged; }
  void resume_reading() override {}
  void retained_read_begins(core::SubscribeTicket) override {}
  void subscription_settled(core::SubscribeTicket, std::vector<core::RetainedMatch>) override {}
  void registered(core::ConnectionId, const core::Admission&) override {}
  void evict(core::ConnectionId, mqtt::ReasonCode, const char*) override {}
  bool may_publish(const core::Will&) const override { return true; }
  void settle_connections() override {}
  core::SessionOpened open_session(const core::SessionRequest&) override { return {}; }
  void leave_session(std::string_view, std::uint32_t) override {}
  void discard_session(std::string_view) override {}
  void discard_sessions(const std::function<bool(std::string_view)>&) override {}
  bool has_subscription(std::string_view) const override { return false; }
  core::ShareMembers members_of_share(std::string_view) const override { return {}; }
  void session_committed(core::SessionId) override {}
  std::vector<std::string> session_clients(const std::function<bool(std::string_view)>&) const override { return {}; }
  std::optional<core::KeptSession> keep_session(std::string_view, std::uint64_t&, std::size_t) const override {
    return std::nullopt;
  }
  std::optional<core::KeptSession> give_session_away(std::string_view) override { return std::nullopt; }
  bool restore_session(std::string_view, core::KeptSession&&) override { return false; }
  std::size_t delivered = 0;
  std::size_t acknowledged = 0;
};

class QuietPort final : public ShardPort {
 public:
  void send_to_control(ToControl) override {}
  void send_to_shard(core::ShardIndex, ShardLetter) override {}
};

class OneBuffer final : public LinkTransport {
 public:
  void open(LinkId, std::string, proto::Hello) override {}
  void close(LinkId) override {}
  mqtt::ByteBuffer& output(LinkId) override { return buffer; }
  mqtt::ByteBuffer buffer;
};

/// One router, acting, with one linked member that wants "remote/#".
class Allocations : public testing::Test {
 protected:
  Allocations() : router(0, 1, {}, counters, port, wire, lease) {
    router.attach(core);
    lease.extend_to(LeaseDeadline::for_ever);
    auto view = std::make_shared<View>();
    view->number = 1;
    view->members = {{{"a", 1}, "a:1", 1}, {{"b", 1}, "b:1", 1}};
    view->primaries = {0};
    turn([&] {
      router.receive(Identified{{"a", 1}, "zoo"});
      router.receive(PeerKnown{0, {"b", 1}, "b:1", 1});
      router.link_up(0, {});
      router.receive(InterestOf{1, {InterestOwner::Kind::peer, 0}, true, {"remote/#"}, {}});
      router.receive(EnterView{view});
      router.receive(ActInView{1});
    });
  }

  template <class Events>
  void turn(Events&& events) {
    router.begin_turn({1, 1});
    events();
    router.end_of_turn({1, 1});
  }

  void publish(std::string_view topic, mqtt::QoS qos) {
    core::MessageView view;
    view.topic = topic;
    view.payload = "0123456789012345678901234567890123456789";
    view.qos = qos;
    core::RoutedMessage message(view);
    router.publish(message, core::PublishTicket::of_connection({0, 1}, 1, true));
  }

  /// What the second of two equal turns of 1000 publishes allocates: the first one warms everything up.
  std::size_t cost_of_1000(std::string_view topic, mqtt::QoS qos) {
    std::size_t cost = 0;
    for (int round = 0; round < 2; ++round) {
      const std::size_t before = test::allocations_so_far();
      turn([&] {
        for (int i = 0; i < 1000; ++i) publish(topic, qos);
      });
      cost = test::allocations_so_far() - before;
      answer_all();
      wire.buffer.clear();
    }
    return cost;
  }

  void answer_all() {
    proto::DataAnswer answer;
    answer.mutable_forward_answer()->set_view_number(1);
    proto::NumberRange& range = *answer.mutable_forward_answer()->add_accepted();
    range.set_first(1);
    range.set_last(1'000'000);
    const std::string frame = answer.SerializeAsString();
    turn([&] { router.link_frame(0, frame); });
  }

  RouterCounters counters;
  LeaseDeadline lease;
  QuietCore core;
  QuietPort port;
  OneBuffer wire;
  ShardRouter router;
};

TEST_F(Allocations, Qos0WithLocalInterestOnlyCostsNone) {
  EXPECT_EQ(cost_of_1000("local/topic", mqtt::QoS::at_most_once), 0u);
  EXPECT_EQ(core.delivered, 2000u);
}

TEST_F(Allocations, Qos0ToAnotherBrokerCostsNone) {
  EXPECT_EQ(cost_of_1000("remote/topic", mqtt::QoS::at_most_once), 0u);
  EXPECT_EQ(counters.messages_sent.get(), 2000u);
}

TEST_F(Allocations, Qos1WithLocalInterestOnlyCostsNone) {
  EXPECT_EQ(cost_of_1000("local/topic", mqtt::QoS::at_least_once), 0u);
  EXPECT_EQ(core.acknowledged, 2000u);
}

TEST_F(Allocations, Qos1ToAnotherBrokerCostsItsCopyOnly) {
  const std::size_t cost = cost_of_1000("remote/topic", mqtt::QoS::at_least_once);
  EXPECT_GE(cost, 1000u);
  EXPECT_LT(cost, 1050u) << "the window grows again after it ran empty";
  EXPECT_EQ(core.acknowledged, 2000u);
  EXPECT_EQ(counters.unfinished_now.get(), 0u);
}

TEST_F(Allocations, AReceivedForwardCostsNone) {
  ForwardBatch batch;
  core::MessageView view;
  view.topic = "some/topic/of/more/than/fifteen/bytes";
  view.payload = "0123456789012345678901234567890123456789";
  for (int i = 0; i < 100; ++i) batch.add(1, view, {});
  mqtt::ByteBuffer frame;
  batch.close(frame, 1);
  proto::Hello hello;
  hello.mutable_from()->set_name("b");
  hello.mutable_from()->set_epoch(1);
  turn([&] { router.link_accepted(accepted_links, hello); });
  std::size_t before = 0;
  for (int round = 0; round < 2; ++round) {
    before = test::allocations_so_far();
    turn([&] { EXPECT_TRUE(router.link_frame(accepted_links, frame.view().substr(4))); });
  }
  EXPECT_EQ(test::allocations_so_far() - before, 0u);
  EXPECT_EQ(core.delivered, 200u);
}

}  // namespace
}  // namespace mqttzoo::cluster
