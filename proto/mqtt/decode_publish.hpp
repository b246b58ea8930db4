#pragma once

#include <optional>

#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/packets.hpp"
#include "proto/mqtt/utf8.hpp"
#include "proto/mqtt/wire_reader.hpp"

namespace mqttzoo::mqtt {

namespace detail {

/// The rare cases of decode_publish, kept out of line.
std::optional<DecodeError> look_closer_at_topic(std::string_view topic);
std::optional<DecodeError> check_empty_topic(const PropertiesView& properties, ProtocolVersion version);
std::optional<DecodeError> read_publish_properties(WireReader& reader, Side sender, PropertiesView& properties);

inline std::optional<DecodeError> read_publish(const Frame& frame, ProtocolVersion version, Side sender,
                                               Publish& publish) {
  const std::uint8_t flags = frame.flags();
  const std::uint8_t qos = flags >> 1 & 0x03;
  if (qos == 3) return malformed("QoS is 3");                                      // [MQTT-3.3.1-4]
  if (qos == 0 && (flags & 0x08) != 0) return malformed("DUP is set with QoS 0");  // [MQTT-3.3.1-2]
  publish.dup = (flags & 0x08) != 0;
  publish.qos = static_cast<QoS>(qos);
  publish.retain = (flags & 0x01) != 0;

  WireReader reader(frame.body);
  if (!reader.binary(publish.topic)) return malformed("Topic Name is longer than the packet");
  if (!is_plain_topic(publish.topic)) {
    if (auto error = look_closer_at_topic(publish.topic)) return error;
  }
  if (qos != 0) {
    if (!reader.two_bytes(publish.packet_id)) return malformed("packet too short");
    if (publish.packet_id == 0) return protocol_error("Packet Identifier is 0");  // v5 [MQTT-2.2.1-3]
  }
  if (version == ProtocolVersion::v5) {
    if (frame.length_padded) return malformed("Remaining Length has more bytes than it needs");
    if (!reader.skip_zero()) {
      if (auto error = read_publish_properties(reader, sender, publish.properties)) return error;
    }
  }
  if (publish.topic.empty()) {
    if (auto error = check_empty_topic(publish.properties, version)) return error;
  }
  publish.payload = reader.rest();
  return std::nullopt;
}

}  // namespace detail

/// The hottest decoder. `sender` is the client at a broker: it may not send Subscription Identifiers (v5
/// [MQTT-3.3.4-6]). A Topic Name with wildcards, or an empty one in v3, gives 0x90; an empty one without a Topic Alias
/// in v5 gives 0x82.
inline DecodeResult<Publish> decode_publish(const Frame& frame, ProtocolVersion version, Side sender) {
  DecodeResult<Publish> result;  // filled in place
  if (const auto error = detail::read_publish(frame, version, sender, *result)) result = *error;
  return result;
}

}  // namespace mqttzoo::mqtt
