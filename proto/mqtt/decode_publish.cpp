#include "proto/mqtt/decode_publish.hpp"

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::mqtt {

std::optional<DecodeError> detail::look_closer_at_topic(std::string_view topic) {
  if (!valid_utf8(topic)) return malformed("Topic Name is not valid UTF-8");
  if (has_wildcard(topic)) {
    return DecodeError{ReasonCode::topic_name_invalid, "Topic Name contains a wildcard"};  // [MQTT-3.3.2-2]
  }
  return std::nullopt;
}

std::optional<DecodeError> detail::check_empty_topic(const PropertiesView& properties, ProtocolVersion version) {
  if (version != ProtocolVersion::v5) return DecodeError{ReasonCode::topic_name_invalid, "Topic Name is empty"};
  if (!properties.has(PropertyId::topic_alias)) return protocol_error("Topic Name is empty, without a Topic Alias");
  return std::nullopt;
}

std::optional<DecodeError> detail::read_publish_properties(WireReader& reader, Side sender,
                                                           PropertiesView& properties) {
  std::uint32_t length = 0;
  std::string_view raw;
  if (!reader.variable_integer(length) || !reader.raw(length, raw)) return malformed("Property Length is wrong");
  const auto valid = validate_properties(raw, place_of(PacketType::publish));
  if (!valid) return valid.error();
  if (sender == Side::client && valid->has(PropertyId::subscription_identifier)) {
    return protocol_error("Subscription Identifier in a client's PUBLISH");  // [MQTT-3.3.4-6]
  }
  properties = *valid;
  return std::nullopt;
}

}  // namespace mqttzoo::mqtt
