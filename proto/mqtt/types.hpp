#pragma once

#include <cstddef>
#include <cstdint>

namespace mqttzoo::mqtt {

/// The protocol level of a connection, with the values of the CONNECT packet. Ordered: `version >= v3_1_1` means what
/// it says.
enum class ProtocolVersion : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

/// The upper four bits of a packet's first byte (v5 2.1.2). 0 is forbidden.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
  auth = 15,  ///< v5 only
};

/// The readable name, for logs: "PUBLISH".
const char* to_string(PacketType type);

/// Who sent a packet: a few rules of v5 differ by direction.
enum class Side : std::uint8_t { client, server };

/// The longest UTF-8 Encoded String and Binary Data (v5 1.5.4, 1.5.6).
inline constexpr std::size_t string_bytes_max = 65'535;
/// The largest Remaining Length (v5 1.5.5).
inline constexpr std::size_t remaining_length_max = 268'435'455;
/// The largest packet: the first byte and four of Remaining Length are added.
inline constexpr std::size_t packet_bytes_max = remaining_length_max + 5;

}  // namespace mqttzoo::mqtt
