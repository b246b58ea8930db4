#pragma once

#include <cstddef>

#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/encode_publish.hpp"
#include "proto/mqtt/packets.hpp"

/// Appends one packet to `out`, in one pass, its lengths computed before. v3 packets leave out what their version does
/// not have (properties, reason codes); a v3 CONNACK gets the return code that comes closest. The caller guarantees
/// that text is valid and properties are allowed in the packet; a string over 65,535 bytes or a packet over
/// `remaining_length_max` throws std::length_error and leaves `out` as it was. Stateless: any thread.
namespace mqttzoo::mqtt {

/// `connect.version` decides the format. A v3 password without a user name throws std::invalid_argument.
void encode(ByteBuffer& out, const Connect& connect);
void encode(ByteBuffer& out, const Connack& connack, ProtocolVersion version);
void encode(ByteBuffer& out, const Puback& puback, ProtocolVersion version);
void encode(ByteBuffer& out, const Pubrec& pubrec, ProtocolVersion version);
void encode(ByteBuffer& out, const Pubrel& pubrel, ProtocolVersion version);
void encode(ByteBuffer& out, const Pubcomp& pubcomp, ProtocolVersion version);
void encode(ByteBuffer& out, const Subscribe& subscribe, ProtocolVersion version);
/// v3.1.1 knows one failure, 0x80; v3.1 none, so a failure is told as a grant of QoS 0 (v3.1 3.8).
void encode(ByteBuffer& out, const Suback& suback, ProtocolVersion version);
void encode(ByteBuffer& out, const Unsubscribe& unsubscribe, ProtocolVersion version);
void encode(ByteBuffer& out, const Unsuback& unsuback, ProtocolVersion version);
void encode(ByteBuffer& out, const Pingreq& pingreq, ProtocolVersion version);
void encode(ByteBuffer& out, const Pingresp& pingresp, ProtocolVersion version);
void encode(ByteBuffer& out, const Disconnect& disconnect, ProtocolVersion version);
/// Throws std::invalid_argument in v3, which has no AUTH.
void encode(ByteBuffer& out, const Auth& auth, ProtocolVersion version);
// encode(ByteBuffer&, const Publish&, ProtocolVersion): encode_publish.hpp, inline.

/// How many bytes `encode` would append: what a v5 peer's Maximum Packet Size is compared with (v5 [MQTT-3.1.2-24]:
/// a packet that is too large is not sent; an acknowledgement is sent without its Reason String and User Properties).
std::size_t encoded_size(const Connect& connect);
std::size_t encoded_size(const Connack& connack, ProtocolVersion version);
std::size_t encoded_size(const Puback& puback, ProtocolVersion version);
std::size_t encoded_size(const Pubrec& pubrec, ProtocolVersion version);
std::size_t encoded_size(const Pubrel& pubrel, ProtocolVersion version);
std::size_t encoded_size(const Pubcomp& pubcomp, ProtocolVersion version);
std::size_t encoded_size(const Subscribe& subscribe, ProtocolVersion version);
std::size_t encoded_size(const Suback& suback, ProtocolVersion version);
std::size_t encoded_size(const Unsubscribe& unsubscribe, ProtocolVersion version);
std::size_t encoded_size(const Unsuback& unsuback, ProtocolVersion version);
std::size_t encoded_size(const Disconnect& disconnect, ProtocolVersion version);
std::size_t encoded_size(const Auth& auth, ProtocolVersion version);

}  // namespace mqttzoo::mqtt
