#pragma once

#include <variant>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/encode.hpp"

/// Any packet, for tests and fuzzing that run over all types alike.
namespace mqttzoo::mqtt::test {

using AnyPacket = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback,
                               Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

template <class Packet>
DecodeResult<AnyPacket> lift(const DecodeResult<Packet>& result) {
  if (!result) return result.error();
  return AnyPacket(*result);
}

/// A CONNECT says its version itself.
inline DecodeResult<AnyPacket> decode_any(const Frame& frame, ProtocolVersion version, Side sender) {
  switch (frame.type()) {
    case PacketType::connect:
      return lift(decode_connect(frame));
    case PacketType::connack:
      return lift(decode_connack(frame, version));
    case PacketType::publish:
      return lift(decode_publish(frame, version, sender));
    case PacketType::puback:
      return lift(decode_puback(frame, version));
    case PacketType::pubrec:
      return lift(decode_pubrec(frame, version));
    case PacketType::pubrel:
      return lift(decode_pubrel(frame, version));
    case PacketType::pubcomp:
      return lift(decode_pubcomp(frame, version));
    case PacketType::subscribe:
      return lift(decode_subscribe(frame, version));
    case PacketType::suback:
      return lift(decode_suback(frame, version));
    case PacketType::unsubscribe:
      return lift(decode_unsubscribe(frame, version));
    case PacketType::unsuback:
      return lift(decode_unsuback(frame, version));
    case PacketType::pingreq:
      return lift(decode_pingreq(frame, version));
    case PacketType::pingresp:
      return lift(decode_pingresp(frame, version));
    case PacketType::disconnect:
      return lift(decode_disconnect(frame, version, sender));
    case PacketType::auth:
      return lift(decode_auth(frame, version, sender));
  }
  return malformed("no such packet type");
}

inline void encode_any(ByteBuffer& out, const AnyPacket& any, ProtocolVersion version) {
  std::visit(
      [&](const auto& packet) {
        if constexpr (std::is_same_v<decltype(packet), const Connect&>) {
          encode(out, packet);
        } else {
          encode(out, packet, version);
        }
      },
      any);
}

inline std::size_t any_encoded_size(const AnyPacket& any, ProtocolVersion version) {
  return std::visit(
      [&](const auto& packet) -> std::size_t {
        using Packet = std::decay_t<decltype(packet)>;
        if constexpr (std::is_same_v<Packet, Connect>) {
          return encoded_size(packet);
        } else if constexpr (std::is_same_v<Packet, Pingreq> || std::is_same_v<Packet, Pingresp>) {
          return 2;
        } else {
          return encoded_size(packet, version);
        }
      },
      any);
}

}  // namespace mqttzoo::mqtt::test
