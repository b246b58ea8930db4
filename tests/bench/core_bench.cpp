#include <benchmark/benchmark.h>
#include <malloc.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/core/shard.hpp"
#include "proto/mqtt/encode.hpp"

// What the core costs per message, without sockets: bytes of a read in, bytes to write out, one turn per read.
namespace mqttzoo::core {
namespace {

/// A lone broker: everything goes back to where it came from.
class LoopBack final : public Router {
 public:
  RouterClient* shard = nullptr;

  void publish(RoutedMessage& message, PublishTicket ticket) override {
    const bool answer = message.view().qos != mqtt::QoS::at_most_once;
    shard->deliver(message);
    if (answer) shard->published(ticket, {});
  }
  bool must_pause() const override { return false; }
  void interest_added(std::string_view) override {}
  void interest_removed(std::string_view) override {}
  void share_changed(std::string_view, ShareMembers) override {}
  void publish_to_share(const std::string&, MessageRef) override {}
  void settle_subscription(SubscribeTicket ticket, std::vector<std::string>) override {
    shard->subscription_settled(ticket, {});
  }
  void register_connection(ConnectionId connection, const Registration&) override { shard->registered(connection, {}); }
  void unregister_connection(ConnectionId, ConnectionFate, std::uint32_t) override {}
};

class Zeros final : public RandomSource {
 public:
  std::uint64_t next() override { return 0; }
};

class Bench {
 public:
  explicit Bench(mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v3_1_1) : version_(version) {
    router_.shard = &shard;
  }

  Connection& connect(const std::string& client_id) {
    Connection& connection = *shard.open("192.0.2.1:1", nullptr, now);
    mqtt::ByteBuffer bytes;
    mqtt::encode(bytes, mqtt::Connect{.version = version_, .client_id = client_id});
    shard.received(connection, bytes.view(), now);
    take_output();
    return connection;
  }
  void subscribe(Connection& connection, const std::string& filter, int qos) {
    mqtt::SubscriptionListWriter list;
    mqtt::Subscription subscription;
    subscription.topic_filter = filter;
    subscription.qos = static_cast<mqtt::QoS>(qos);
    list.add(subscription);
    mqtt::ByteBuffer bytes;
    mqtt::encode(bytes, mqtt::Subscribe{.packet_id = 1, .properties = {}, .subscriptions = list.list()}, version_);
    shard.received(connection, bytes.view(), now);
    take_output();
  }
  std::string publishes(const std::string& topic, std::size_t payload_bytes, int qos, int count) const {
    const std::string payload(payload_bytes, 'x');
    mqtt::ByteBuffer bytes;
    for (int i = 0; i < count; ++i) {
      mqtt::Publish publish;
      publish.qos = static_cast<mqtt::QoS>(qos);
      publish.packet_id = static_cast<std::uint16_t>(qos == 0 ? 0 : i + 1);
      publish.topic = topic;
      publish.payload = payload;
      mqtt::encode(bytes, publish, version_);
    }
    return std::string(bytes.view());
  }
  /// The end of a turn on a network that takes everything.
  void take_output() {
    while (Connection* const connection = shard.take_dirty()) {
      benchmark::DoNotOptimize(connection->output().data());
      shard.output_sent(*connection, connection->output().size(), now);
    }
    while (shard.take_pause_change()) {
    }
  }

  Now now{1, 1};
  Zeros random;
  AnonymousAuthenticator authenticator{true};
  OpenAuthorizer authorizer;

 private:
  LoopBack router_;
  mqtt::ProtocolVersion version_;

 public:
  Shard shard{0, Limits{}, router_, authenticator, authorizer, random};
};

constexpr int batch = 64;

void qos0_one_to_one(benchmark::State& state) {
  Bench bench(state.range(1) == 5 ? mqtt::ProtocolVersion::v5 : mqtt::ProtocolVersion::v3_1_1);
  Connection& publisher = bench.connect("publisher");
  bench.subscribe(bench.connect("subscriber"), "bench/topic/0001", 0);
  const std::string read = bench.publishes("bench/topic/0001", static_cast<std::size_t>(state.range(0)), 0, batch);
  for (auto _ : state) {
    bench.shard.received(publisher, read, bench.now);
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(qos0_one_to_one)->ArgNames({"payload", "version"})->Args({64, 3})->Args({64, 5})->Args({1024, 3});

/// Many pairs on topics of their own: what the caches of the processor do not hold.
void qos0_pairs(benchmark::State& state) {
  Bench bench;
  const auto pairs = static_cast<std::size_t>(state.range(0));
  std::vector<Connection*> publishers;
  std::vector<std::string> reads;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::string topic = "bench/pair/" + std::to_string(100'000 + i);
    publishers.push_back(&bench.connect("p" + std::to_string(i)));
    bench.subscribe(bench.connect("s" + std::to_string(i)), topic, 0);
    reads.push_back(bench.publishes(topic, 64, 0, 1));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i) {
      bench.shard.received(*publishers[next], reads[next], bench.now);
      next = (next + 1) % pairs;
    }
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(qos0_pairs)->ArgName("pairs")->Arg(100)->Arg(5'000);

void qos1_one_to_one(benchmark::State& state) {
  Bench bench(state.range(1) == 5 ? mqtt::ProtocolVersion::v5 : mqtt::ProtocolVersion::v3_1_1);
  Connection& publisher = bench.connect("publisher");
  Connection& subscriber = bench.connect("subscriber");
  bench.subscribe(subscriber, "bench/topic/0001", 1);
  const std::string read = bench.publishes("bench/topic/0001", static_cast<std::size_t>(state.range(0)), 1, batch);
  std::uint16_t packet_id = 1;
  std::string acknowledgements;
  for (auto _ : state) {
    bench.shard.received(publisher, read, bench.now);
    bench.take_output();
    acknowledgements.clear();
    for (int i = 0; i < batch; ++i) {
      acknowledgements += {'\x40', '\x02', static_cast<char>(packet_id >> 8), static_cast<char>(packet_id)};
      packet_id = packet_id == 65'535 ? 1 : static_cast<std::uint16_t>(packet_id + 1);
    }
    bench.shard.received(subscriber, acknowledgements, bench.now);
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(qos1_one_to_one)->ArgNames({"payload", "version"})->Args({64, 3})->Args({64, 5});

void qos2_one_to_one(benchmark::State& state) {
  Bench bench;
  Connection& publisher = bench.connect("publisher");
  Connection& subscriber = bench.connect("subscriber");
  bench.subscribe(subscriber, "bench/topic/0001", 2);
  const std::string read = bench.publishes("bench/topic/0001", 64, 2, batch);
  std::uint16_t packet_id = 1;
  std::string releases, records, completions;
  for (int i = 1; i <= batch; ++i) releases += {'\x62', '\x02', '\0', static_cast<char>(i)};
  for (auto _ : state) {
    bench.shard.received(publisher, read, bench.now);
    records.clear();
    completions.clear();
    for (int i = 0; i < batch; ++i) {
      records += {'\x50', '\x02', static_cast<char>(packet_id >> 8), static_cast<char>(packet_id)};
      completions += {'\x70', '\x02', static_cast<char>(packet_id >> 8), static_cast<char>(packet_id)};
      packet_id = packet_id == 65'535 ? 1 : static_cast<std::uint16_t>(packet_id + 1);
    }
    bench.take_output();
    bench.shard.received(publisher, releases, bench.now);
    bench.shard.received(subscriber, records, bench.now);
    bench.take_output();
    bench.shard.received(subscriber, completions, bench.now);
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(qos2_one_to_one);

/// Items are messages received by subscribers.
void fan_out(benchmark::State& state) {
  Bench bench;
  const auto subscribers = state.range(0);
  Connection& publisher = bench.connect("publisher");
  for (int i = 0; i < subscribers; ++i) {
    bench.subscribe(bench.connect(std::to_string(i)), "bench/topic/0001", static_cast<int>(state.range(1)));
  }
  const std::string read = bench.publishes("bench/topic/0001", 64, 0, static_cast<int>(state.range(2)));
  for (auto _ : state) {
    bench.shard.received(publisher, read, bench.now);
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * subscribers * state.range(2));
}
BENCHMARK(fan_out)->ArgNames({"subscribers", "qos", "per_turn"})->Args({500, 0, 1})->Args({500, 0, 16});

/// Every message on another topic: matching itself, against filters of all kinds.
void match_topics(benchmark::State& state) {
  Bench bench;
  Connection& publisher = bench.connect("publisher");
  for (int i = 0; i < 1000; ++i) {
    Connection& subscriber = bench.connect(std::to_string(i));
    bench.subscribe(subscriber, "site/" + std::to_string(i % 50) + "/device/" + std::to_string(i) + "/+", 0);
  }
  std::vector<std::string> reads;
  const auto topics = static_cast<std::size_t>(state.range(0));
  for (std::size_t i = 0; i < topics; ++i) {
    const std::string topic =
        "site/" + std::to_string(i % 50) + "/device/" + std::to_string(i % 1000) + "/value" + std::to_string(i);
    reads.push_back(bench.publishes(topic, 64, 0, 1));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    for (int i = 0; i < batch; ++i) {
      bench.shard.received(publisher, reads[next], bench.now);
      next = (next + 1) % topics;
    }
    bench.take_output();
  }
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(match_topics)->ArgName("topics")->Arg(1'000)->Arg(200'000);

/// What an idle connection with one subscription of its own costs in memory.
void idle_connections(benchmark::State& state) {
  for (auto _ : state) {
    Bench bench;
    const std::size_t before = mallinfo2().uordblks;
    for (int i = 0; i < state.range(0); ++i) {
      bench.subscribe(bench.connect("client-" + std::to_string(i)), "device/" + std::to_string(i) + "/command", 1);
    }
    const double bytes = static_cast<double>(mallinfo2().uordblks - before);
    state.counters["bytes_each"] = bytes / static_cast<double>(state.range(0));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(idle_connections)->Arg(10'000)->Iterations(1);

}  // namespace
}  // namespace mqttzoo::core

BENCHMARK_MAIN();
