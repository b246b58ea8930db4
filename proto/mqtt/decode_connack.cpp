#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"

namespace mqttzoo::mqtt {

namespace {

constexpr std::uint8_t session_present_flag = 0x01;

ReasonCode read_return_code(PacketReader& reader) {
  const std::uint8_t code = reader.byte();
  reader.require(code <= static_cast<std::uint8_t>(ConnectReturnCode::not_authorized),
                 protocol_error("unknown CONNACK return code"));
  return to_reason_code(static_cast<ConnectReturnCode>(code));
}

}  // namespace

DecodeResult<Connack> decode_connack(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  Connack connack;
  const std::uint8_t flags = reader.byte();
  if (version != ProtocolVersion::v3_1) {  // v3.1 does not use this byte
    reader.require((flags & ~session_present_flag) == 0, malformed("reserved CONNACK flags are set"));
    connack.session_present = (flags & session_present_flag) != 0;
  }
  connack.reason = reader.is_v5() ? reader.reason_code(PacketType::connack, Side::server) : read_return_code(reader);
  // v5 [MQTT-3.2.2-6], v3.1.1 [MQTT-3.2.2-4]
  reader.require(!connack.session_present || connack.reason == ReasonCode::success,
                 protocol_error("Session Present in a refusal"));
  connack.properties = reader.properties(place_of(PacketType::connack));
  return reader.finish(connack);
}

}  // namespace mqttzoo::mqtt
