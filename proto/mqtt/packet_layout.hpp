#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/properties.hpp"
#include "proto/mqtt/types.hpp"
#include "proto/mqtt/wire_writer.hpp"

/// What the encoders share. Internal to the codec.
namespace mqttzoo::mqtt::layout {

/// The size of a packet on the wire from its Remaining Length.
inline std::size_t packet_size(std::size_t remaining_length) {
  return 1 + variable_integer_size(remaining_length) + remaining_length;
}

/// Appends the Fixed Header and room for the rest, which the caller writes in full. Throws std::length_error before
/// anything is appended.
inline WireWriter begin(ByteBuffer& out, PacketType type, std::size_t remaining_length, std::uint8_t flags = 0) {
  if (remaining_length > remaining_length_max) throw_packet_too_long();
  WireWriter writer(out.extend(packet_size(remaining_length)));
  writer.byte(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags));
  writer.variable_integer(remaining_length);
  return writer;
}

/// The Property Length and the properties; v3 has neither.
inline std::size_t properties_size(const PropertiesView& properties, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return 0;
  const std::size_t size = properties.raw().size();
  if (size > remaining_length_max) throw_packet_too_long();
  return variable_integer_size(size) + size;
}

inline void write_properties(WireWriter& writer, const PropertiesView& properties, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return;
  writer.variable_integer(properties.raw().size());
  writer.raw(properties.raw());
}

}  // namespace mqttzoo::mqtt::layout
