#include <stdexcept>

#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/packet_layout.hpp"

namespace mqttzoo::mqtt {

namespace {

std::string_view protocol_name(ProtocolVersion version) { return version == ProtocolVersion::v3_1 ? "MQIsdp" : "MQTT"; }

std::uint8_t connect_flags(const Connect& connect) {
  unsigned flags = connect.clean_start ? 0x02U : 0U;
  if (connect.will) {
    flags |= 0x04U | static_cast<unsigned>(connect.will->qos) << 3 | (connect.will->retain ? 0x20U : 0U);
  }
  if (connect.password) flags |= 0x40U;
  if (connect.user_name) flags |= 0x80U;
  return static_cast<std::uint8_t>(flags);
}

std::size_t remaining_length(const Connect& connect) {
  // v3.1.1 [MQTT-3.1.2-22]
  if (connect.version != ProtocolVersion::v5 && connect.password && !connect.user_name) {
    throw std::invalid_argument("before MQTT 5 a password needs a user name");
  }
  std::size_t size = string_size(protocol_name(connect.version)) + 4;  // level, flags, Keep Alive
  size += layout::properties_size(connect.properties, connect.version);
  size += string_size(connect.client_id);
  if (connect.will) {
    size += layout::properties_size(connect.will->properties, connect.version);
    size += string_size(connect.will->topic) + string_size(connect.will->payload);
  }
  if (connect.user_name) size += string_size(*connect.user_name);
  if (connect.password) size += string_size(*connect.password);
  return size;
}

}  // namespace

std::size_t encoded_size(const Connect& connect) { return layout::packet_size(remaining_length(connect)); }

void encode(ByteBuffer& out, const Connect& connect) {
  WireWriter writer = layout::begin(out, PacketType::connect, remaining_length(connect));
  writer.string(protocol_name(connect.version));
  writer.byte(static_cast<std::uint8_t>(connect.version));
  writer.byte(connect_flags(connect));
  writer.two_bytes(connect.keep_alive_seconds);
  layout::write_properties(writer, connect.properties, connect.version);
  writer.string(connect.client_id);
  if (connect.will) {
    layout::write_properties(writer, connect.will->properties, connect.version);
    writer.string(connect.will->topic);
    writer.string(connect.will->payload);
  }
  if (connect.user_name) writer.string(*connect.user_name);
  if (connect.password) writer.string(*connect.password);
}

}  // namespace mqttzoo::mqtt
