#pragma once

#include <cstddef>
#include <cstdint>

/// The first bytes of fields in proto/cluster/peer.proto: field number and wire type, as ForwardBatch writes and
/// read_forward reads them without the generated code. forward_frame_test.cpp compares both with it.
namespace mqttzoo::cluster::forward_wire {

inline constexpr std::uint8_t varint_type = 0;
inline constexpr std::uint8_t fixed64_type = 1;
inline constexpr std::uint8_t bytes_type = 2;
inline constexpr std::uint8_t fixed32_type = 5;

constexpr std::uint8_t tag(std::uint8_t field, std::uint8_t type) {
  return static_cast<std::uint8_t>(field << 3 | type);
}

// DataFrame
inline constexpr std::uint8_t data_frame_forward_tag = tag(1, bytes_type);
// Forward
inline constexpr std::uint8_t forward_view_tag = tag(1, varint_type);
inline constexpr std::uint8_t forward_messages_tag = tag(2, bytes_type);
inline constexpr std::uint8_t finished_below_tag = tag(3, varint_type);
// ForwardedMessage
inline constexpr std::uint8_t number_tag = tag(1, varint_type);
inline constexpr std::uint8_t qos_tag = tag(2, varint_type);
inline constexpr std::uint8_t retain_tag = tag(3, varint_type);
inline constexpr std::uint8_t topic_tag = tag(4, bytes_type);
inline constexpr std::uint8_t payload_tag = tag(5, bytes_type);
inline constexpr std::uint8_t properties_tag = tag(6, bytes_type);
inline constexpr std::uint8_t expires_at_tag = tag(7, varint_type);
inline constexpr std::uint8_t retained_version_tag = tag(8, varint_type);
inline constexpr std::uint8_t publisher_tag = tag(9, fixed64_type);
inline constexpr std::uint8_t share_tag = tag(10, bytes_type);
inline constexpr std::uint8_t attempt_tag = tag(11, varint_type);

/// Messages in one Forward. The shortest has five bytes, and RouterLimits::forward_frame_bytes closes a frame before so
/// many; a frame full of them would cost its receiver twenty times its length.
inline constexpr std::size_t messages_max = 65'536;

}  // namespace mqttzoo::cluster::forward_wire
