#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/packet_layout.hpp"

namespace mqttzoo::mqtt {

namespace {

std::size_t remaining_length(const Connack& connack, ProtocolVersion version) {
  return 2 + layout::properties_size(connack.properties, version);
}

std::uint8_t wire_code(ReasonCode reason, ProtocolVersion version) {
  if (version == ProtocolVersion::v5) return static_cast<std::uint8_t>(reason);
  return static_cast<std::uint8_t>(to_connect_return_code(reason));
}

}  // namespace

std::size_t encoded_size(const Connack& connack, ProtocolVersion version) {
  return layout::packet_size(remaining_length(connack, version));
}

void encode(ByteBuffer& out, const Connack& connack, ProtocolVersion version) {
  WireWriter writer = layout::begin(out, PacketType::connack, remaining_length(connack, version));
  writer.byte(connack.session_present && version != ProtocolVersion::v3_1 ? 1 : 0);
  writer.byte(wire_code(connack.reason, version));
  layout::write_properties(writer, connack.properties, version);
}

}  // namespace mqttzoo::mqtt
