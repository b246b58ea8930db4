#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/packets.hpp"
#include "proto/mqtt/wire_writer.hpp"

namespace mqttzoo::mqtt {

namespace detail {

inline std::size_t remaining_length(const Publish& publish, ProtocolVersion version) {
  std::size_t size = string_size(publish.topic) + publish.payload.size();
  if (publish.qos != QoS::at_most_once) size += 2;
  if (version == ProtocolVersion::v5) {
    size += variable_integer_size(publish.properties.raw().size()) + publish.properties.raw().size();
  }
  if (size > remaining_length_max) [[unlikely]]
    throw_packet_too_long();
  return size;
}

}  // namespace detail

/// How many bytes `encode` would append.
inline std::size_t encoded_size(const Publish& publish, ProtocolVersion version) {
  const std::size_t length = detail::remaining_length(publish, version);
  return 1 + variable_integer_size(length) + length;
}

/// The hottest encoder: one check for room, then plain copies. A string or packet that is too long throws
/// std::length_error and leaves `out` as it was.
inline void encode(ByteBuffer& out, const Publish& publish, ProtocolVersion version) {
  const std::size_t length = detail::remaining_length(publish, version);
  WireWriter writer(out.extend(1 + variable_integer_size(length) + length));
  const auto flags = (publish.dup ? 8U : 0U) | static_cast<unsigned>(publish.qos) << 1 | (publish.retain ? 1U : 0U);
  writer.byte(static_cast<std::uint8_t>(static_cast<unsigned>(PacketType::publish) << 4 | flags));
  writer.variable_integer(length);
  writer.string(publish.topic);
  if (publish.qos != QoS::at_most_once) writer.two_bytes(publish.packet_id);
  if (version == ProtocolVersion::v5) {
    writer.variable_integer(publish.properties.raw().size());
    writer.raw(publish.properties.raw());
  }
  writer.raw(publish.payload);
}

/// A PUBLISH encoded once and sent to many: each subscriber costs one copy and, with QoS above 0, its Packet
/// Identifier. Meant to be kept and reused; belongs to one thread.
class EncodedPublish {
 public:
  /// Replaces what was there. The packet id and DUP of `publish` do not matter.
  void assign(const Publish& publish, ProtocolVersion version);

  std::size_t size() const { return frame_.size(); }
  /// The bytes for QoS 0: they are the same for all.
  std::string_view view() const { return frame_.view(); }
  void append_to(ByteBuffer& out) const { out.append(frame_.view()); }
  /// With QoS 1 or 2.
  void append_to(ByteBuffer& out, std::uint16_t packet_id, bool dup = false) const {
    char* const place = out.extend(frame_.size());
    std::memcpy(place, frame_.data(), frame_.size());
    if (dup) place[0] = static_cast<char>(place[0] | 0x08);
    WireWriter(place + packet_id_offset_).two_bytes(packet_id);
  }

 private:
  ByteBuffer frame_;
  std::size_t packet_id_offset_ = 0;
};

}  // namespace mqttzoo::mqtt
