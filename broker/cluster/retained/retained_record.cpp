#include "broker/cluster/retained/retained_record.hpp"

#include "broker/core/message_source.hpp"
#include "proto/cluster/znodes.pb.h"
#include "proto/mqtt/properties.hpp"
#include "proto/mqtt/topic.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::cluster {

namespace {

bool valid_properties(std::string_view properties) {
  const auto place = mqtt::place_of(mqtt::PacketType::publish);
  const auto view = mqtt::validate_properties(properties, place);
  if (!view) return false;
  using enum mqtt::PropertyId;
  return !view->present().intersects({topic_alias, subscription_identifier, message_expiry_interval});
}

bool valid(const proto::RetainedValue& value) {
  return mqtt::valid_utf8(value.topic()) && mqtt::valid_topic_name(value.topic()) && value.qos() <= 2 &&
         value.expires_at_ms() >= 0 && mqtt::valid_utf8(value.client_id()) && mqtt::valid_utf8(value.user_name()) &&
         valid_properties(value.properties());
}

std::string source_of(const proto::RetainedValue& value) {
  if (!value.has_client_id()) return {};
  return core::MessageSource::text_of(value.client_id(), value.has_user_name() ? &value.user_name() : nullptr);
}

}  // namespace

std::string encode_retained_value(const core::MessageView& message, core::ClusterMilliseconds expires_at,
                                  std::uint64_t credit_bytes) {
  proto::RetainedValue value;
  value.set_topic(message.topic.data(), message.topic.size());
  value.set_payload(message.payload.data(), message.payload.size());
  value.set_properties(message.properties.data(), message.properties.size());
  value.set_qos(static_cast<std::uint32_t>(message.qos));
  value.set_expires_at_ms(expires_at);
  value.set_credit_bytes(credit_bytes);
  value.set_publisher(message.publisher);
  if (!message.source.empty()) {
    const core::MessageSource source(message.source);
    value.set_client_id(source.client_id.data(), source.client_id.size());
    if (source.user_name) value.set_user_name(source.user_name->data(), source.user_name->size());
  }
  return value.SerializeAsString();
}

std::string encode_deleted_value(std::string_view topic, std::uint64_t credit_bytes) {
  proto::RetainedValue value;
  value.set_topic(topic.data(), topic.size());
  value.set_credit_bytes(credit_bytes);
  return value.SerializeAsString();
}

std::optional<RetainedEntry> decode_retained_value(std::string_view bytes) {
  proto::RetainedValue value;
  if (!value.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !valid(value)) return std::nullopt;
  RetainedEntry entry;
  entry.topic = value.topic();
  entry.credit_bytes = value.credit_bytes();
  entry.expires_at = value.expires_at_ms();
  if (value.payload().empty()) {
    entry.kind = RetainedEntry::Kind::deleted;
    return entry;
  }
  const std::string source = source_of(value);
  entry.message = core::MessageRef::copy_of({.topic = value.topic(),
                                             .payload = value.payload(),
                                             .properties = value.properties(),
                                             .qos = static_cast<mqtt::QoS>(value.qos()),
                                             .retain = true,
                                             .expires_at = value.expires_at_ms(),
                                             .publisher = value.publisher(),
                                             .source = source});
  return entry;
}

core::MessageRef message_with_expiry(core::MessageRef message, core::ClusterMilliseconds expires_at) {
  if (message->view().expires_at == expires_at) return message;
  auto view = message->view();
  view.expires_at = expires_at;
  return core::MessageRef::copy_of(view);
}

}  // namespace mqttzoo::cluster
