#include "broker/cluster/links/frames.hpp"

#include <google/protobuf/message_lite.h>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

void append_frame(mqtt::ByteBuffer& out, const google::protobuf::MessageLite& message) {
  const std::size_t length = message.ByteSizeLong();
  ensure(length <= peer_frame_bytes_max, "a frame is not longer than its receiver accepts");
  char* const frame = out.extend(frame_length_bytes + length);
  write_frame_length(frame, static_cast<std::uint32_t>(length));
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(frame + frame_length_bytes));
}

std::uint32_t read_frame_length(const char* bytes) {
  const auto* const octets = reinterpret_cast<const std::uint8_t*>(bytes);
  return std::uint32_t{octets[0]} << 24 | std::uint32_t{octets[1]} << 16 | std::uint32_t{octets[2]} << 8 | octets[3];
}

void write_frame_length(char* bytes, std::uint32_t length) {
  bytes[0] = static_cast<char>(length >> 24);
  bytes[1] = static_cast<char>(length >> 16);
  bytes[2] = static_cast<char>(length >> 8);
  bytes[3] = static_cast<char>(length);
}

}  // namespace mqttzoo::cluster
