#include <algorithm>

#include "proto/mqtt/decode.hpp"
#include "tests/simulation/clients/client.hpp"
#include "tests/support/packet_text.hpp"

/// What a client does with the packets that it gets.
namespace mqttzoo::sim {

using mqtt::QoS;
using mqtt::ReasonCode;

void Client::arrived() {
  if (!stream_) return;
  const StreamRef stream = stream_;
  unread_ += stream->read(Stream::opener);
  while (stream_ == stream) {
    const mqtt::Split split = mqtt::split_frame(unread_, mqtt::packet_bytes_max);
    if (split.status == mqtt::SplitStatus::incomplete) break;
    if (split.status != mqtt::SplitStatus::complete) {
      bad("what comes is no MQTT");
      return connection_over();
    }
    const std::string packet = unread_.substr(0, split.frame.total_size);
    unread_.erase(0, split.frame.total_size);
    take(mqtt::split_frame(packet, mqtt::packet_bytes_max).frame);
  }
  if (stream_ == stream && stream->ends[Stream::opener].over) connection_over();
}

void Client::take(const mqtt::Frame& frame) {
  using mqtt::PacketType;
  const std::string text = test::to_text(frame, options_.version);
  note("gets " + text);
  if (text.starts_with("bad ")) return bad("cannot be read: " + text);
  switch (frame.type()) {
    case PacketType::connack:
      return take_connack(frame);
    case PacketType::publish:
      return take_publish(frame);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return take_answer(frame);
    case PacketType::suback:
      return take_suback(frame);
    case PacketType::unsuback:
      return;
    case PacketType::disconnect:
      return connection_over();
    default:
      return bad("a packet that no server sends");
  }
}

void Client::take_connack(const mqtt::Frame& frame) {
  const auto connack = mqtt::decode_connack(frame, options_.version);
  if (connack->reason != ReasonCode::success) return;  // the connection is closed next
  ConnectionRecord& record = history_.connections[connection_];
  record.accepted = world_.now();
  record.session_present = connack->session_present;
  connected_ = true;
  answered_until_ = world_.now();
  if (connack->session_present && (!options_.persistent || generation_ == 0))
    bad("Session Present, and the client knows of no session");
  if (!connack->session_present) {
    forget_session();
    ++generation_;
  }
  record.generation = generation_;
  resume_session();
  for (const auto& [filter, qos] : standing_) {
    if (!is_subscribed(filter)) subscribe(filter, qos);
  }
}

void Client::take_publish(const mqtt::Frame& frame) {
  const auto publish = mqtt::decode_publish(frame, options_.version, mqtt::Side::server);
  DeliveryRecord delivery;
  delivery.time = world_.now();
  delivery.client = index_;
  delivery.connection = connection_;
  delivery.generation = generation_;
  delivery.qos = publish->qos;
  delivery.dup = publish->dup;
  delivery.retain = publish->retain;
  const bool is_deletion = publish->payload.empty();
  const bool is_numbered = publish->payload.size() > 1 && publish->payload[0] == 'm';
  delivery.message = is_numbered ? std::stoul(std::string(publish->payload.substr(1))) : history_.messages.size();
  const bool is_known =
      delivery.message < history_.messages.size() && history_.messages[delivery.message].topic == publish->topic;
  if (!is_known && !is_deletion) return bad("a message that nobody has published");
  const std::uint16_t packet_id = publish->packet_id;
  if (publish->qos == QoS::exactly_once) delivery.repeated = !unreleased_.insert(packet_id).second;
  if (!is_deletion) history_.deliveries.push_back(delivery);
  if (publish->qos == QoS::at_least_once)
    answer([this, packet_id] { send(mqtt::Puback{.packet_id = packet_id, .reason = {}, .properties = {}}); });
  if (publish->qos == QoS::exactly_once)
    answer([this, packet_id] { send(mqtt::Pubrec{.packet_id = packet_id, .reason = {}, .properties = {}}); });
}

/// In order, after its time; never on a later connection.
void Client::answer(std::function<void()> send) {
  answered_until_ = std::max(answered_until_, world_.now() + random_.below(options_.answers_within_ms + 1));
  world_.events().schedule(answered_until_ - world_.now(), [this, alive = alive_, stream = stream_, send] {
    if (*alive && stream_ == stream) send();
  });
}

void Client::take_answer(const mqtt::Frame& frame) {
  if (frame.type() == mqtt::PacketType::puback) {
    const auto puback = mqtt::decode_puback(frame, options_.version);
    return acknowledged(puback->packet_id, puback->reason);
  }
  if (frame.type() == mqtt::PacketType::pubrec) {
    const auto pubrec = mqtt::decode_pubrec(frame, options_.version);
    return acknowledged(pubrec->packet_id, pubrec->reason);
  }
  if (frame.type() == mqtt::PacketType::pubcomp)
    return finish(mqtt::decode_pubcomp(frame, options_.version)->packet_id);
  const std::uint16_t packet_id = mqtt::decode_pubrel(frame, options_.version)->packet_id;
  unreleased_.erase(packet_id);
  answer([this, packet_id] { send(mqtt::Pubcomp{.packet_id = packet_id, .reason = {}, .properties = {}}); });
}

/// By PUBACK or PUBREC.
void Client::acknowledged(std::uint16_t packet_id, ReasonCode reason) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                  [&](const InFlight& one) { return one.packet_id == packet_id; });
  if (found == in_flight_.end()) return bad("an acknowledgement for nothing");
  MessageRecord& message = history_.messages[found->message];
  if (static_cast<std::uint8_t>(reason) >= 0x80) {
    message.refused = message.given_up = true;
    return finish(packet_id);
  }
  if (message.acknowledged == never_happened) message.acknowledged = world_.now();
  if (message.qos != QoS::exactly_once) return finish(packet_id);
  found->released = true;
  send(mqtt::Pubrel{.packet_id = packet_id, .reason = {}, .properties = {}});
}

void Client::finish(std::uint16_t packet_id) {
  std::erase_if(in_flight_, [&](const InFlight& one) { return one.packet_id == packet_id; });
}

void Client::take_suback(const mqtt::Frame& frame) {
  const auto suback = mqtt::decode_suback(frame, options_.version);
  const auto found = waiting_subscribes_.find(suback->packet_id);
  if (found == waiting_subscribes_.end()) return bad("SUBACK for nothing");
  if (static_cast<std::uint8_t>(suback->reasons[0]) <= 2) {
    history_.subscriptions[found->second].granted = world_.now();
  } else {
    history_.subscriptions[found->second].ended = world_.now();
  }
  waiting_subscribes_.erase(found);
}

}  // namespace mqttzoo::sim
