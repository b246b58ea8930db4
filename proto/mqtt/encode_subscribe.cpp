#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/packet_layout.hpp"
#include "proto/mqtt/subscription_options.hpp"

namespace mqttzoo::mqtt {

namespace {

constexpr std::uint8_t request_flags = 0x02;  // v5 [MQTT-3.8.1-1], [MQTT-3.10.1-1]

/// All requests and acknowledgements of subscriptions: an id, properties, a list.
template <class Packet>
std::size_t remaining_length(const Packet& packet, std::string_view list, ProtocolVersion version) {
  return 2 + layout::properties_size(packet.properties, version) + list.size();
}

template <class Packet>
WireWriter begin(ByteBuffer& out, PacketType type, const Packet& packet, std::string_view list, ProtocolVersion version,
                 std::uint8_t flags) {
  WireWriter writer = layout::begin(out, type, remaining_length(packet, list, version), flags);
  writer.two_bytes(packet.packet_id);
  layout::write_properties(writer, packet.properties, version);
  return writer;
}

std::uint8_t v3_return_code(ReasonCode reason, ProtocolVersion version) {
  if (!is_error(reason)) return static_cast<std::uint8_t>(reason);
  return version == ProtocolVersion::v3_1 ? 0x00 : 0x80;
}

/// v3 has no codes in UNSUBACK.
std::string_view codes_of(const Unsuback& unsuback, ProtocolVersion version) {
  return version == ProtocolVersion::v5 ? unsuback.reasons.raw() : std::string_view();
}

}  // namespace

std::size_t encoded_size(const Subscribe& subscribe, ProtocolVersion version) {
  return layout::packet_size(remaining_length(subscribe, subscribe.subscriptions.raw(), version));
}

std::size_t encoded_size(const Suback& suback, ProtocolVersion version) {
  return layout::packet_size(remaining_length(suback, suback.reasons.raw(), version));
}

std::size_t encoded_size(const Unsubscribe& unsubscribe, ProtocolVersion version) {
  return layout::packet_size(remaining_length(unsubscribe, unsubscribe.topic_filters.raw(), version));
}

std::size_t encoded_size(const Unsuback& unsuback, ProtocolVersion version) {
  return layout::packet_size(remaining_length(unsuback, codes_of(unsuback, version), version));
}

void encode(ByteBuffer& out, const Subscribe& subscribe, ProtocolVersion version) {
  const std::string_view list = subscribe.subscriptions.raw();
  WireWriter writer = begin(out, PacketType::subscribe, subscribe, list, version, request_flags);
  if (version == ProtocolVersion::v5) {
    writer.raw(list);
    return;
  }
  for (const Subscription& subscription : subscribe.subscriptions) {
    writer.string(subscription.topic_filter);
    writer.byte(static_cast<std::uint8_t>(subscription.qos));
  }
}

void encode(ByteBuffer& out, const Suback& suback, ProtocolVersion version) {
  WireWriter writer = begin(out, PacketType::suback, suback, suback.reasons.raw(), version, 0);
  if (version == ProtocolVersion::v5) {
    writer.raw(suback.reasons.raw());
    return;
  }
  for (std::size_t i = 0; i < suback.reasons.size(); ++i) writer.byte(v3_return_code(suback.reasons[i], version));
}

void encode(ByteBuffer& out, const Unsubscribe& unsubscribe, ProtocolVersion version) {
  const std::string_view list = unsubscribe.topic_filters.raw();
  begin(out, PacketType::unsubscribe, unsubscribe, list, version, request_flags).raw(list);
}

void encode(ByteBuffer& out, const Unsuback& unsuback, ProtocolVersion version) {
  const std::string_view codes = codes_of(unsuback, version);
  begin(out, PacketType::unsuback, unsuback, codes, version, 0).raw(codes);
}

}  // namespace mqttzoo::mqtt
