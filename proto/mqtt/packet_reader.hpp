#pragma once

#include <cstdint>
#include <string_view>

#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/properties.hpp"
#include "proto/mqtt/wire_reader.hpp"

namespace mqttzoo::mqtt {

/// What the decoders of all packets but PUBLISH read with. The first thing that is wrong is kept and ends the reading:
/// from then on every value is empty, so a decoder reads straight through and `finish` tells how it went.
/// Internal to the codec.
class PacketReader {
 public:
  /// Checks the flags of the Fixed Header (v5 and v3.1.1 2.1.3, 2.2.2).
  PacketReader(const Frame& frame, ProtocolVersion version);
  /// For CONNECT, which tells its version itself.
  explicit PacketReader(const Frame& frame);
  void set_version(ProtocolVersion version);

  ProtocolVersion version() const { return version_; }
  bool is_v5() const { return version_ == ProtocolVersion::v5; }
  bool ok() const { return ok_; }
  bool at_end() const { return reader_.empty(); }
  std::string_view rest() const { return reader_.rest(); }

  std::uint8_t byte();
  std::uint16_t two_bytes();
  std::uint16_t packet_id();
  /// A UTF-8 Encoded String.
  std::string_view text();
  std::string_view binary();
  /// All that is left.
  std::string_view take_rest();
  /// The Property Length and the properties in v5; nothing in v3.
  PropertiesView properties(PropertyPlace place);
  /// A code that `sender` may use in a packet of this type.
  ReasonCode reason_code(PacketType type, Side sender);

  void refuse(const DecodeError& error);
  /// Refuses unless the condition holds.
  void require(bool condition, const DecodeError& error) {
    if (!condition) refuse(error);
  }

  /// The packet if nothing was wrong and nothing is left over.
  template <class Packet>
  DecodeResult<Packet> finish(const Packet& packet) {
    require(at_end(), malformed("bytes after the end of the packet"));
    if (!ok_) return error_;
    return packet;
  }

 private:
  void check_flags(const Frame& frame);

  WireReader reader_;
  ProtocolVersion version_ = ProtocolVersion::v5;
  bool length_padded_;
  bool ok_ = true;
  DecodeError error_;
};

}  // namespace mqttzoo::mqtt
