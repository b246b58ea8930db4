#include "tests/support/packet_text.hpp"

#include <cstdio>

#include "proto/mqtt/property_table.hpp"

namespace mqttzoo::test {

namespace {

std::string properties_text(const mqtt::PropertiesView& properties) {
  std::string text;
  for (const mqtt::Property& property : properties) {
    text += text.empty() ? " {" : " ";
    text += std::string(mqtt::to_string(property.id)) + "=";
    if (property.id == mqtt::PropertyId::user_property) text += std::string(property.name) + ":";
    text += property.value.data() ? std::string(property.value) : std::to_string(property.number);
  }
  return text.empty() ? text : text + "}";
}

std::string text_of(const mqtt::Publish& publish) {
  std::string text = "PUBLISH " + std::string(publish.topic) + " " + std::string(publish.payload);
  if (publish.qos != mqtt::QoS::at_most_once) {
    text += " qos" + std::to_string(static_cast<int>(publish.qos)) + " #" + std::to_string(publish.packet_id);
  }
  if (publish.dup) text += " dup";
  if (publish.retain) text += " retain";
  return text + properties_text(publish.properties);
}

std::string numbered(const char* name, std::uint16_t packet_id) {
  return std::string(name) + " #" + std::to_string(packet_id);
}

template <class Ack>
std::string acknowledgement(const char* name, const mqtt::DecodeResult<Ack>& ack) {
  if (!ack) return std::string("bad ") + name + ": " + ack.error().detail;
  return numbered(name, ack->packet_id) + " " + mqtt::to_string(ack->reason);
}

template <class Ack>
std::string list_acknowledgement(const char* name, const mqtt::DecodeResult<Ack>& ack) {
  if (!ack) return std::string("bad ") + name + ": " + ack.error().detail;
  std::string text = numbered(name, ack->packet_id);
  for (std::size_t i = 0; i < ack->reasons.size(); ++i) {
    char code[8];
    std::snprintf(code, sizeof code, " %02X", static_cast<unsigned>(ack->reasons[i]));
    text += code;
  }
  return text;
}

}  // namespace

std::string to_text(const mqtt::Frame& frame, mqtt::ProtocolVersion version) {
  using mqtt::PacketType;
  switch (frame.type()) {
    case PacketType::connack: {
      const auto connack = mqtt::decode_connack(frame, version);
      return connack ? std::string("CONNACK ") + mqtt::to_string(connack->reason) +
                           (connack->session_present ? " with session" : "")
                     : std::string("bad CONNACK: ") + connack.error().detail;
    }
    case PacketType::publish: {
      const auto publish = mqtt::decode_publish(frame, version, mqtt::Side::server);
      return publish ? text_of(*publish) : std::string("bad PUBLISH: ") + publish.error().detail;
    }
    case PacketType::puback:
      return acknowledgement("PUBACK", mqtt::decode_puback(frame, version));
    case PacketType::pubrec:
      return acknowledgement("PUBREC", mqtt::decode_pubrec(frame, version));
    case PacketType::pubrel:
      return acknowledgement("PUBREL", mqtt::decode_pubrel(frame, version));
    case PacketType::pubcomp:
      return acknowledgement("PUBCOMP", mqtt::decode_pubcomp(frame, version));
    case PacketType::suback:
      return list_acknowledgement("SUBACK", mqtt::decode_suback(frame, version));
    case PacketType::unsuback:
      return list_acknowledgement("UNSUBACK", mqtt::decode_unsuback(frame, version));
    case PacketType::disconnect: {
      const auto disconnect = mqtt::decode_disconnect(frame, version, mqtt::Side::server);
      return disconnect ? std::string("DISCONNECT ") + mqtt::to_string(disconnect->reason)
                        : std::string("bad DISCONNECT: ") + disconnect.error().detail;
    }
    case PacketType::auth: {
      const auto auth = mqtt::decode_auth(frame, version, mqtt::Side::server);
      if (!auth) return std::string("bad AUTH: ") + auth.error().detail;
      const auto text = [&](mqtt::PropertyId id) {
        return std::string(auth->properties.find_string(id).value_or("-"));
      };
      return std::string("AUTH ") + mqtt::to_string(auth->reason) + ' ' +
             text(mqtt::PropertyId::authentication_method) + ' ' + text(mqtt::PropertyId::authentication_data);
    }
    default:
      return mqtt::to_string(frame.type());
  }
}

}  // namespace mqttzoo::test
