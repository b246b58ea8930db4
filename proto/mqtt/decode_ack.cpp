#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"

namespace mqttzoo::mqtt {

namespace {

/// v5 leaves out the properties, and with success the Reason Code too (v5 3.4.2.1, 3.4.2.2.1).
template <PacketType type>
DecodeResult<PublishAck<type>> decode_ack(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  PublishAck<type> ack;
  ack.packet_id = reader.packet_id();
  if (reader.is_v5() && !reader.at_end()) {
    ack.reason = reader.reason_code(type, Side::client);
    if (!reader.at_end()) ack.properties = reader.properties(place_of(type));
  }
  return reader.finish(ack);
}

}  // namespace

DecodeResult<Puback> decode_puback(const Frame& frame, ProtocolVersion version) {
  return decode_ack<PacketType::puback>(frame, version);
}

DecodeResult<Pubrec> decode_pubrec(const Frame& frame, ProtocolVersion version) {
  return decode_ack<PacketType::pubrec>(frame, version);
}

DecodeResult<Pubrel> decode_pubrel(const Frame& frame, ProtocolVersion version) {
  return decode_ack<PacketType::pubrel>(frame, version);
}

DecodeResult<Pubcomp> decode_pubcomp(const Frame& frame, ProtocolVersion version) {
  return decode_ack<PacketType::pubcomp>(frame, version);
}

}  // namespace mqttzoo::mqtt
