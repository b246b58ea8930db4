#include "proto/mqtt/decode.hpp"
#include "proto/mqtt/packet_reader.hpp"
#include "proto/mqtt/subscription_options.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::mqtt {

namespace {

void check_options(PacketReader& reader, SubscriptionOptions options, std::string_view topic_filter) {
  if (!reader.is_v5()) {
    // v3.1.1 [MQTT-3.8.3-4]
    reader.require(options.bits <= 2, malformed("requested QoS is not 0, 1 or 2"));
    return;
  }
  reader.require(options.reserved() == 0, malformed("reserved Subscription Options are set"));  // [MQTT-3.8.3-5]
  reader.require(options.qos() <= 2, protocol_error("Maximum QoS of a subscription is 3"));
  reader.require(options.retain_handling() <= 2, protocol_error("Retain Handling is 3"));
  // [MQTT-3.8.3-4]
  reader.require(!options.no_local() || !is_shared_filter(topic_filter),
                 protocol_error("No Local on a Shared Subscription"));
}

}  // namespace

DecodeResult<Subscribe> decode_subscribe(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  Subscribe subscribe;
  subscribe.packet_id = reader.packet_id();
  subscribe.properties = reader.properties(place_of(PacketType::subscribe));
  const std::string_view payload = reader.rest();
  std::size_t count = 0;
  for (; !reader.at_end(); ++count) {
    const std::string_view topic_filter = reader.text();
    check_options(reader, SubscriptionOptions{reader.byte()}, topic_filter);
  }
  // v5 [MQTT-3.8.3-2], v3.1.1 [MQTT-3.8.3-3]
  reader.require(count != 0, protocol_error("SUBSCRIBE without a Topic Filter"));
  subscribe.subscriptions = SubscriptionList(payload, count);
  return reader.finish(subscribe);
}

DecodeResult<Unsubscribe> decode_unsubscribe(const Frame& frame, ProtocolVersion version) {
  PacketReader reader(frame, version);
  Unsubscribe unsubscribe;
  unsubscribe.packet_id = reader.packet_id();
  unsubscribe.properties = reader.properties(place_of(PacketType::unsubscribe));
  const std::string_view payload = reader.rest();
  std::size_t count = 0;
  for (; !reader.at_end(); ++count) reader.text();
  // v5 and v3.1.1 [MQTT-3.10.3-2]
  reader.require(count != 0, protocol_error("UNSUBSCRIBE without a Topic Filter"));
  unsubscribe.topic_filters = TopicFilterList(payload, count);
  return reader.finish(unsubscribe);
}

}  // namespace mqttzoo::mqtt
