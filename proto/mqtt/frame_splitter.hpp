#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::mqtt {

/// One packet as it lies in the stream: a view of the receiver's buffer.
struct Frame {
  std::uint8_t first_byte = 0;
  bool length_padded = false;  ///< Remaining Length has more bytes than it needs: malformed in v5 [MQTT-1.5.5-1].
  std::size_t total_size = 0;  ///< Fixed Header included; what to consume from the stream.
  std::string_view body{};     ///< all after the Fixed Header

  PacketType type() const { return static_cast<PacketType>(first_byte >> 4); }
  std::uint8_t flags() const { return first_byte & 0x0F; }
};

enum class SplitStatus : std::uint8_t {
  complete,    ///< `frame` is whole.
  incomplete,  ///< More bytes are needed. `frame.total_size` says how many in all, once the header is there (else 0).
  malformed,   ///< Packet type 0 or a Remaining Length of more than four bytes (0x81).
  too_large,   ///< The packet announces more than the maximum (0x95): known from its header alone.
};

struct Split {
  SplitStatus status = SplitStatus::incomplete;
  Frame frame{};
};

/// Looks for one packet at the begin of `received`. Never allocates and never needs the body of a packet to judge its
/// header. Bounded by `packet_size_max` bytes (Fixed Header included, as Maximum Packet Size counts, v5 3.1.2.11.4).
/// No state: the caller keeps the unfinished tail and calls again when more has come.
inline Split split_frame(std::string_view received, std::size_t packet_size_max) {
  Split split;
  if (received.empty()) return split;
  split.frame.first_byte = static_cast<std::uint8_t>(received[0]);
  if (split.frame.first_byte < 0x10) {
    split.status = SplitStatus::malformed;
    return split;
  }
  std::size_t length = 0;
  std::size_t header_size = 1;
  for (;;) {
    if (header_size == received.size()) return split;
    const auto byte = static_cast<std::uint8_t>(received[header_size]);
    length |= static_cast<std::size_t>(byte & 0x7F) << (7 * (header_size - 1));
    ++header_size;
    if (byte < 0x80) {
      split.frame.length_padded = byte == 0 && header_size > 2;
      break;
    }
    if (header_size == 5) {
      split.status = SplitStatus::malformed;
      return split;
    }
  }
  split.frame.total_size = header_size + length;
  if (split.frame.total_size > packet_size_max) {
    split.status = SplitStatus::too_large;
  } else if (received.size() >= split.frame.total_size) {
    split.status = SplitStatus::complete;
    split.frame.body = received.substr(header_size, length);
  }
  return split;
}

}  // namespace mqttzoo::mqtt
