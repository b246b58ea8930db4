#include "tests/support/routers/fake_session.hpp"

#include <utility>

#include "proto/mqtt/encode.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "tests/support/packet_text.hpp"

namespace mqttzoo::test {

namespace {

constexpr auto v5 = mqtt::ProtocolVersion::v5;

std::string numbered(const char* name, std::uint16_t packet_id) {
  return std::string(name) + " #" + std::to_string(packet_id);
}

std::string reasoned(const char* name, std::uint16_t packet_id, mqtt::ReasonCode reason) {
  return numbered(name, packet_id) + " " + mqtt::to_string(reason);
}

std::string text_of(const mqtt::ByteBuffer& packet) {
  return to_text(mqtt::split_frame(packet.view(), mqtt::packet_bytes_max).frame, v5);
}

}  // namespace

// ---------------------------------------------------------------- the session

core::SendResult FakeSession::send(const std::string& topic, const std::string& payload, int qos,
                                   std::uint16_t packet_id, std::span<const std::uint32_t> identifiers,
                                   core::ClusterMilliseconds expires_at, core::ClusterMilliseconds now) {
  core::MessageView message;
  message.topic = topic;
  message.payload = payload;
  message.qos = static_cast<mqtt::QoS>(qos);
  message.expires_at = expires_at;
  core::PublishEncoder encoder;
  encoder.start(message, now, false);
  core::PublishForm form;
  form.qos = message.qos;
  form.packet_id = packet_id;
  form.identifiers = identifiers;
  return outlet->send_publish(encoder, form);
}

void FakeSession::end() {
  if (outlet) outlet->give_up(mqtt::ReasonCode::server_busy, "discarded");
}

void FakeSession::attach(core::SessionOutlet& to) {
  told.push_back("attach");
  outlet = &to;
}

void FakeSession::detach() {
  told.push_back("detach");
  outlet = nullptr;
}

void FakeSession::subscribe(const mqtt::Subscribe& subscribe) {
  std::string text = numbered("SUBSCRIBE", subscribe.packet_id);
  for (const mqtt::Subscription& one : subscribe.subscriptions) text += " " + std::string(one.topic_filter);
  told.push_back(std::move(text));
}

void FakeSession::unsubscribe(const mqtt::Unsubscribe& unsubscribe) {
  std::string text = numbered("UNSUBSCRIBE", unsubscribe.packet_id);
  for (const std::string_view filter : unsubscribe.topic_filters) text += " " + std::string(filter);
  told.push_back(std::move(text));
}

void FakeSession::publish(std::uint16_t packet_id, const core::MessageView& message, bool refusable) {
  std::string text =
      numbered("PUBLISH", packet_id) + " " + std::string(message.topic) + " " + std::string(message.payload);
  if (message.retain) text += " retain";
  if (message.expires_at != 0) text += " until " + std::to_string(message.expires_at);
  if (!refusable) text += " not refusable";
  told.push_back(std::move(text));
}

void FakeSession::on_pubrel(std::uint16_t packet_id) { told.push_back(numbered("PUBREL", packet_id)); }
void FakeSession::on_puback(std::uint16_t packet_id) { told.push_back(numbered("PUBACK", packet_id)); }
void FakeSession::on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  told.push_back(reasoned("PUBREC", packet_id, reason));
}
void FakeSession::on_pubcomp(std::uint16_t packet_id) { told.push_back(numbered("PUBCOMP", packet_id)); }

// ---------------------------------------------------------------- the connection

void FakeConnection::attach_to(core::SessionInlet& inlet) {
  session = &inlet;
  inlet.attach(*this);
}

void FakeConnection::detach() {
  if (session) std::exchange(session, nullptr)->detach();
}

core::SendResult FakeConnection::send_publish(core::PublishEncoder& encoder, core::PublishForm& form) {
  if (answer != core::SendResult::sent) return answer;
  form.version = v5;
  mqtt::ByteBuffer packet;
  encoder.append(packet, form);
  got.push_back(text_of(packet));
  return answer;
}

void FakeConnection::send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  got.push_back(reasoned("PUBREL", packet_id, reason));
}
void FakeConnection::send_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  got.push_back(reasoned("PUBREC", packet_id, reason));
}
void FakeConnection::send_pubcomp(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  got.push_back(reasoned("PUBCOMP", packet_id, reason));
}
void FakeConnection::send_suback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  got.push_back(numbered("SUBACK", packet_id) + " x" + std::to_string(reasons.size()));
}
void FakeConnection::send_unsuback(std::uint16_t packet_id, std::span<const mqtt::ReasonCode> reasons) {
  got.push_back(numbered("UNSUBACK", packet_id) + " x" + std::to_string(reasons.size()));
}
void FakeConnection::give_up(mqtt::ReasonCode reason, const char*) {
  got.push_back(std::string("ended: ") + mqtt::to_string(reason));
  detach();
}

}  // namespace mqttzoo::test
