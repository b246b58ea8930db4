#include "client/client_protocol.hpp"

#include <stdexcept>

#include "proto/mqtt/encode.hpp"

namespace mqttzoo::client {

using mqtt::Frame;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::QoS;
using mqtt::ReasonCode;

namespace {

/// What this client takes: everything the protocol allows.
constexpr std::size_t packet_size_max = mqtt::packet_bytes_max;

/// The interval between two packets must not exceed the Keep Alive (v5 3.1.2.10), and the owner looks only so often.
constexpr std::chrono::milliseconds ping_lead{500};

template <class Text>
std::optional<std::string_view> view_of(const std::optional<Text>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

}  // namespace

void ClientProtocol::start(Clock::time_point now) {
  mqtt::Connect connect;
  connect.version = options_.version;
  connect.clean_start = options_.clean_start;
  connect.keep_alive_seconds = keep_alive_seconds_ = options_.keep_alive_seconds;
  connect.client_id = options_.client_id;
  connect.user_name = view_of(options_.user_name);
  connect.password = view_of(options_.password);
  if (options_.will) {
    connect.will = mqtt::Will{.qos = options_.will->qos,
                              .retain = options_.will->retain,
                              .topic = options_.will->topic,
                              .payload = options_.will->payload,
                              .properties = {}};
  }
  trace("sending", PacketType::connect);
  mqtt::encode(output_, connect);
  last_sent_ = now;
}

bool ClientProtocol::received(std::string_view bytes, Clock::time_point) {
  std::string_view rest = bytes;
  if (!tail_.empty()) {
    tail_.append(bytes);
    rest = tail_.view();
  }
  for (;;) {
    const mqtt::Split split = mqtt::split_frame(rest, packet_size_max);
    if (split.status == mqtt::SplitStatus::incomplete) break;
    if (split.status != mqtt::SplitStatus::complete) return broken(ReasonCode::malformed_packet, "malformed length");
    if (!handle(split.frame)) return false;
    rest.remove_prefix(split.frame.total_size);
  }
  if (tail_.empty()) {
    tail_.append(rest);
  } else {
    tail_.consume(tail_.size() - rest.size());
  }
  return true;
}

bool ClientProtocol::handle(const Frame& frame) {
  if (!connected_ && frame.type() != PacketType::connack) return broken(ReasonCode::protocol_error, "no CONNACK first");
  switch (frame.type()) {
    case PacketType::connack:
      return on_connack(frame);
    case PacketType::publish:
      return on_publish(frame);
    case PacketType::puback:
      return on_puback(frame);
    case PacketType::pubrec:
      return on_pubrec(frame);
    case PacketType::pubrel:
      return on_pubrel(frame);
    case PacketType::pubcomp:
      return on_pubcomp(frame);
    case PacketType::suback:
    case PacketType::unsuback:
      return on_suback(frame);
    case PacketType::pingresp:
      trace("received", frame.type());
      ping_sent_.reset();
      return true;
    case PacketType::disconnect:
      return on_disconnect(frame);
    default:
      return broken(ReasonCode::protocol_error, "a packet that only clients send");
  }
}

bool ClientProtocol::on_connack(const Frame& frame) {
  if (connected_) return broken(ReasonCode::protocol_error, "a second CONNACK");
  const auto connack = mqtt::decode_connack(frame, options_.version);
  if (!connack) return broken(connack.error().reason, connack.error().detail);
  trace("received", frame.type(), 0, mqtt::to_string(connack->reason));
  // This client keeps no session state. v5 [MQTT-3.2.2-4]
  if (connack->session_present && options_.version == mqtt::ProtocolVersion::v5) {
    connected_ = true;  // by its CONNACK, so that it is told why
    return broken(ReasonCode::protocol_error, "a session that this client does not have");
  }
  const mqtt::PropertiesView& properties = connack->properties;
  if (auto number = properties.find_number(PropertyId::receive_maximum)) receive_maximum_ = *number;
  if (auto number = properties.find_number(PropertyId::maximum_packet_size)) broker_packet_size_max_ = *number;
  if (auto number = properties.find_number(PropertyId::maximum_qos)) broker_qos_max_ = static_cast<QoS>(*number);
  if (auto number = properties.find_number(PropertyId::retain_available)) retain_available_ = *number != 0;
  if (auto number = properties.find_number(PropertyId::server_keep_alive)) {
    keep_alive_seconds_ = static_cast<std::uint16_t>(*number);
  }
  if (auto id = properties.find_string(PropertyId::assigned_client_identifier)) options_.client_id = *id;
  connected_ = !mqtt::is_error(connack->reason);
  events_.connected(*connack);
  return connected_;
}

bool ClientProtocol::on_publish(const Frame& frame) {
  const auto publish = mqtt::decode_publish(frame, options_.version, mqtt::Side::server);
  if (!publish) return broken(publish.error().reason, publish.error().detail);
  trace("received", frame.type(), publish->packet_id, publish->topic);
  // No Topic Alias Maximum was announced, so a broker that sends an alias breaks the protocol [MQTT-3.1.2-26].
  if (publish->properties.has(PropertyId::topic_alias)) {
    return broken(ReasonCode::topic_alias_invalid, "a Topic Alias that was not asked for");
  }
  const bool repeated = publish->qos == QoS::exactly_once && !received_qos2_.insert(publish->packet_id).second;
  if (!repeated) events_.message(*publish);
  if (publish->qos == QoS::at_least_once) {
    trace("sending", PacketType::puback, publish->packet_id);
    mqtt::encode(output_, mqtt::Puback{.packet_id = publish->packet_id, .properties = {}}, options_.version);
  } else if (publish->qos == QoS::exactly_once) {
    trace("sending", PacketType::pubrec, publish->packet_id);
    mqtt::encode(output_, mqtt::Pubrec{.packet_id = publish->packet_id, .properties = {}}, options_.version);
  }
  return true;
}

bool ClientProtocol::on_puback(const Frame& frame) {
  const auto ack = mqtt::decode_puback(frame, options_.version);
  if (!ack) return broken(ack.error().reason, ack.error().detail);
  trace("received", frame.type(), ack->packet_id, mqtt::to_string(ack->reason));
  finish(ack->packet_id, ack->reason);
  return true;
}

bool ClientProtocol::on_pubrec(const Frame& frame) {
  const auto ack = mqtt::decode_pubrec(frame, options_.version);
  if (!ack) return broken(ack.error().reason, ack.error().detail);
  trace("received", frame.type(), ack->packet_id, mqtt::to_string(ack->reason));
  if (mqtt::is_error(ack->reason)) {
    finish(ack->packet_id, ack->reason);  // v5 4.3.3: the exchange ends here
    return true;
  }
  const auto known = unacknowledged_.find(ack->packet_id);
  if (known != unacknowledged_.end()) known->second = Stage::release;
  trace("sending", PacketType::pubrel, ack->packet_id);
  const auto reason = known != unacknowledged_.end() ? ReasonCode::success : ReasonCode::packet_identifier_not_found;
  mqtt::encode(output_, mqtt::Pubrel{.packet_id = ack->packet_id, .reason = reason, .properties = {}},
               options_.version);
  return true;
}

bool ClientProtocol::on_pubrel(const Frame& frame) {
  const auto release = mqtt::decode_pubrel(frame, options_.version);
  if (!release) return broken(release.error().reason, release.error().detail);
  trace("received", frame.type(), release->packet_id);
  const bool known = received_qos2_.erase(release->packet_id) != 0;
  const auto reason = known ? ReasonCode::success : ReasonCode::packet_identifier_not_found;
  trace("sending", PacketType::pubcomp, release->packet_id);
  mqtt::encode(output_, mqtt::Pubcomp{.packet_id = release->packet_id, .reason = reason, .properties = {}},
               options_.version);
  return true;
}

bool ClientProtocol::on_pubcomp(const Frame& frame) {
  const auto ack = mqtt::decode_pubcomp(frame, options_.version);
  if (!ack) return broken(ack.error().reason, ack.error().detail);
  trace("received", frame.type(), ack->packet_id, mqtt::to_string(ack->reason));
  finish(ack->packet_id, ReasonCode::success);
  return true;
}

bool ClientProtocol::on_suback(const Frame& frame) {
  const auto answer = [&](auto decoded, auto tell) {
    if (!decoded) return broken(decoded.error().reason, decoded.error().detail);
    trace("received", frame.type(), decoded->packet_id);
    const auto request = requests_.extract(decoded->packet_id);
    if (request.empty()) return broken(ReasonCode::protocol_error, "an answer to no request");
    // v5 [MQTT-3.9.3-1], [MQTT-3.11.3-1]; UNSUBACK has none in v3.
    const bool has_reasons = frame.type() == PacketType::suback || options_.version == mqtt::ProtocolVersion::v5;
    if (has_reasons && decoded->reasons.size() != request.mapped())
      return broken(ReasonCode::protocol_error, "an answer to another number of filters");
    tell(*decoded);
    return true;
  };
  if (frame.type() == PacketType::suback) {
    return answer(mqtt::decode_suback(frame, options_.version),
                  [&](const auto& suback) { events_.subscribed(suback.reasons); });
  }
  return answer(mqtt::decode_unsuback(frame, options_.version), [&](const auto&) { events_.unsubscribed(); });
}

bool ClientProtocol::on_disconnect(const Frame& frame) {
  const auto disconnect = mqtt::decode_disconnect(frame, options_.version, mqtt::Side::server);
  if (!disconnect) return broken(disconnect.error().reason, disconnect.error().detail);
  trace("received", frame.type(), 0, mqtt::to_string(disconnect->reason));
  connected_ = false;
  events_.ended(disconnect->reason, disconnect->properties.find_string(PropertyId::reason_string).value_or(""));
  return false;
}

bool ClientProtocol::broken(ReasonCode reason, std::string_view detail) {
  // Before v5 DISCONNECT says that all is well, and the broker would drop the Will.
  if (connected_ && options_.version == mqtt::ProtocolVersion::v5) disconnect(reason);
  connected_ = false;
  events_.ended(reason, detail);
  return false;
}

std::uint16_t ClientProtocol::next_packet_id() {
  do {
    last_packet_id_ = last_packet_id_ == 65'535 ? 1 : last_packet_id_ + 1;
  } while (unacknowledged_.contains(last_packet_id_) || requests_.contains(last_packet_id_));
  return last_packet_id_;
}

void ClientProtocol::finish(std::uint16_t packet_id, ReasonCode reason) {
  if (unacknowledged_.erase(packet_id) != 0) events_.published(packet_id, reason);
}

std::uint16_t ClientProtocol::publish(const OutgoingMessage& message) {
  if (message.qos > broker_qos_max_) throw std::invalid_argument("the broker does not take this QoS");
  if (message.retain && !retain_available_) throw std::invalid_argument("the broker does not keep retained messages");
  mqtt::PropertyWriter properties;
  if (message.expiry_seconds) properties.add_number(PropertyId::message_expiry_interval, *message.expiry_seconds);
  mqtt::Publish publish;
  publish.qos = message.qos;
  publish.retain = message.retain;
  publish.packet_id = message.qos == QoS::at_most_once ? 0 : next_packet_id();
  publish.topic = message.topic;
  publish.payload = message.payload;
  publish.properties = properties.view();
  const std::size_t before = output_.size();
  mqtt::encode(output_, publish, options_.version);
  if (output_.size() - before > broker_packet_size_max_) {
    output_.truncate(before);
    throw std::invalid_argument("the broker takes packets of at most " + std::to_string(broker_packet_size_max_) +
                                " bytes");
  }
  trace("sending", PacketType::publish, publish.packet_id, publish.topic);
  if (publish.packet_id != 0) unacknowledged_.emplace(publish.packet_id, Stage::publish);
  return publish.packet_id;
}

void ClientProtocol::subscribe(const std::vector<std::string>& filters, QoS qos) {
  mqtt::SubscriptionListWriter list;
  for (const std::string& filter : filters) list.add({.topic_filter = filter, .qos = qos});
  const std::uint16_t packet_id = next_packet_id();
  requests_.emplace(packet_id, filters.size());
  trace("sending", PacketType::subscribe, packet_id, filters.front());
  mqtt::encode(output_, mqtt::Subscribe{.packet_id = packet_id, .properties = {}, .subscriptions = list.list()},
               options_.version);
}

void ClientProtocol::unsubscribe(const std::vector<std::string>& filters) {
  mqtt::TopicFilterListWriter list;
  for (const std::string& filter : filters) list.add(filter);
  const std::uint16_t packet_id = next_packet_id();
  requests_.emplace(packet_id, filters.size());
  trace("sending", PacketType::unsubscribe, packet_id, filters.front());
  mqtt::encode(output_, mqtt::Unsubscribe{.packet_id = packet_id, .properties = {}, .topic_filters = list.list()},
               options_.version);
}

void ClientProtocol::disconnect(ReasonCode reason) {
  trace("sending", PacketType::disconnect);
  mqtt::encode(output_, mqtt::Disconnect{.reason = reason, .properties = {}}, options_.version);
}

bool ClientProtocol::keep_alive_due(Clock::time_point now) {
  if (keep_alive_seconds_ == 0 || !connected_) return true;
  if (ping_sent_ && now - *ping_sent_ >= keep_alive()) return false;
  if (!ping_sent_ && now - last_sent_ >= keep_alive() - ping_lead) {
    trace("sending", PacketType::pingreq);
    mqtt::encode(output_, mqtt::Pingreq{}, options_.version);
    ping_sent_ = now;
  }
  return true;
}

void ClientProtocol::trace(const char* direction, PacketType type, std::uint16_t packet_id, std::string_view more) {
  if (!events_.traces()) return;
  std::string text = std::string(direction) + ' ' + mqtt::to_string(type);
  if (packet_id != 0) text += " m" + std::to_string(packet_id);
  if (!more.empty()) text += " (" + std::string(more) + ')';
  events_.trace(text);
}

}  // namespace mqttzoo::client
