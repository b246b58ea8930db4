#include "proto/mqtt/packet_reader.hpp"

#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::mqtt {

namespace {

constexpr std::uint8_t dup_flag = 0x08;

std::uint8_t flags_of(PacketType type) {
  const bool has_qos_1_bits =
      type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe;
  return has_qos_1_bits ? 0x02 : 0x00;
}

}  // namespace

PacketReader::PacketReader(const Frame& frame, ProtocolVersion version)
    : reader_(frame.body), version_(version), length_padded_(frame.length_padded) {
  check_flags(frame);
  set_version(version);
}

PacketReader::PacketReader(const Frame& frame) : reader_(frame.body), length_padded_(frame.length_padded) {
  check_flags(frame);
}

void PacketReader::set_version(ProtocolVersion version) {
  version_ = version;
  require(!is_v5() || !length_padded_, malformed("Remaining Length has more bytes than it needs"));
}

void PacketReader::check_flags(const Frame& frame) {
  const std::uint8_t expected = flags_of(frame.type());
  // v3.1 resends PUBREL, SUBSCRIBE and UNSUBSCRIBE with DUP set (v3.1 2.1); later versions reserve the bit.
  const bool may_be_dup = version_ == ProtocolVersion::v3_1 && expected != 0;
  const std::uint8_t flags = may_be_dup ? frame.flags() & ~dup_flag : frame.flags();
  require(flags == expected, malformed("reserved flags of the Fixed Header are wrong"));
}

std::uint8_t PacketReader::byte() {
  std::uint8_t value = 0;
  if (ok_ && !reader_.byte(value)) refuse(malformed("packet too short"));
  return value;
}

std::uint16_t PacketReader::two_bytes() {
  std::uint16_t value = 0;
  if (ok_ && !reader_.two_bytes(value)) refuse(malformed("packet too short"));
  return value;
}

std::uint16_t PacketReader::packet_id() {
  const std::uint16_t id = two_bytes();
  require(id != 0, protocol_error("Packet Identifier is 0"));
  return id;
}

std::string_view PacketReader::binary() {
  std::string_view value;
  if (ok_ && !reader_.binary(value)) refuse(malformed("a field is longer than the packet"));
  return ok_ ? value : std::string_view();
}

std::string_view PacketReader::text() {
  const std::string_view value = binary();
  if (valid_utf8(value)) return value;
  refuse(malformed("text is not valid UTF-8"));
  return {};
}

std::string_view PacketReader::take_rest() {
  const std::string_view rest = reader_.rest();
  reader_ = WireReader({});
  return rest;
}

PropertiesView PacketReader::properties(PropertyPlace place) {
  if (!ok_ || !is_v5()) return {};
  std::uint32_t length = 0;
  std::string_view raw;
  if (!reader_.variable_integer(length) || !reader_.raw(length, raw)) {
    refuse(malformed("Property Length is wrong"));
    return {};
  }
  const auto properties = validate_properties(raw, place);
  if (properties) return *properties;
  refuse(properties.error());
  return {};
}

ReasonCode PacketReader::reason_code(PacketType type, Side sender) {
  const auto code = static_cast<ReasonCode>(byte());
  require(is_allowed(code, type, sender), protocol_error("Reason Code not allowed in this packet"));
  return code;
}

void PacketReader::refuse(const DecodeError& error) {
  if (!ok_) return;
  ok_ = false;
  error_ = error;
  reader_ = WireReader({});
}

}  // namespace mqttzoo::mqtt
