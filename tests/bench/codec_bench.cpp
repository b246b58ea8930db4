#include <benchmark/benchmark.h>

#include <string>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"

/// What one message costs in the codec: nanoseconds per PUBLISH, with a payload of the given size.
namespace mqttzoo::mqtt {
namespace {

constexpr std::string_view topic = "site/building-7/floor-2/room-21/temperature";

Publish message(const std::string& payload, QoS qos) {
  return {.qos = qos,
          .packet_id = static_cast<std::uint16_t>(qos == QoS::at_most_once ? 0 : 7),
          .topic = topic,
          .payload = payload};
}

template <ProtocolVersion version, QoS qos>
void split_and_decode(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  ByteBuffer stream;
  constexpr int messages = 100;
  for (int i = 0; i < messages; ++i) encode(stream, message(payload, qos), version);
  for (auto _ : state) {
    std::string_view rest = stream.view();
    while (!rest.empty()) {
      const Split split = split_frame(rest, 1'000'000);
      const auto publish = decode_publish(split.frame, version, Side::client);
      benchmark::DoNotOptimize(publish->payload.data());
      rest.remove_prefix(split.frame.total_size);
    }
  }
  state.SetItemsProcessed(state.iterations() * messages);
}
BENCHMARK(split_and_decode<ProtocolVersion::v3_1_1, QoS::at_most_once>)->Arg(64);
BENCHMARK(split_and_decode<ProtocolVersion::v3_1_1, QoS::at_least_once>)->Arg(64);
BENCHMARK(split_and_decode<ProtocolVersion::v5, QoS::at_most_once>)->Arg(64);

template <ProtocolVersion version>
void encode_each(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  const Publish publish = message(payload, QoS::at_least_once);
  ByteBuffer out;
  for (auto _ : state) {
    encode(out, publish, version);
    if (out.size() > 16'384) out.clear();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(encode_each<ProtocolVersion::v3_1_1>)->Arg(64)->Arg(1024);
BENCHMARK(encode_each<ProtocolVersion::v5>)->Arg(64);

void append_encoded_once(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  EncodedPublish encoded;
  encoded.assign(message(payload, QoS::at_least_once), ProtocolVersion::v5);
  ByteBuffer out;
  std::uint16_t packet_id = 0;
  for (auto _ : state) {
    encoded.append_to(out, ++packet_id);
    if (out.size() > 16'384) out.clear();
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_encoded_once)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace mqttzoo::mqtt

BENCHMARK_MAIN();
