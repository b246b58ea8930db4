#include <algorithm>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"

namespace mqttzoo::mqtt {

namespace {

/// v3.1.1 3.9.3: a granted QoS or 0x80. v3.1 has no failure, but brokers that speak both send it there too.
bool is_v3_return_code(ReasonCode code) {
  return code <= ReasonCode::granted_qos_2 || code == ReasonCode::unspecified_error;
}

ReasonCodeList read_codes(PacketReader& reader, PacketType type) {
  const std::string_view codes = reader.take_rest();
  reader.require(!codes.empty(), protocol_error("acknowledgement without a Reason Code"));
  const bool all_allowed = std::all_of(codes.begin(), codes.end(), [&](char byte) {
    const auto code = static_cast<ReasonCode>(byte);
    return reader.is_v5() ? is_allowed(code, type, Side::server) : is_v3_return_code(code);
  });
  reader.require(all_allowed, protocol_error("Reason Code not allowed in this packet"));
  return ReasonCodeList(codes);
}

}  // namespace

DecodeResult<Suback> decode_suback(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  Suback suback;
  suback.packet_id = reader.packet_id();
  suback.properties = reader.properties(place_of(PacketType::suback));
  suback.reasons = read_codes(reader, PacketType::suback);
  return reader.finish(suback);
}

DecodeResult<Unsuback> decode_unsuback(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  Unsuback unsuback;
  unsuback.packet_id = reader.packet_id();
  unsuback.properties = reader.properties(place_of(PacketType::unsuback));
  if (reader.is_v5()) unsuback.reasons = read_codes(reader, PacketType::unsuback);
  return reader.finish(unsuback);
}

}  // namespace mqttzoo::mqtt
