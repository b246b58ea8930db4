#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"
#include "proto/mqtt/topic.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::mqtt {

namespace {

constexpr std::size_t v3_1_client_id_length_max = 23;

/// The Connect Flags byte (v5 3.1.2.3).
struct ConnectFlags {
  std::uint8_t bits = 0;

  bool reserved() const { return (bits & 0x01) != 0; }
  bool clean_start() const { return (bits & 0x02) != 0; }
  bool will() const { return (bits & 0x04) != 0; }
  std::uint8_t will_qos() const { return bits >> 3 & 0x03; }
  bool will_retain() const { return (bits & 0x20) != 0; }
  bool password() const { return (bits & 0x40) != 0; }
  bool user_name() const { return (bits & 0x80) != 0; }
};

std::optional<ProtocolVersion> known_version(std::string_view name, std::uint8_t level) {
  if (name == "MQTT" && level == 5) return ProtocolVersion::v5;
  if (name == "MQTT" && level == 4) return ProtocolVersion::v3_1_1;
  if (name == "MQIsdp" && level == 3) return ProtocolVersion::v3_1;
  return std::nullopt;
}

/// Reads protocol name and level (v5 3.1.2.1, 3.1.2.2).
void read_version(PacketReader& reader) {
  const std::string_view name = reader.binary();
  const std::uint8_t level = reader.byte();
  const auto version = known_version(name, level);
  if (version) {
    reader.set_version(*version);
  } else {
    reader.refuse({ReasonCode::unsupported_protocol_version, "unknown protocol name or version"});
  }
}

ConnectFlags read_flags(PacketReader& reader) {
  const ConnectFlags flags{reader.byte()};
  const ProtocolVersion version = reader.version();
  reader.require(flags.will_qos() <= 2 || !flags.will(), malformed("Will QoS is 3"));
  if (version != ProtocolVersion::v5) {
    reader.require(flags.user_name() || !flags.password(), malformed("Password without User Name"));
  }
  // v3.1 does not look at its reserved bit, nor at the QoS and RETAIN of an absent Will.
  if (version == ProtocolVersion::v3_1) return flags;
  reader.require(!flags.reserved(), malformed("reserved Connect Flag is set"));
  const bool will_details = flags.will_qos() != 0 || flags.will_retain();
  reader.require(flags.will() || !will_details, malformed("Will QoS or Will Retain without a Will"));
  return flags;
}

std::string_view read_client_id(PacketReader& reader, ConnectFlags flags) {
  const std::string_view id = reader.text();
  const DecodeError rejected{ReasonCode::client_identifier_not_valid, "Client Identifier not valid in this version"};
  if (reader.version() == ProtocolVersion::v3_1) {
    reader.require(!id.empty() && utf8_length(id) <= v3_1_client_id_length_max, rejected);
  } else if (reader.version() == ProtocolVersion::v3_1_1) {
    reader.require(!id.empty() || flags.clean_start(), rejected);
  }
  return id;
}

Will read_will(PacketReader& reader, ConnectFlags flags) {
  Will will;
  will.qos = static_cast<QoS>(flags.will_qos());
  will.retain = flags.will_retain();
  will.properties = reader.properties(PropertyPlace::will);
  will.topic = reader.text();
  reader.require(valid_topic_name(will.topic), {ReasonCode::topic_name_invalid, "Will Topic is not a Topic Name"});
  will.payload = reader.binary();
  return will;
}

/// v3.1 3.1: the flag may be set although the field is missing, for the sake of even older clients.
bool is_missing(const PacketReader& reader) { return reader.version() == ProtocolVersion::v3_1 && reader.at_end(); }

}  // namespace

DecodeResult<Connect> decode_connect(const Frame& frame) {
  PacketReader reader(frame);
  Connect connect;
  read_version(reader);
  connect.version = reader.version();
  const ConnectFlags flags = read_flags(reader);
  connect.clean_start = flags.clean_start();
  connect.keep_alive_seconds = reader.two_bytes();
  connect.properties = reader.properties(place_of(PacketType::connect));
  if (connect.properties.has(PropertyId::authentication_data)) {
    reader.require(connect.properties.has(PropertyId::authentication_method),
                   protocol_error("Authentication Data without Authentication Method"));
  }
  connect.client_id = read_client_id(reader, flags);
  if (flags.will()) connect.will = read_will(reader, flags);
  if (flags.user_name() && !is_missing(reader)) connect.user_name = reader.text();
  if (flags.password() && !is_missing(reader)) connect.password = reader.binary();
  return reader.finish(connect);
}

std::optional<ProtocolVersion> version_to_answer(const Frame& frame) {
  WireReader reader(frame.body);
  std::string_view name;
  std::uint8_t level = 0;
  if (frame.type() != PacketType::connect || !reader.binary(name) || !reader.byte(level)) return std::nullopt;
  if (name == "MQIsdp") return ProtocolVersion::v3_1;
  if (name != "MQTT") return std::nullopt;
  return level >= 5 && level < 0x80 ? ProtocolVersion::v5 : ProtocolVersion::v3_1_1;
}

}  // namespace mqttzoo::mqtt
