#include "broker/cluster/sessions/remote_session.hpp"

#include <algorithm>
#include <utility>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/decode_publish.hpp"
#include "proto/mqtt/encode.hpp"

namespace mqttzoo::cluster {

namespace {

constexpr auto v5 = mqtt::ProtocolVersion::v5;

}  // namespace

RemoteSession::RemoteSession(ChannelOwner& owner, const ChannelId& channel, const Incarnation& home,
                             PartitionIndex partition, core::PublishEncoder& encoder, const core::Now& now,
                             std::size_t window_bytes)
    : owner_(owner),
      channel_(channel),
      home_(home),
      partition_(partition),
      encoder_(encoder),
      now_(now),
      window_bytes_(window_bytes) {}

SessionPackets RemoteSession::take_output() {
  has_output_ = false;
  told_bytes_ = taken_bytes_;
  sent_bytes_ += output_.size();
  SessionPackets output{channel_, partition_, taken_bytes_, std::string(output_.view())};
  output_.release();
  return output;
}

mqtt::ByteBuffer& RemoteSession::out() {
  if (!std::exchange(has_output_, true)) owner_.frontend_has_output(channel_);
  return output_;
}

// ---------------------------------------------------------------- from the session

bool RemoteSession::receive(std::string_view packets, std::uint64_t taken_bytes) {
  if (taken_bytes > sent_bytes_) return false;
  home_took_bytes_ = std::max(home_took_bytes_, taken_bytes);
  input_.append(packets);
  if (!take_packets()) return false;
  if (paused_) try_again();
  return true;
}

bool RemoteSession::must_pause() {
  paused_ =
      sent_bytes_ + output_.size() - home_took_bytes_ >= window_bytes_ || !owner_.has_room_to_home(channel_, home_);
  return paused_;
}

void RemoteSession::try_again() {
  if (outlet_ && paused_ && !must_pause()) outlet_->resume_reading();
}

void RemoteSession::send_waiting() {
  if (!take_packets() && outlet_) outlet_->give_up(mqtt::ReasonCode::server_busy, "its home sent what is no packet");
}

/// As many as the connection has room for. False: they break the protocol.
bool RemoteSession::take_packets() {
  while (outlet_ && !input_.empty()) {
    const mqtt::Split split = mqtt::split_frame(input_.view(), mqtt::packet_bytes_max);
    if (split.status != mqtt::SplitStatus::complete) return false;
    const Taken taken = take(split.frame);
    if (taken == Taken::no_room) return true;
    if (taken == Taken::broken) return false;
    input_.consume(split.frame.total_size);
  }
  if (input_.empty()) input_.release();
  return true;
}

RemoteSession::Taken RemoteSession::take(const mqtt::Frame& frame) {
  if (frame.type() != mqtt::PacketType::publish) return take_answer(frame) ? Taken::yes : Taken::broken;
  const Taken taken = take_publish(frame);
  if (taken == Taken::yes) note_taken(frame.total_size);
  return taken;
}

RemoteSession::Taken RemoteSession::take_publish(const mqtt::Frame& frame) {
  const auto publish = mqtt::decode_publish(frame, v5, mqtt::Side::server);
  if (!publish || publish->topic.empty()) return Taken::broken;
  core::MessageView message;
  message.topic = publish->topic;
  message.payload = publish->payload;
  message.qos = publish->qos;
  core::PublishForm form;
  form.qos = publish->qos;
  form.retain = publish->retain;
  form.dup = publish->dup;
  form.packet_id = publish->packet_id;
  constexpr mqtt::PropertySet of_this_hop{mqtt::PropertyId::subscription_identifier,
                                          mqtt::PropertyId::message_expiry_interval};
  message.properties = publish->properties.raw();
  if (publish->properties.present().intersects(of_this_hop)) {
    travelling_.clear();
    travelling_.copy(publish->properties, of_this_hop);
    message.properties = travelling_.view().raw();
    const auto seconds = publish->properties.find_number(mqtt::PropertyId::message_expiry_interval);
    if (seconds) message.expires_at = core::expiry_time(*seconds, now_.cluster);
    identifiers_.clear();
    for (const mqtt::Property& property : publish->properties) {
      if (property.id == mqtt::PropertyId::subscription_identifier) identifiers_.push_back(property.number);
    }
    form.identifiers = identifiers_;
  }
  encoder_.start(message, now_.cluster, false);
  const core::SendResult result = outlet_->send_publish(encoder_, form);
  if (result == core::SendResult::no_room && form.qos != mqtt::QoS::at_most_once) return Taken::no_room;
  if (result != core::SendResult::sent) owner_.message_left_out(result);
  if (result == core::SendResult::too_large) cannot_deliver(form.qos, form.packet_id);
  return Taken::yes;
}

/// The client takes no packet as large as this. The session goes on as if it had been acknowledged (v5
/// [MQTT-3.1.2-25]).
void RemoteSession::cannot_deliver(mqtt::QoS qos, std::uint16_t packet_id) {
  if (qos == mqtt::QoS::at_least_once) on_puback(packet_id);
  if (qos == mqtt::QoS::exactly_once) on_pubrec(packet_id, mqtt::ReasonCode::unspecified_error);
}

bool RemoteSession::take_answer(const mqtt::Frame& frame) {
  switch (frame.type()) {
    case mqtt::PacketType::pubrel:
      if (const auto ack = mqtt::decode_pubrel(frame, v5))
        return outlet_->send_pubrel(ack->packet_id, ack->reason), true;
      return false;
    case mqtt::PacketType::pubrec:
      if (const auto ack = mqtt::decode_pubrec(frame, v5))
        return outlet_->send_pubrec(ack->packet_id, ack->reason), true;
      return false;
    case mqtt::PacketType::pubcomp:
      if (const auto ack = mqtt::decode_pubcomp(frame, v5))
        return outlet_->send_pubcomp(ack->packet_id, ack->reason), true;
      return false;
    case mqtt::PacketType::suback:
      if (const auto ack = mqtt::decode_suback(frame, v5)) {
        return outlet_->send_suback(ack->packet_id, ack->reasons.span()), true;
      }
      return false;
    case mqtt::PacketType::unsuback:
      if (const auto ack = mqtt::decode_unsuback(frame, v5)) {
        return outlet_->send_unsuback(ack->packet_id, ack->reasons.span()), true;
      }
      return false;
    case mqtt::PacketType::disconnect:
      if (const auto disconnect = mqtt::decode_disconnect(frame, v5, mqtt::Side::server)) {
        return outlet_->give_up(disconnect->reason, "the home of its session ended it"), true;
      }
      return false;
    default:
      return false;
  }
}

/// The home learns of it in good time: when half of its window has been taken.
void RemoteSession::note_taken(std::size_t bytes) {
  taken_bytes_ += bytes;
  if (taken_bytes_ - told_bytes_ >= window_bytes_ / 2) out();
}

// ---------------------------------------------------------------- from the client

void RemoteSession::subscribe(const mqtt::Subscribe& subscribe) { mqtt::encode(out(), subscribe, v5); }

void RemoteSession::unsubscribe(const mqtt::Unsubscribe& unsubscribe) { mqtt::encode(out(), unsubscribe, v5); }

void RemoteSession::publish(std::uint16_t packet_id, const core::MessageView& message, bool) {
  encoder_.start(message, now_.cluster, false);
  core::PublishForm form;
  form.version = v5;
  form.qos = message.qos;
  form.retain = message.retain;
  form.packet_id = packet_id;
  encoder_.append(out(), form);
}

void RemoteSession::on_pubrel(std::uint16_t packet_id) {
  mqtt::encode(out(), mqtt::Pubrel{.packet_id = packet_id, .reason = {}, .properties = {}}, v5);
}

void RemoteSession::on_puback(std::uint16_t packet_id) {
  mqtt::encode(out(), mqtt::Puback{.packet_id = packet_id, .reason = {}, .properties = {}}, v5);
}

void RemoteSession::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  mqtt::encode(out(), mqtt::Pubrec{.packet_id = packet_id, .reason = reason, .properties = {}}, v5);
}

void RemoteSession::on_pubcomp(std::uint16_t packet_id) {
  mqtt::encode(out(), mqtt::Pubcomp{.packet_id = packet_id, .reason = {}, .properties = {}}, v5);
}

}  // namespace mqttzoo::cluster
