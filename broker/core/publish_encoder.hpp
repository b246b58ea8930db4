#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "broker/core/message.hpp"
#include "proto/mqtt/encode_publish.hpp"

namespace mqttzoo::core {

/// How one subscriber gets a message.
struct PublishForm {
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool retain = false;
  bool dup = false;                            ///< sent on an earlier connection; not with many subscribers
  std::uint16_t packet_id = 0;                 ///< 0 exactly with QoS 0
  std::uint16_t topic_alias = 0;               ///< v5; 0: none
  bool topic_known = false;                    ///< the alias says it all
  std::span<const std::uint32_t> identifiers;  ///< v5 Subscription Identifiers; ignored in v3
};

/// Turns one message at a time into PUBLISH packets. With many subscribers each form (version, QoS, RETAIN) is encoded
/// once and then copied; only the Packet Identifier differs. One per shard, for its memory.
class PublishEncoder {
 public:
  /// `message` must stay until the next start. `now` decides the Message Expiry Interval that is sent on.
  void start(const MessageView& message, ClusterMilliseconds now, bool many_subscribers) {
    message_ = &message;
    many_ = many_subscribers;
    kept_ = 0;
    // To the nearest second, so that brokers whose clocks differ a little do not lengthen it; what is alive has one
    // left, but for what had none from the start.
    expiry_seconds_left_ =
        message.expires_at <= expires_at_once
            ? 0
            : static_cast<std::uint32_t>(std::max<ClusterMilliseconds>(1, (message.expires_at - now + 500) / 1000));
  }

  const MessageView& message() const { return *message_; }

  /// Bytes of the packet, to compare with the client's Maximum Packet Size.
  std::size_t size(const PublishForm& form) { return mqtt::encoded_size(packet(form), form.version); }

  void append(mqtt::ByteBuffer& out, const PublishForm& form) {
    if (!many_ || !form.identifiers.empty() || form.topic_alias != 0) {
      mqtt::encode(out, packet(form), form.version);
      return;
    }
    const mqtt::EncodedPublish& encoded = encoded_once(form);
    if (form.qos == mqtt::QoS::at_most_once) {
      encoded.append_to(out);
    } else {
      encoded.append_to(out, form.packet_id);
    }
  }

 private:
  mqtt::Publish packet(const PublishForm& form) {
    mqtt::Publish publish;
    publish.dup = form.dup;
    publish.qos = form.qos;
    publish.retain = form.retain;
    publish.packet_id = form.packet_id;
    if (!form.topic_known) publish.topic = message_->topic;
    publish.payload = message_->payload;
    if (form.version == mqtt::ProtocolVersion::v5) {
      const bool as_it_came = message_->expires_at == 0 && form.identifiers.empty() && form.topic_alias == 0;
      // Encoding needs the bytes alone, not the set of what is in them.
      publish.properties = as_it_came ? mqtt::PropertiesView{message_->properties, {}} : properties(form);
    }
    return publish;
  }
  const mqtt::EncodedPublish& encoded_once(const PublishForm& form);
  mqtt::PropertiesView properties(const PublishForm& form);

  const MessageView* message_ = nullptr;
  bool many_ = false;
  std::uint32_t kept_ = 0;  ///< a bit per form that is in encoded_
  std::uint32_t expiry_seconds_left_ = 0;
  std::array<mqtt::EncodedPublish, 12> encoded_;
  mqtt::ByteBuffer properties_;
};

}  // namespace mqttzoo::core
