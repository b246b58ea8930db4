#include <stdexcept>

#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/packet_layout.hpp"

namespace mqttzoo::mqtt {

namespace {

/// The shortest form (v5 3.14.2.1, 3.14.2.2.1).
std::size_t remaining_length(const Disconnect& disconnect, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return 0;
  if (!disconnect.properties.empty()) return 1 + layout::properties_size(disconnect.properties, version);
  return disconnect.reason == ReasonCode::normal_disconnection ? 0 : 1;
}

/// v5 3.15.2.1: unlike DISCONNECT, never a Reason Code without a Property Length.
std::size_t remaining_length(const Auth& auth, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) throw std::invalid_argument("AUTH needs MQTT 5");
  if (auth.reason == ReasonCode::success && auth.properties.empty()) return 0;
  return 1 + layout::properties_size(auth.properties, version);
}

}  // namespace

std::size_t encoded_size(const Disconnect& disconnect, ProtocolVersion version) {
  return layout::packet_size(remaining_length(disconnect, version));
}

std::size_t encoded_size(const Auth& auth, ProtocolVersion version) {
  return layout::packet_size(remaining_length(auth, version));
}

void encode(ByteBuffer& out, const Disconnect& disconnect, ProtocolVersion version) {
  const std::size_t length = remaining_length(disconnect, version);
  WireWriter writer = layout::begin(out, PacketType::disconnect, length);
  if (length > 0) writer.byte(static_cast<std::uint8_t>(disconnect.reason));
  if (length > 1) layout::write_properties(writer, disconnect.properties, version);
}

void encode(ByteBuffer& out, const Auth& auth, ProtocolVersion version) {
  const std::size_t length = remaining_length(auth, version);
  WireWriter writer = layout::begin(out, PacketType::auth, length);
  if (length == 0) return;
  writer.byte(static_cast<std::uint8_t>(auth.reason));
  layout::write_properties(writer, auth.properties, version);
}

void encode(ByteBuffer& out, const Pingreq&, ProtocolVersion) { layout::begin(out, PacketType::pingreq, 0); }

void encode(ByteBuffer& out, const Pingresp&, ProtocolVersion) { layout::begin(out, PacketType::pingresp, 0); }

}  // namespace mqttzoo::mqtt
