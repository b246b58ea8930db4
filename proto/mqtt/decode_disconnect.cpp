#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"

namespace mqttzoo::mqtt {

DecodeResult<Disconnect> decode_disconnect(const Frame& frame, ProtocolVersion version, Side sender) {
  PacketReader reader(frame, version);
  Disconnect disconnect;
  if (reader.is_v5() && !reader.at_end()) {
    disconnect.reason = reader.reason_code(PacketType::disconnect, sender);
    if (!reader.at_end()) disconnect.properties = reader.properties(place_of(PacketType::disconnect));
  }
  if (sender == Side::server) {
    // v5 [MQTT-3.14.2-2]
    reader.require(!disconnect.properties.has(PropertyId::session_expiry_interval),
                   protocol_error("Session Expiry Interval in a server's DISCONNECT"));
  }
  return reader.finish(disconnect);
}

DecodeResult<Auth> decode_auth(const Frame& frame, ProtocolVersion version, Side sender) {
  if (version != ProtocolVersion::v5) return protocol_error("AUTH before version 5");
  PacketReader reader(frame, version);
  Auth auth;
  if (!reader.at_end()) {
    auth.reason = reader.reason_code(PacketType::auth, sender);
    auth.properties = reader.properties(place_of(PacketType::auth));
    // v5 3.15.2.2.2; 3.15.2.1 exempts a success without any properties.
    const bool bare_success = auth.reason == ReasonCode::success && auth.properties.empty();
    reader.require(bare_success || auth.properties.has(PropertyId::authentication_method),
                   protocol_error("AUTH without Authentication Method"));
  } else {
    reader.require(is_allowed(auth.reason, PacketType::auth, sender),
                   protocol_error("Reason Code not allowed in this packet"));
  }
  return reader.finish(auth);
}

DecodeResult<Pingreq> decode_pingreq(const Frame& frame, ProtocolVersion version) {
  return PacketReader(frame, version).finish(Pingreq{});
}

DecodeResult<Pingresp> decode_pingresp(const Frame& frame, ProtocolVersion version) {
  return PacketReader(frame, version).finish(Pingresp{});
}

}  // namespace mqttzoo::mqtt
