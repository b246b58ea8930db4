#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "proto/mqtt/topic.hpp"
#include "tests/proto/mqtt/any_packet.hpp"

/// A stream of packets from a stranger. The first byte chooses version and sender; CONNECT then sets the version, as it
/// does in the broker. What is accepted must keep its meaning when it is encoded and decoded again.
namespace mqttzoo::mqtt {
namespace {

void check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void check_properties(const PropertiesView& properties) {
  std::string joined;
  PropertySet present;
  for (const Property& property : properties) {
    check(properties.has(property.id), "a property is not marked present");
    if (!present.contains(property.id)) {
      check(properties.find_number(property.id) == property.number, "another number is found");
      check(properties.find_string(property.id) == property.value, "another string is found");
    }
    present.insert(property.id);
    joined += property.encoded;
  }
  check(joined == properties.raw(), "iteration does not cover the block");
  check(present == properties.present(), "the set of present properties is wrong");
}

void check_topics(const Subscribe& subscribe) {
  std::size_t count = 0;
  for (const Subscription& subscription : subscribe.subscriptions) {
    ++count;
    std::string_view filter = subscription.topic_filter;
    if (const auto shared = parse_shared_filter(filter)) filter = shared->filter;
    if (!valid_topic_filter(filter)) continue;
    std::size_t levels = 0;
    for (const std::string_view level : TopicLevels(filter)) levels += level.size() + 1;
    check(levels == filter.size() + 1, "levels do not add up");
    if (valid_topic_name(filter)) check(matches(filter, filter), "a filter without wildcards matches itself");
  }
  check(count == subscribe.subscriptions.size(), "the list has another size");
}

void check_round_trip(const test::AnyPacket& any, const Frame& frame, ProtocolVersion version, Side sender) {
  ByteBuffer once;
  test::encode_any(once, any, version);
  check(once.size() == test::any_encoded_size(any, version), "encoded_size is wrong");
  const Split split = split_frame(once.view(), packet_bytes_max);
  check(split.status == SplitStatus::complete, "an encoded packet is not a frame");
  const auto again = test::decode_any(split.frame, version, sender);
  check(again.has_value(), "an encoded packet is refused");
  ByteBuffer twice;
  test::encode_any(twice, *again, version);
  check(once.view() == twice.view(), "a packet changes when it is encoded again");
  if (frame.type() == PacketType::publish) {
    check(split.frame.first_byte == frame.first_byte, "PUBLISH has other flags");
    check(split.frame.body == frame.body || version != ProtocolVersion::v5, "PUBLISH has another body");
  }
}

void run(std::string_view input) {
  if (input.empty()) return;
  constexpr ProtocolVersion versions[] = {ProtocolVersion::v3_1, ProtocolVersion::v3_1_1, ProtocolVersion::v5};
  const auto choice = static_cast<unsigned char>(input[0]);
  ProtocolVersion version = versions[choice % 3];
  const Side sender = choice % 2 == 0 ? Side::client : Side::server;
  input.remove_prefix(1);
  for (;;) {
    const Split split = split_frame(input, 1'000'000);
    if (split.status != SplitStatus::complete) return;
    const auto any = test::decode_any(split.frame, version, sender);
    if (any) {
      if (const auto* connect = std::get_if<Connect>(&*any)) version = connect->version;
      std::visit(
          [](const auto& packet) {
            if constexpr (requires { packet.properties; }) check_properties(packet.properties);
          },
          *any);
      if (const auto* subscribe = std::get_if<Subscribe>(&*any)) check_topics(*subscribe);
      check_round_trip(*any, split.frame, version, sender);
    } else {
      check(is_error(any.error().reason), "a refusal without an error");
      version_to_answer(split.frame);
    }
    input.remove_prefix(split.frame.total_size);
  }
}

}  // namespace
}  // namespace mqttzoo::mqtt

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttzoo::mqtt::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
