#include "broker/core/publish_encoder.hpp"

#include "proto/mqtt/properties.hpp"
#include "proto/mqtt/wire_writer.hpp"

namespace mqttzoo::core {

const mqtt::EncodedPublish& PublishEncoder::encoded_once(const PublishForm& form) {
  const unsigned place = (form.version == mqtt::ProtocolVersion::v5 ? 6U : 0U) + 2 * static_cast<unsigned>(form.qos) +
                         (form.retain ? 1U : 0U);
  mqtt::EncodedPublish& encoded = encoded_[place];
  if ((kept_ >> place & 1U) == 0) {
    encoded.assign(packet(form), form.version);
    kept_ |= 1U << place;
  }
  return encoded;
}

mqtt::PropertiesView PublishEncoder::properties(const PublishForm& form) {
  constexpr std::size_t number_bytes_max = 5;
  properties_.clear();
  char* const begin = properties_.extend(number_bytes_max * (2 + form.identifiers.size()));
  std::size_t size = 0;
  if (message_->expires_at != 0) {
    mqtt::WireWriter writer(begin);
    writer.byte(static_cast<std::uint8_t>(mqtt::PropertyId::message_expiry_interval));
    writer.four_bytes(expiry_seconds_left_);
    size = 5;
  }
  if (form.topic_alias != 0) {
    mqtt::WireWriter writer(begin + size);
    writer.byte(static_cast<std::uint8_t>(mqtt::PropertyId::topic_alias));
    writer.two_bytes(form.topic_alias);
    size += 3;
  }
  for (const std::uint32_t identifier : form.identifiers) {
    mqtt::WireWriter writer(begin + size);
    writer.byte(static_cast<std::uint8_t>(mqtt::PropertyId::subscription_identifier));
    writer.variable_integer(identifier);
    size += 1 + mqtt::variable_integer_size(identifier);
  }
  properties_.truncate(size);
  properties_.append(message_->properties);
  return {properties_.view(), {}};
}

}  // namespace mqttzoo::core
