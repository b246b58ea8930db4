#include "broker/cluster/homes/home_codec.hpp"

#include <limits>
#include <utility>

#include "broker/cluster/view/view_codec.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::cluster {

namespace {

constexpr std::uint32_t u16_max = std::numeric_limits<std::uint16_t>::max();

}  // namespace

void to_proto(const ConnectionEpoch& epoch, proto::ConnectionEpoch& out) {
  out.set_connected_at_ms(epoch.connected_at_ms);
  to_proto(epoch.frontend, *out.mutable_frontend());
  out.set_shard(epoch.shard);
  out.set_serial(epoch.serial);
}

bool from_proto(const proto::ConnectionEpoch& from, ConnectionEpoch& out) {
  if (from.shard() > u16_max || from.frontend().name().empty() || from.serial() == 0) return false;
  out = {from.connected_at_ms(), from_proto(from.frontend()), static_cast<core::ShardIndex>(from.shard()),
         from.serial()};
  return true;
}

void to_proto(const core::Will& will, proto::WillRecord& out) {
  const core::MessageView& message = will.message->view();
  out.set_qos(static_cast<std::uint32_t>(message.qos));
  out.set_retain(message.retain);
  out.set_topic(message.topic.data(), message.topic.size());
  out.set_payload(message.payload.data(), message.payload.size());
  out.set_properties(message.properties.data(), message.properties.size());
  out.set_publisher(message.publisher);
  out.set_delay_seconds(will.delay_seconds);
  out.set_has_message_expiry(will.has_message_expiry);
  out.set_message_expiry_seconds(will.message_expiry_seconds);
}

bool from_proto(const proto::WillRecord& from, core::Will& out) {
  if (from.qos() > 2 || from.topic().empty() || from.topic().size() > mqtt::string_bytes_max) return false;
  core::MessageView message;
  message.topic = from.topic();
  message.payload = from.payload();
  message.properties = from.properties();
  message.publisher = from.publisher();
  message.qos = static_cast<mqtt::QoS>(from.qos());
  message.retain = from.retain();
  out.message = core::MessageRef::copy_of(message);
  out.delay_seconds = from.delay_seconds();
  out.message_expiry_seconds = from.message_expiry_seconds();
  out.has_message_expiry = from.has_message_expiry();
  return true;
}

namespace {

void put(const RegisterRequest& request, proto::HomeRequest& out) {
  proto::Register& to = *out.mutable_register_();
  to_proto(request.epoch, *to.mutable_epoch());
  to.set_partition(request.partition);
  to.set_client_id(request.registration.client_id);
  to.set_clean_start(request.registration.clean_start);
  to.set_session_expiry_seconds(request.registration.session_expiry_seconds);
  if (request.registration.has_will) to_proto(request.registration.will, *to.mutable_will());
  to.set_receive_maximum(request.registration.receive_maximum);
  if (request.registration.user_name) to.set_user_name(*request.registration.user_name);
  to.set_refusable(request.registration.refusable);
  to.set_established(request.established);
  to.set_view_number(request.view_number);
}

void put(const UnregisterRequest& request, proto::HomeRequest& out) {
  proto::Unregister& to = *out.mutable_unregister();
  to_proto(request.epoch, *to.mutable_epoch());
  to.set_partition(request.partition);
  to.set_client_id(request.client_id);
  to.set_fate(static_cast<std::uint32_t>(request.fate));
  if (request.session_expiry_seconds) to.set_session_expiry_seconds(*request.session_expiry_seconds);
}

void put(const EvictRequest& request, proto::HomeRequest& out) {
  proto::Evict& to = *out.mutable_evict();
  to_proto(request.epoch, *to.mutable_epoch());
  to.set_partition(request.partition);
  to.set_client_id(request.client_id);
  to.set_reason(static_cast<std::uint32_t>(request.reason));
}

bool valid_client(std::uint32_t partition, const std::string& client_id) {
  return partition <= u16_max && client_id.size() <= mqtt::string_bytes_max;
}

std::optional<HomeRequest> get(const proto::Register& from) {
  RegisterRequest to;
  if (!from_proto(from.epoch(), to.epoch) || !valid_client(from.partition(), from.client_id())) return std::nullopt;
  to.partition = static_cast<PartitionIndex>(from.partition());
  to.view_number = from.view_number();
  to.established = from.established();
  to.registration.client_id = from.client_id();
  to.registration.clean_start = from.clean_start();
  to.registration.session_expiry_seconds = from.session_expiry_seconds();
  if (from.receive_maximum() == 0 || from.receive_maximum() > u16_max) return std::nullopt;
  to.registration.receive_maximum = static_cast<std::uint16_t>(from.receive_maximum());
  to.registration.refusable = from.refusable();
  to.registration.has_will = from.has_will();
  if (from.has_will() && !from_proto(from.will(), to.registration.will)) return std::nullopt;
  if (from.has_user_name()) to.registration.user_name = from.user_name();
  to.registration.will.client_id = to.registration.client_id;
  to.registration.will.user_name = to.registration.user_name;
  return to;
}

std::optional<HomeRequest> get(const proto::Unregister& from) {
  UnregisterRequest to;
  if (!from_proto(from.epoch(), to.epoch) || !valid_client(from.partition(), from.client_id())) return std::nullopt;
  if (from.fate() > static_cast<std::uint32_t>(core::ConnectionFate::taken_over)) return std::nullopt;
  to.partition = static_cast<PartitionIndex>(from.partition());
  to.client_id = from.client_id();
  to.fate = static_cast<core::ConnectionFate>(from.fate());
  if (from.has_session_expiry_seconds()) to.session_expiry_seconds = from.session_expiry_seconds();
  return to;
}

std::optional<HomeRequest> get(const proto::Evict& from, const Incarnation& sender) {
  EvictRequest to;
  if (!from_proto(from.epoch(), to.epoch) || !valid_client(from.partition(), from.client_id())) return std::nullopt;
  if (from.reason() > 0xFF) return std::nullopt;
  to.partition = static_cast<PartitionIndex>(from.partition());
  to.client_id = from.client_id();
  to.reason = static_cast<mqtt::ReasonCode>(from.reason());
  to.home = sender;
  return to;
}

void put(const RegisteredAnswer& answer, proto::HomeAnswer& out) {
  proto::Registered& to = *out.mutable_registered();
  to_proto(answer.epoch, *to.mutable_epoch());
  to.set_reason(static_cast<std::uint32_t>(answer.reason));
  to.set_not_home(answer.not_home);
  to.set_session_present(answer.session_present);
}

void put(const UnregisteredAnswer& answer, proto::HomeAnswer& out) {
  to_proto(answer.epoch, *out.mutable_unregistered()->mutable_epoch());
}

}  // namespace

void to_proto(const HomeRequest& request, proto::HomeRequest& out) {
  std::visit([&](const auto& one) { put(one, out); }, request);
}

void to_proto(const HomeAnswer& answer, proto::HomeAnswer& out) {
  std::visit([&](const auto& one) { put(one, out); }, answer);
}

std::optional<HomeRequest> from_proto(const proto::HomeRequest& request, const Incarnation& sender) {
  switch (request.request_case()) {
    case proto::HomeRequest::kRegister:
      return get(request.register_());
    case proto::HomeRequest::kUnregister:
      return get(request.unregister());
    case proto::HomeRequest::kEvict:
      return get(request.evict(), sender);
    case proto::HomeRequest::REQUEST_NOT_SET:
      break;
  }
  return std::nullopt;
}

std::optional<HomeAnswer> from_proto(const proto::HomeAnswer& answer, const Incarnation& sender) {
  if (answer.has_registered()) {
    RegisteredAnswer to;
    if (!from_proto(answer.registered().epoch(), to.epoch) || answer.registered().reason() > 0xFF) return std::nullopt;
    to.home = sender;
    to.reason = static_cast<mqtt::ReasonCode>(answer.registered().reason());
    to.not_home = answer.registered().not_home();
    to.session_present = answer.registered().session_present();
    return to;
  }
  if (answer.has_unregistered()) {
    UnregisteredAnswer to;
    if (!from_proto(answer.unregistered().epoch(), to.epoch)) return std::nullopt;
    to.home = sender;
    return to;
  }
  return std::nullopt;
}

}  // namespace mqttzoo::cluster
