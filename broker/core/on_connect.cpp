#include <algorithm>
#include <cstdio>

#include "broker/core/connection_send.hpp"
#include "broker/core/topic_rules.hpp"
#include "broker/core/version_policy.hpp"
#include "proto/mqtt/decode.hpp"

// CONNECT and CONNACK: v5 3.1, 3.2; v3.1.1 3.1, 3.2; v3.1 3.1, 3.2.
namespace mqttzoo::core {

namespace {

/// A Client Identifier that nobody has and nobody guesses (v5 [MQTT-3.1.3-7], v3.1.1 [MQTT-3.1.3-6]).
std::string make_client_id(const std::string& prefix, RandomSource& random) {
  const unsigned long long high = random.next();
  const unsigned long long low = random.next();
  char text[48];
  std::snprintf(text, sizeof text, "%016llx%016llx", high, low);
  return prefix + text;
}

}  // namespace

void Connection::on_connect(const mqtt::Frame& frame) {
  if (state_ != State::awaiting_connect) {
    fail(mqtt::ReasonCode::protocol_error, "a second CONNECT");  // v5 and v3.1.1 [MQTT-3.1.0-2]
    return;
  }
  shard_.counters.connects_received.add();
  const auto connect = mqtt::decode_connect(frame);
  if (!connect) {
    const auto version = mqtt::version_to_answer(frame);
    if (!version) return fail(connect.error());
    version_ = *version;
    refuse_connect(connect.error().reason, connect.error().detail);
    return;
  }
  version_ = connect->version;
  take_settings(*connect);
  const char* detail = "";
  mqtt::ReasonCode reason = check_connect(*connect, detail);
  if (!mqtt::is_error(reason)) reason = choose_client_id(*connect, detail);
  if (mqtt::is_error(reason)) {
    refuse_connect(reason, detail);
    return;
  }
  client_ = client_key(client_id_);
  login_ = std::make_unique<Login>();
  login_->registration = make_registration(*connect);
  login_->wants_response_information =
      connect->properties.number_or(mqtt::PropertyId::request_response_information, 0) != 0;
  authenticate(*connect);
}

/// The client is who it says.
void Connection::register_at_home() {
  Registration registration = std::move(login_->registration);
  registration.user_name = login_->user_name;
  if (login_->user_name) user_name_ = std::make_unique<const std::string>(*login_->user_name);
  registration.will.user_name = login_->user_name;
  rights_ = shard_.authorizer.rights_of(client_id_, registration.user_name);
  if (registration.has_will) {
    const std::string_view topic = registration.will.message->view().topic;
    if (is_reserved_topic(topic)) {
      refuse_connect(mqtt::ReasonCode::not_authorized, "Will Topic is reserved for the broker");
      return;
    }
    if (!may_publish(topic)) {
      refuse_connect(mqtt::ReasonCode::not_authorized, "it may not publish to its Will Topic");
      return;
    }
  }
  if (!fits(mqtt::encoded_size(make_connack(true), version_))) {
    // Now, not when its home has ended another connection for it. v5 [MQTT-3.1.2-24]
    refuse_connect(mqtt::ReasonCode::packet_too_large, "its Maximum Packet Size is too small for CONNACK");
    return;
  }
  state_ = State::registering;
  shard_.deadlines.cancel(*this);
  pause(Pause::registering);
  pauses_ = static_cast<std::uint8_t>(pauses_ & ~static_cast<unsigned>(Pause::authenticating));
  registered_at_home_ = true;
  shard_.router.register_connection(id_, registration);
}

mqtt::ReasonCode Connection::check_connect(const mqtt::Connect& connect, const char*& detail) const {
  if (!rules_.accepts(version_)) {
    detail = "this listener does not speak its version";
    return mqtt::ReasonCode::unsupported_protocol_version;
  }
  if (!rules_.server_reference.empty()) {
    detail = "this listener sends its clients to another server";
    return rules_.server_moved ? mqtt::ReasonCode::server_moved : mqtt::ReasonCode::use_another_server;
  }
  if (connect.client_id.size() > shard_.limits.client_id_bytes_max) {
    detail = "Client Identifier too long";
    return mqtt::ReasonCode::client_identifier_not_valid;
  }
  return connect.will ? check_will(*connect.will, detail) : mqtt::ReasonCode::success;
}

mqtt::ReasonCode Connection::check_will(const mqtt::Will& will, const char*& detail) const {
  if (too_deep_or_long(will.topic, shard_.limits)) {
    detail = "Will Topic has too many levels or is too long";
    return mqtt::ReasonCode::topic_name_invalid;
  }
  if (will.qos > rules_.qos_max) {  // v5 [MQTT-3.2.2-12]
    detail = "Will QoS above the maximum";
    return mqtt::ReasonCode::qos_not_supported;
  }
  if (will.retain && !rules_.retain_available) {  // v5 [MQTT-3.2.2-13]
    detail = "retained messages are not available";
    return mqtt::ReasonCode::retain_not_supported;
  }
  if (will.payload.size() > rules_.payload_bytes_max) {
    detail = "Will Payload too long";
    return mqtt::ReasonCode::implementation_specific_error;
  }
  if (has_wrong_format(will.properties, will.payload)) {  // v5 3.1.3.2.3
    detail = "Will Payload is not the UTF-8 that it is said to be";
    return mqtt::ReasonCode::payload_format_invalid;
  }
  return mqtt::ReasonCode::success;
}

/// What the client has chosen stands in client_id_ already.
mqtt::ReasonCode Connection::choose_client_id(const mqtt::Connect& connect, const char*& detail) {
  if (rules_.user_name_is_client_id) {
    if (!connect.user_name || connect.user_name->empty()) {
      detail = "a client without User Name";
      return mqtt::ReasonCode::not_authorized;
    }
    if (connect.user_name->size() > shard_.limits.client_id_bytes_max) {
      detail = "User Name too long for a Client Identifier";
      return mqtt::ReasonCode::client_identifier_not_valid;
    }
    client_id_assigned_ = client_id_.empty();  // v5 [MQTT-3.2.2-16]
    client_id_ = *connect.user_name;
  } else if (client_id_.empty()) {
    if (!rules_.empty_client_id_allowed) {
      detail = "Client Identifiers are not assigned here";
      return mqtt::ReasonCode::client_identifier_not_valid;
    }
    client_id_assigned_ = true;
    client_id_ = make_client_id(rules_.assigned_id_prefix, shard_.random);
  }
  if (client_id_.starts_with(rules_.required_id_prefix)) return mqtt::ReasonCode::success;
  detail = "Client Identifier with another prefix than is wanted";
  return mqtt::ReasonCode::not_authorized;
}

void Connection::take_settings(const mqtt::Connect& connect) {
  client_id_ = connect.client_id.substr(0, shard_.limits.client_id_bytes_max);
  asked_keep_alive_seconds_ = keep_alive_seconds_ = connect.keep_alive_seconds;
  const std::uint16_t longest = shard_.limits.keep_alive_seconds_max;
  if (longest != 0 && (keep_alive_seconds_ == 0 || keep_alive_seconds_ > longest)) keep_alive_seconds_ = longest;
  using mqtt::PropertyId;
  client_receive_maximum_ =
      static_cast<std::uint16_t>(connect.properties.number_or(PropertyId::receive_maximum, 65'535));
  client_packet_bytes_max_ = connect.properties.number_or(PropertyId::maximum_packet_size, unlimited);
  problem_information_ = connect.properties.number_or(PropertyId::request_problem_information, 1) != 0;
  const std::uint32_t aliases = std::min<std::uint32_t>(
      connect.properties.number_or(PropertyId::topic_alias_maximum, 0), rules_.sent_topic_aliases_max);
  if (aliases != 0) sent_aliases_ = std::make_unique<SentTopicAliases>(static_cast<std::uint16_t>(aliases));
  const bool kept = !connect.clean_start && !policy_of(version_).session_expires;
  asked_session_expiry_seconds_ =
      kept ? session_never_expires : connect.properties.number_or(PropertyId::session_expiry_interval, 0);
  session_expiry_seconds_ = std::min(asked_session_expiry_seconds_, shard_.limits.session_expiry_seconds_max);
}

/// Not a client whose identifier was chosen here: there it would be given another one.
bool Connection::wants_its_home(const mqtt::Connect& connect) const {
  if (rules_.redirect == Redirect::never || client_id_assigned_ || !policy_of(version_).has_properties) return false;
  if (rules_.redirect == Redirect::persistent) return true;
  if (!connect.properties.has(mqtt::PropertyId::user_property)) return false;
  for (const mqtt::Property& property : connect.properties) {
    const bool is_pair = property.id == mqtt::PropertyId::user_property;
    if (is_pair && property.name == "redirect" && property.value == "persistent") return true;
  }
  return false;
}

Registration Connection::make_registration(const mqtt::Connect& connect) const {
  Registration registration;
  registration.client_id = client_id_;
  registration.clean_start = connect.clean_start;
  registration.session_expiry_seconds = session_expiry_seconds_;
  registration.receive_maximum = client_receive_maximum_;
  registration.refusable = policy_of(version_).refuses_publishes;
  if (registration.persistent() && wants_its_home(connect)) registration.redirect_listener = rules_.number;
  if (!connect.will) return registration;
  const mqtt::Will& will = *connect.will;
  using mqtt::PropertyId;
  mqtt::PropertyWriter travelling;
  travelling.copy(will.properties, {PropertyId::will_delay_interval, PropertyId::message_expiry_interval});
  MessageView message;
  message.topic = will.topic;
  message.payload = will.payload;
  message.properties = travelling.view().raw();
  message.qos = will.qos;
  message.retain = will.retain;
  message.publisher = client_;
  registration.has_will = true;
  registration.will.message = MessageRef::copy_of(message);
  registration.will.client_id = client_id_;
  registration.will.delay_seconds = will.properties.number_or(PropertyId::will_delay_interval, 0);
  registration.will.has_message_expiry = will.properties.has(PropertyId::message_expiry_interval);
  registration.will.message_expiry_seconds = will.properties.number_or(PropertyId::message_expiry_interval, 0);
  return registration;
}

void Connection::refuse_connect(mqtt::ReasonCode reason, std::string_view detail) {
  const bool broken = reason == mqtt::ReasonCode::malformed_packet || reason == mqtt::ReasonCode::protocol_error;
  if (broken) shard_.counters.protocol_errors.add();
  state_ = State::registering;  // so that the farewell is a CONNACK
  end(broken ? EndCause::protocol_error : EndCause::refused, reason, detail);
}

void Connection::on_registered(const Admission& admission) {
  if (state_ != State::registering) return;
  if (mqtt::is_error(admission.reason)) {
    registered_at_home_ = false;
    login_->server_reference = admission.server_reference;
    const bool says_why = *admission.detail != '\0';
    end(EndCause::refused, admission.reason, says_why ? admission.detail : mqtt::to_string(admission.reason));
    return;
  }
  session_ = admission.session;
  if (!session_) {
    Session* const own = shard_.sessions.begin_clean(client_, client_receive_maximum_, rights_);
    if (!own) {
      fate_ = ConnectionFate::disconnected;  // who was never let in leaves no Will
      return end(EndCause::refused, mqtt::ReasonCode::quota_exceeded, "the broker has no room for one more session");
    }
    own_session_ = own->id();
    session_ = own;
  }
  state_ = State::connected;
  shard_.counters.connections_accepted.add();
  last_activity_ = shard_.now.steady;
  schedule_keep_alive();
  unpause(Pause::registering);
  send(make_connack(admission.session_present));  // before anything of the session
  if (login_->method.empty()) login_.reset();
  session_->attach(*this);
}

/// Where the topics begin that are for the answers to this client (v5 3.2.2.3.15); empty: it did not ask, or gets none.
/// What could leave its own level of the topic is written as URLs do.
std::string Connection::response_information() const {
  if (!login_->wants_response_information || rules_.response_topic_prefix.empty()) return {};
  std::string topic = rules_.response_topic_prefix + '/';
  for (const char c : client_id_) {
    if (c == '/' || c == '+' || c == '#' || c == '%') {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
      topic += escaped;
    } else {
      topic += c;
    }
  }
  // There has to be room for something behind it.
  return topic.size() < shard_.limits.topic_bytes_max ? topic : std::string();
}

/// v5 3.2.2.3. Good until the shard writes other properties.
mqtt::Connack Connection::make_connack(bool session_present) const {
  const std::string topics = response_information();
  const mqtt::Connack whole = make_connack(session_present, topics);
  if (topics.empty() || fits(mqtt::encoded_size(whole, version_))) return whole;
  return make_connack(session_present, {});  // the one thing that the client can do without
}

/// What is absent has the default of the standard.
mqtt::Connack Connection::make_connack(bool session_present, std::string_view topics) const {
  mqtt::PropertyWriter& properties = shard_.properties;
  properties.clear();
  if (policy_of(version_).announces_limits) {
    using mqtt::PropertyId;
    const Limits& limits = shard_.limits;
    if (session_expiry_seconds_ != asked_session_expiry_seconds_) {
      properties.add_number(PropertyId::session_expiry_interval, session_expiry_seconds_);
    }
    properties.add_number(PropertyId::receive_maximum, limits.receive_maximum);
    properties.add_number(PropertyId::maximum_packet_size, static_cast<std::uint32_t>(limits.packet_bytes_max));
    if (client_id_assigned_) properties.add_string(PropertyId::assigned_client_identifier, client_id_);
    properties.add_number(PropertyId::topic_alias_maximum, rules_.topic_alias_maximum);
    if (rules_.qos_max != mqtt::QoS::exactly_once) {
      properties.add_number(PropertyId::maximum_qos, static_cast<std::uint32_t>(rules_.qos_max));
    }
    properties.add_number(PropertyId::retain_available, rules_.retain_available ? 1 : 0);
    properties.add_number(PropertyId::wildcard_subscription_available, 1);
    properties.add_number(PropertyId::subscription_identifier_available, 1);
    properties.add_number(PropertyId::shared_subscription_available, 1);
    if (keep_alive_seconds_ != asked_keep_alive_seconds_) {
      properties.add_number(PropertyId::server_keep_alive, keep_alive_seconds_);
    }
    if (!login_->method.empty()) {  // v5 [MQTT-4.12.0-5]
      properties.add_string(PropertyId::authentication_method, login_->method);
      properties.add_string(PropertyId::authentication_data, login_->data);
    }
    if (!topics.empty()) properties.add_string(PropertyId::response_information, topics);
  }
  return {.session_present = session_present, .reason = mqtt::ReasonCode::success, .properties = properties.view()};
}

}  // namespace mqttzoo::core
