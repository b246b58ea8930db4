#pragma once

#include <optional>

#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/decode_publish.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/packets.hpp"

/// One function per packet type, from a whole frame to a packet that refers into it. The caller has looked at
/// `frame.type()`. All checks that a packet alone allows are made here; what needs the state of the connection (order
/// of packets, Receive Maximum, Topic Alias numbers, whether a Topic Filter is well formed) is the caller's.
/// Errors carry the v5 Reason Code in every version; a v3 broker just closes. Stateless: any thread. Never allocates.
namespace mqttzoo::mqtt {

/// Errors with a CONNACK of their own: 0x84 (unknown protocol name or level), 0x85 (Client Identifier: v3.1 demands 1
/// to 23 characters, v3.1.1 demands Clean Session with an empty one [MQTT-3.1.3-8]), 0x90 (Will Topic).
DecodeResult<Connect> decode_connect(const Frame& frame);
/// In which version to answer a CONNECT that decode_connect refused; nothing when it does not even look like MQTT.
std::optional<ProtocolVersion> version_to_answer(const Frame& frame);

DecodeResult<Connack> decode_connack(const Frame& frame, ProtocolVersion version);
// decode_publish: decode_publish.hpp, inline.
DecodeResult<Puback> decode_puback(const Frame& frame, ProtocolVersion version);
DecodeResult<Pubrec> decode_pubrec(const Frame& frame, ProtocolVersion version);
DecodeResult<Pubrel> decode_pubrel(const Frame& frame, ProtocolVersion version);
DecodeResult<Pubcomp> decode_pubcomp(const Frame& frame, ProtocolVersion version);
DecodeResult<Subscribe> decode_subscribe(const Frame& frame, ProtocolVersion version);
DecodeResult<Suback> decode_suback(const Frame& frame, ProtocolVersion version);
DecodeResult<Unsubscribe> decode_unsubscribe(const Frame& frame, ProtocolVersion version);
DecodeResult<Unsuback> decode_unsuback(const Frame& frame, ProtocolVersion version);
DecodeResult<Pingreq> decode_pingreq(const Frame& frame, ProtocolVersion version);
DecodeResult<Pingresp> decode_pingresp(const Frame& frame, ProtocolVersion version);
/// `sender` decides which Reason Codes and properties may be there.
DecodeResult<Disconnect> decode_disconnect(const Frame& frame, ProtocolVersion version, Side sender);
/// Refused with 0x82 in v3, which has no AUTH.
DecodeResult<Auth> decode_auth(const Frame& frame, ProtocolVersion version, Side sender);

}  // namespace mqttzoo::mqtt
