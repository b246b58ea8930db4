#include "broker/cluster/sessions/remote_connection.hpp"

#include <limits>
#include <utility>

#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/decode_publish.hpp"
#include "proto/mqtt/encode.hpp"

namespace mqttzoo::cluster {

namespace {

constexpr auto v5 = mqtt::ProtocolVersion::v5;

}  // namespace

RemoteConnection::RemoteConnection(ChannelOwner& owner, const ChannelId& channel, PartitionIndex partition,
                                   const RemoteClient& client, core::SessionInlet& session, std::size_t window_bytes)
    : owner_(owner),
      channel_(channel),
      partition_(partition),
      client_(client),
      session_(&session),
      window_bytes_(window_bytes) {}

void RemoteConnection::close() {
  if (session_) std::exchange(session_, nullptr)->detach();
}

SessionPackets RemoteConnection::take_output() {
  has_output_ = false;
  SessionPackets output{channel_, partition_, told_bytes_, std::string(output_.view())};
  output_.release();
  return output;
}

mqtt::ByteBuffer& RemoteConnection::out() {
  if (!std::exchange(has_output_, true)) owner_.home_has_output(channel_);
  return output_;
}

// ---------------------------------------------------------------- from the client

bool RemoteConnection::receive(std::string_view packets, std::uint64_t taken_bytes, core::Now now) {
  if (taken_bytes > sent_bytes_) return false;
  if (taken_bytes > taken_bytes_) taken_bytes_ = taken_bytes;
  received_bytes_ += packets.size();
  while (session_ && !packets.empty()) {
    const mqtt::Split split = mqtt::split_frame(packets, mqtt::packet_bytes_max);
    if (split.status != mqtt::SplitStatus::complete || !take(split.frame, now)) return false;
    packets.remove_prefix(split.frame.total_size);
  }
  try_again();
  return true;
}

bool RemoteConnection::take(const mqtt::Frame& frame, core::Now now) {
  switch (frame.type()) {
    case mqtt::PacketType::publish:
      return take_publish(frame, now);
    case mqtt::PacketType::subscribe:
      if (const auto subscribe = mqtt::decode_subscribe(frame, v5)) return session_->subscribe(*subscribe), true;
      return false;
    case mqtt::PacketType::unsubscribe:
      if (const auto unsubscribe = mqtt::decode_unsubscribe(frame, v5))
        return session_->unsubscribe(*unsubscribe), true;
      return false;
    case mqtt::PacketType::puback:
      if (const auto ack = mqtt::decode_puback(frame, v5)) return session_->on_puback(ack->packet_id), true;
      return false;
    case mqtt::PacketType::pubrec:
      if (const auto ack = mqtt::decode_pubrec(frame, v5))
        return session_->on_pubrec(ack->packet_id, ack->reason), true;
      return false;
    case mqtt::PacketType::pubrel:
      if (const auto ack = mqtt::decode_pubrel(frame, v5)) return session_->on_pubrel(ack->packet_id), true;
      return false;
    case mqtt::PacketType::pubcomp:
      if (const auto ack = mqtt::decode_pubcomp(frame, v5)) return session_->on_pubcomp(ack->packet_id), true;
      return false;
    default:
      return false;
  }
}

bool RemoteConnection::take_publish(const mqtt::Frame& frame, core::Now now) {
  const auto publish = mqtt::decode_publish(frame, v5, mqtt::Side::client);
  if (!publish || publish->qos != mqtt::QoS::exactly_once || publish->topic.empty()) return false;
  core::MessageView message;
  message.topic = publish->topic;
  message.payload = publish->payload;
  message.qos = publish->qos;
  message.retain = publish->retain;
  message.publisher = client_.key;
  travelling_.clear();
  travelling_.copy(publish->properties, {mqtt::PropertyId::message_expiry_interval});
  message.properties = travelling_.view().raw();
  const auto seconds = publish->properties.find_number(mqtt::PropertyId::message_expiry_interval);
  if (seconds) message.expires_at = core::expiry_time(*seconds, now.cluster);
  session_->publish(publish->packet_id, message, client_.refusable);
  return true;
}

// ---------------------------------------------------------------- from the session

void RemoteConnection::try_again() {
  if (!session_) return;
  tell_taken();
  if (!waits_for_room_ || sent_bytes_ - taken_bytes_ > window_bytes_ / 2 || !owner_.has_room(channel_)) return;
  waits_for_room_ = false;
  session_->send_waiting();
}

/// In good time: when half of what the frontend may send has come.
void RemoteConnection::tell_taken() {
  if (received_bytes_ - told_bytes_ < window_bytes_ / 2 || !owner_.takes_more(channel_)) return;
  told_bytes_ = received_bytes_;
  out();
}

core::SendResult RemoteConnection::send_publish(core::PublishEncoder& encoder, core::PublishForm& form) {
  if (sent_bytes_ - taken_bytes_ >= window_bytes_ || !owner_.has_room(channel_)) {
    waits_for_room_ = true;
    return core::SendResult::no_room;
  }
  form.version = v5;
  const std::size_t before = output_.size();
  encoder.append(out(), form);
  sent_bytes_ += output_.size() - before;
  return core::SendResult::sent;
}

void RemoteConnection::send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  mqtt::encode(out(), mqtt::Pubrel{.packet_id = packet_id, .reason = reason, .properties = {}}, v5);
}

void RemoteConnection::send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  mqtt::encode(out(), mqtt::Pubrec{.packet_id = packet_id, .reason = reason, .properties = {}}, v5);
}

void RemoteConnection::send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  mqtt::encode(out(), mqtt::Pubcomp{.packet_id = packet_id, .reason = reason, .properties = {}}, v5);
}

void RemoteConnection::send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  mqtt::encode(out(), mqtt::Suback{.packet_id = packet_id, .properties = {}, .reasons = mqtt::ReasonCodeList(reasons)},
               v5);
}

void RemoteConnection::send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  mqtt::encode(out(),
               mqtt::Unsuback{.packet_id = packet_id, .properties = {}, .reasons = mqtt::ReasonCodeList(reasons)}, v5);
}

void RemoteConnection::give_up(mqtt::ReasonCode reason, const char* detail) {
  travelling_.clear();
  travelling_.add_string(mqtt::PropertyId::reason_string, detail);
  mqtt::encode(out(), mqtt::Disconnect{.reason = reason, .properties = travelling_.view()}, v5);
  close();
}

}  // namespace mqttzoo::cluster
