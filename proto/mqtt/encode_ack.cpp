#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/packet_layout.hpp"

namespace mqttzoo::mqtt {

namespace {

/// The shortest form: v5 leaves out empty properties, and then a success too (v5 3.4.2.1, 3.4.2.2.1).
template <PacketType type>
std::size_t remaining_length(const PublishAck<type>& ack, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return 2;
  if (!ack.properties.empty()) return 3 + layout::properties_size(ack.properties, version);
  return ack.reason == ReasonCode::success ? 2 : 3;
}

template <PacketType type>
std::size_t ack_size(const PublishAck<type>& ack, ProtocolVersion version) {
  return layout::packet_size(remaining_length(ack, version));
}

template <PacketType type>
void encode_ack(ByteBuffer& out, const PublishAck<type>& ack, ProtocolVersion version) {
  const std::size_t length = remaining_length(ack, version);
  const std::uint8_t flags = type == PacketType::pubrel ? 0x02 : 0x00;
  WireWriter writer = layout::begin(out, type, length, flags);
  writer.two_bytes(ack.packet_id);
  if (length > 2) writer.byte(static_cast<std::uint8_t>(ack.reason));
  if (length > 3) layout::write_properties(writer, ack.properties, version);
}

}  // namespace

std::size_t encoded_size(const Puback& puback, ProtocolVersion version) { return ack_size(puback, version); }
std::size_t encoded_size(const Pubrec& pubrec, ProtocolVersion version) { return ack_size(pubrec, version); }
std::size_t encoded_size(const Pubrel& pubrel, ProtocolVersion version) { return ack_size(pubrel, version); }
std::size_t encoded_size(const Pubcomp& pubcomp, ProtocolVersion version) { return ack_size(pubcomp, version); }

void encode(ByteBuffer& out, const Puback& puback, ProtocolVersion version) { encode_ack(out, puback, version); }
void encode(ByteBuffer& out, const Pubrec& pubrec, ProtocolVersion version) { encode_ack(out, pubrec, version); }
void encode(ByteBuffer& out, const Pubrel& pubrel, ProtocolVersion version) { encode_ack(out, pubrel, version); }
void encode(ByteBuffer& out, const Pubcomp& pubcomp, ProtocolVersion version) { encode_ack(out, pubcomp, version); }

}  // namespace mqttzoo::mqtt
