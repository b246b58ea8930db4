#include "broker/core/connection_send.hpp"
#include "broker/core/message_source.hpp"
#include "broker/core/topic_rules.hpp"
#include "broker/core/version_policy.hpp"
#include "proto/mqtt/decode_publish.hpp"
#include "proto/mqtt/utf8.hpp"

// PUBLISH from a client: v5 3.3, 4.3; v3.1.1 3.3, 4.3.
namespace mqttzoo::core {

/// Nearly all messages need no closer look.
bool Connection::is_questionable(const mqtt::Publish& publish) const {
  return rights_ || publish.topic.size() >= shard_.limits.topic_levels_max || publish.topic.front() == '$' ||
         publish.payload.size() > rules_.payload_bytes_max ||
         (rules_.validates_payload_format && !publish.properties.empty());
}

void Connection::on_publish(const mqtt::Frame& frame) {
  auto decoded = mqtt::decode_publish(frame, version_, mqtt::Side::client);
  if (!decoded) return fail(decoded.error());
  mqtt::Publish& publish = *decoded;
  shard_.counters.publishes_received[static_cast<std::size_t>(publish.qos)].add();
  shard_.counters.publish_bytes_received.add(publish.payload.size());
  if (breaks_rules(publish)) [[unlikely]]
    return;
  if (!publish.properties.empty() && !resolve_topic(publish)) return;
  if (publish.qos == mqtt::QoS::exactly_once) return on_publish_qos2(publish);
  const bool at_least_once = publish.qos == mqtt::QoS::at_least_once;
  if (at_least_once && !may_begin_publish()) return;
  if (is_questionable(publish) && refuse_publish(publish)) return;
  RoutedMessage message(message_of(publish));
  if (!at_least_once) return shard_.router.publish(message, {});
  publishes_qos12_ = true;
  const std::uint64_t sequence = expect_answer(publish);
  shard_.router.publish(message, PublishTicket::of_connection(id_, sequence, policy_of(version_).refuses_publishes));
  if (shard_.router.must_pause() && reads_on()) pause(Pause::router);
}

/// The session routes it, since it knows which ones it had before (v5 and v3.1.1 4.3.3).
void Connection::on_publish_qos2(const mqtt::Publish& publish) {
  switch (unreleased_.state_of(publish.packet_id)) {
    case UnreleasedPublishes::State::unanswered:  // repeated; its answer comes anyway
      return shard_.counters.repeated_publishes_ignored.add();
    case UnreleasedPublishes::State::answered:
      answers_.expect_repeated(publish.packet_id);
      pause_if_unanswered();
      // The session may not know the identifier: its message was refused silently, or has been released there already.
      if (is_questionable(publish) && is_refused(publish)) {
        shard_.counters.repeated_publishes_ignored.add();
        return send_pubrec(publish.packet_id, mqtt::ReasonCode::success);
      }
      break;
    case UnreleasedPublishes::State::unknown:
      if (!may_begin_publish()) return;
      if (is_questionable(publish) && refuse_publish(publish)) return;
      expect_answer(publish);
      break;
  }
  publishes_qos12_ = true;
  session_->publish(publish.packet_id, message_of(publish), policy_of(version_).refuses_publishes);
  if (shard_.router.must_pause() && reads_on()) pause(Pause::router);
  pause_if_session_must();
}

/// v5 [MQTT-3.3.4-7], [MQTT-3.3.4-8]. False: the connection has ended.
bool Connection::may_begin_publish() {
  if (!policy_of(version_).announces_limits || unfinished_publishes_ < shard_.limits.receive_maximum) return true;
  fail(mqtt::ReasonCode::receive_maximum_exceeded, "more PUBLISH under way than Receive Maximum");
  return false;
}

/// v5 3.2.2.3.4, 3.2.2.3.5. True: the connection has ended.
bool Connection::breaks_rules(const mqtt::Publish& publish) {
  if (publish.qos > rules_.qos_max) {
    fail(mqtt::ReasonCode::qos_not_supported, "QoS above the maximum");
    return true;
  }
  if (publish.retain && !rules_.retain_available) {
    fail(mqtt::ReasonCode::retain_not_supported, "retained messages are not available");
    return true;
  }
  return false;
}

/// v5 3.3.2.3.4. False: the connection has ended.
bool Connection::resolve_topic(mqtt::Publish& publish) {
  const auto alias = publish.properties.find_number(mqtt::PropertyId::topic_alias);
  if (!alias) return true;
  if (*alias > rules_.topic_alias_maximum) {  // [MQTT-3.3.2-9]
    fail(mqtt::ReasonCode::topic_alias_invalid, "Topic Alias above the maximum");
    return false;
  }
  if (!aliases_) aliases_ = std::make_unique<TopicAliases>();
  if (!publish.topic.empty()) {
    aliases_->set(static_cast<std::uint16_t>(*alias), publish.topic);
  } else {
    publish.topic = aliases_->find(static_cast<std::uint16_t>(*alias));
    if (publish.topic.empty()) {
      fail(mqtt::ReasonCode::protocol_error, "Topic Alias without a topic");
      return false;
    }
  }
  return true;
}

/// True: the message is not routed, and the client knows as far as its version can tell.
bool Connection::refuse_publish(const mqtt::Publish& publish) {
  if (too_deep_or_long(publish.topic, shard_.limits)) [[unlikely]] {
    if (publish.qos != mqtt::QoS::at_most_once && policy_of(version_).refuses_publishes) {
      answer_refused(publish, mqtt::ReasonCode::topic_name_invalid);
    } else {
      fail(mqtt::ReasonCode::topic_name_invalid, "the topic has too many levels or is too long");
    }
    return true;
  }
  if (publish.payload.size() > rules_.payload_bytes_max) {
    refuse_silently(publish, DropReason::payload_too_long, mqtt::ReasonCode::implementation_specific_error);
    return true;
  }
  if (has_wrong_format(publish.properties, publish.payload)) {
    refuse_silently(publish, DropReason::payload_format_invalid, mqtt::ReasonCode::payload_format_invalid);
    return true;
  }
  if (is_denied(publish.topic)) {
    refuse_silently(publish, DropReason::not_authorized, mqtt::ReasonCode::not_authorized);
    return true;
  }
  return false;
}

/// Whether `refuse_publish` refuses it.
bool Connection::is_refused(const mqtt::Publish& publish) const {
  return too_deep_or_long(publish.topic, shard_.limits) || publish.payload.size() > rules_.payload_bytes_max ||
         has_wrong_format(publish.properties, publish.payload) || is_denied(publish.topic);
}

bool Connection::is_denied(std::string_view topic) const {
  return (topic.front() == '$' && is_reserved_topic(topic)) || !may_publish(topic);
}

/// v5 3.3.2.3.2.
bool Connection::has_wrong_format(const mqtt::PropertiesView& properties, std::string_view payload) const {
  return rules_.validates_payload_format && properties.number_or(mqtt::PropertyId::payload_format_indicator, 0) == 1 &&
         !mqtt::well_formed_utf8(payload);
}

/// A client that cannot be told why is told that the message was taken (v3.1.1 3.3.5).
void Connection::refuse_silently(const mqtt::Publish& publish, DropReason drop, mqtt::ReasonCode reason) {
  shard_.counters.dropped(drop).add();
  if (publish.qos == mqtt::QoS::at_most_once) return;
  const bool can_answer = policy_of(version_).refuses_publishes;
  answer_refused(publish, can_answer ? reason : mqtt::ReasonCode::success);
}

/// An error frees the Packet Identifier (v5 4.3.3). But a persistent session may have had the message on an earlier
/// connection, before it would have been refused. So it is asked to release the identifier, and says whether it had it.
void Connection::answer_refused(const mqtt::Publish& publish, mqtt::ReasonCode reason) {
  const std::uint64_t sequence = expect_answer(publish);
  const bool may_be_known = publish.qos == mqtt::QoS::exactly_once && !shard_.sessions.find(own_session_);
  if (!mqtt::is_error(reason) || !may_be_known) return on_published(sequence, reason);
  answers_.ask(sequence, reason);
  session_->on_pubrel(publish.packet_id);
}

bool Connection::may_publish(std::string_view topic) const { return !rights_ || rights_->may_publish(topic); }

std::uint64_t Connection::expect_answer(const mqtt::Publish& publish) {
  ++unfinished_publishes_;
  if (publish.qos == mqtt::QoS::exactly_once) unreleased_.begin(publish.packet_id);
  const std::uint64_t sequence = answers_.expect(publish.packet_id, publish.qos);
  pause_if_unanswered();
  return sequence;
}

/// v5 clients keep to Receive Maximum; but v3 clients do not know one, and repeated PUBLISH packets do not count.
void Connection::pause_if_unanswered() {
  const std::size_t bound = std::size_t{shard_.limits.receive_maximum} * (policy_of(version_).announces_limits ? 2 : 1);
  if (answers_.size() >= bound) [[unlikely]]
    pause(Pause::unanswered);
}

/// Good until the next one of this shard.
std::string_view Connection::source() {
  shard_.travelling_source = MessageSource::text_of(client_id_, user_name_.get());
  return shard_.travelling_source;
}

/// Good until the next one of this shard.
MessageView Connection::message_of(const mqtt::Publish& publish) {
  using mqtt::PropertyId;
  MessageView view;
  view.topic = publish.topic;
  view.payload = publish.payload;
  view.qos = publish.qos;
  view.retain = publish.retain;
  view.publisher = client_;
  if (publish.retain) view.source = source();
  if (publish.properties.empty()) return view;
  constexpr mqtt::PropertySet of_this_hop{PropertyId::topic_alias, PropertyId::message_expiry_interval};
  view.properties = publish.properties.raw();
  if (!publish.properties.present().intersects(of_this_hop)) return view;
  mqtt::PropertyWriter& travelling = shard_.travelling_properties;
  travelling.clear();
  travelling.copy(publish.properties, of_this_hop);
  view.properties = travelling.view().raw();
  const auto seconds = publish.properties.find_number(PropertyId::message_expiry_interval);
  if (seconds) view.expires_at = expiry_time(*seconds, shard_.now.cluster);
  return view;
}

}  // namespace mqttzoo::core
