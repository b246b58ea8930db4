#pragma once

#include <cstddef>
#include <cstdint>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/types.hpp"

namespace google::protobuf {
class MessageLite;
}

namespace mqttzoo::cluster {

/// A frame on a peer link: the length of what follows, 4 bytes big-endian, and one protobuf message.
inline constexpr std::size_t frame_length_bytes = 4;

/// The longest frame without its length: the largest MQTT packet, with room for what a Forward says beside it. A longer
/// one ends the link.
inline constexpr std::size_t peer_frame_bytes_max = mqtt::packet_bytes_max + 4096;

/// Appends one frame. The message is not longer than peer_frame_bytes_max.
void append_frame(mqtt::ByteBuffer& out, const google::protobuf::MessageLite& message);

/// Reads and writes the four bytes before a frame.
std::uint32_t read_frame_length(const char* bytes);
void write_frame_length(char* bytes, std::uint32_t length);

}  // namespace mqttzoo::cluster
