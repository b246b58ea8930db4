#include "tests/simulation/clients/client.hpp"

#include <algorithm>

#include "proto/mqtt/property_writer.hpp"

namespace mqttzoo::sim {

namespace {

using mqtt::PropertyId;
using mqtt::QoS;

// How long a client waits for CONNACK before it tries elsewhere.
constexpr Milliseconds connack_wait_ms = 10'000;
constexpr Milliseconds comes_back_min_ms = 20;
constexpr Milliseconds comes_back_max_ms = 800;

}  // namespace

Client::Client(World& world, History& history, Random& random, ClientOptions options)
    : world_(world),
      history_(history),
      random_(random),
      options_(std::move(options)),
      index_(history.clients.size()),
      place_("client " + options_.id + " " + std::to_string(index_)),
      comes_back_(options_.comes_back) {
  history_.clients.push_back({options_.id, options_.persistent});
}

Client::~Client() {
  *alive_ = false;
  if (stream_) stream_->ends[Stream::opener].wake = nullptr;
}

void Client::note(std::string_view what) { world_.note(options_.id, what); }

void Client::bad(std::string_view what) {
  history_.protocol_errors.push_back(std::to_string(world_.now()) + " ms, " + options_.id + ": " + std::string(what));
  note(what);
}

// ---------------------------------------------------------------- connections

void Client::connect(const Place& broker) {
  let_go();
  ConnectionRecord record;
  record.client = index_;
  record.broker = broker;
  record.process = world_.process_number(broker);
  record.dialled = world_.now();
  record.session_lasts = !options_.persistent ? 0 : Milliseconds{options_.session_expiry_seconds} * 1000;
  stream_ = world_.network().dial(place_, broker, Port::mqtt, [this, alive = alive_] {
    world_.events().schedule(0, [this, alive] {
      if (*alive) arrived();
    });
  });
  record.stream = stream_->number;
  connection_ = history_.connections.size();
  history_.connections.push_back(record);
  note("connects to " + broker);
  send_connect();
  world_.events().schedule(connack_wait_ms, [this, alive = alive_, stream = stream_] {
    if (*alive && stream_ == stream && !connected_) lose();
  });
}

void Client::send_connect() {
  mqtt::PropertyWriter properties;
  mqtt::PropertyWriter will_properties;
  const bool is_v5 = options_.version == mqtt::ProtocolVersion::v5;
  if (is_v5 && options_.persistent)
    properties.add_number(PropertyId::session_expiry_interval, options_.session_expiry_seconds);
  mqtt::Connect connect{.version = options_.version,
                        .clean_start = !options_.persistent,
                        .keep_alive_seconds = 0,
                        .properties = properties.view(),
                        .client_id = options_.id,
                        .will = {},
                        .user_name = {},
                        .password = {}};
  std::string payload;
  if (!options_.will_topic.empty()) {
    const MessageIndex will = new_message(options_.will_topic, options_.will_qos);
    history_.messages[will].is_will = true;
    history_.connections[connection_].has_will = true;
    history_.connections[connection_].will = will;
    if (is_v5 && options_.will_delay_seconds != 0) {
      will_properties.add_number(PropertyId::will_delay_interval, options_.will_delay_seconds);
      history_.connections[connection_].will_delay =
          std::min(Milliseconds{options_.will_delay_seconds} * 1000, history_.connections[connection_].session_lasts);
    }
    payload = 'm' + std::to_string(will);
    connect.will = mqtt::Will{.qos = options_.will_qos,
                              .retain = false,
                              .topic = options_.will_topic,
                              .payload = payload,
                              .properties = will_properties.view()};
  }
  send(connect);
}

void Client::disconnect() {
  if (!stream_) return;
  note("disconnects");
  if (connected_) {
    history_.connections[connection_].disconnected = true;
    send(mqtt::Disconnect{.reason = {}, .properties = {}});
  }
  world_.network().close(stream_, Stream::opener);
  end_record();
}

void Client::lose(bool silently) {
  if (!stream_) return;
  note(silently ? "loses its connection, and nobody hears of it" : "loses its connection");
  if (silently) {
    stream_->ends[Stream::opener].wake = nullptr;
    let_go_.push_back(stream_);
  } else {
    world_.network().close(stream_, Stream::opener);
  }
  end_record();
  come_back_later();
}

void Client::let_go() {
  if (!stream_) return;
  stream_->ends[Stream::opener].wake = nullptr;
  let_go_.push_back(stream_);
  end_record();
}

void Client::bury_the_dead() {
  for (const StreamRef& stream : std::exchange(let_go_, {})) world_.network().close(stream, Stream::opener);
}

void Client::end_record() {
  history_.connections[connection_].ended = world_.now();
  connected_ = false;
  stream_.reset();
  unread_.clear();
  waiting_subscribes_.clear();
  waiting_unsubscribes_.clear();
  if (!options_.persistent) forget_session();
}

void Client::connection_over() {
  note("its connection is over");
  world_.network().close(stream_, Stream::opener);
  end_record();
  come_back_later();
}

void Client::come_back(const Place& broker) {
  comes_back_ = true;
  if (!stream_) connect(broker);
}

void Client::come_back_later() {
  if (!comes_back_) return;
  world_.events().schedule(random_.between(comes_back_min_ms, comes_back_max_ms), [this, alive = alive_] {
    if (!*alive || stream_ || !comes_back_) return;
    const auto brokers = world_.running();
    if (brokers.empty()) return come_back_later();
    connect(random_.pick(brokers));
  });
}

// ---------------------------------------------------------------- the session

void Client::forget_session() {
  unreleased_.clear();
  for (SubscriptionRecord& subscription : history_.subscriptions) {
    if (subscription.client == index_ && subscription.ended == never_happened) subscription.ended = world_.now();
  }
  // A message of QoS 2 may have arrived and may not: it is not sent again. One of QoS 1 is, under a new number.
  std::erase_if(in_flight_, [&](const InFlight& one) {
    MessageRecord& message = history_.messages[one.message];
    const bool again = message.qos == QoS::at_least_once && message.acknowledged == never_happened && !message.retain;
    if (!again) message.given_up = true;
    return !again;
  });
}

void Client::resume_session() {
  const bool present = history_.connections[connection_].session_present;
  for (InFlight& one : in_flight_) {
    if (one.released) {
      send(mqtt::Pubrel{.packet_id = one.packet_id, .reason = {}, .properties = {}});
    } else {
      ++history_.messages[one.message].connections;
      send_publish(one, present);
    }
  }
}

bool Client::is_subscribed(const std::string& filter) const {
  return std::any_of(history_.subscriptions.begin(), history_.subscriptions.end(), [&](const auto& subscription) {
    return subscription.client == index_ && subscription.filter == filter && subscription.generation == generation_ &&
           subscription.granted != never_happened && subscription.ended == never_happened;
  });
}

std::uint16_t Client::free_packet_id() {
  for (;;) {
    if (++last_packet_id_ == 0) ++last_packet_id_;
    const bool used = waiting_subscribes_.contains(last_packet_id_) ||
                      waiting_unsubscribes_.contains(last_packet_id_) ||
                      std::any_of(in_flight_.begin(), in_flight_.end(),
                                  [&](const InFlight& one) { return one.packet_id == last_packet_id_; });
    if (!used) return last_packet_id_;
  }
}

void Client::always_subscribe(const std::string& filter, QoS qos) {
  standing_[filter] = qos;
  if (connected_) subscribe(filter, qos);
}

void Client::subscribe(const std::string& filter, QoS qos) {
  if (!connected_) return;
  end_subscription(filter);  // this one takes its place
  SubscriptionRecord record;
  record.client = index_;
  record.connection = connection_;
  record.generation = generation_;
  record.filter = filter;
  record.qos = qos;
  record.sent = world_.now();
  const std::uint16_t packet_id = free_packet_id();
  waiting_subscribes_[packet_id] = history_.subscriptions.size();
  history_.subscriptions.push_back(record);
  note("subscribes to " + filter + " qos" + std::to_string(static_cast<int>(qos)));
  mqtt::SubscriptionListWriter list;
  list.add(
      {.topic_filter = filter, .qos = qos, .no_local = false, .retain_as_published = false, .retain_handling = {}});
  send(mqtt::Subscribe{.packet_id = packet_id, .properties = {}, .subscriptions = list.list()});
}

void Client::end_subscription(const std::string& filter) {
  for (SubscriptionRecord& subscription : history_.subscriptions) {
    const bool is_meant = subscription.client == index_ && subscription.filter == filter;
    if (is_meant && subscription.ended == never_happened) subscription.ended = world_.now();
  }
}

void Client::unsubscribe(const std::string& filter) {
  standing_.erase(filter);
  if (!connected_) return;
  end_subscription(filter);
  note("unsubscribes from " + filter);
  const std::uint16_t packet_id = free_packet_id();
  mqtt::TopicFilterListWriter list;
  list.add(filter);
  send(mqtt::Unsubscribe{.packet_id = packet_id, .properties = {}, .topic_filters = list.list()});
}

// ---------------------------------------------------------------- publishing

MessageIndex Client::new_message(const std::string& topic, QoS qos) {
  MessageRecord message;
  message.client = index_;
  message.topic = topic;
  message.qos = qos;
  message.begun = world_.now();
  message.connection = connection_;
  message.connections = 1;
  history_.messages.push_back(message);
  return history_.messages.size() - 1;
}

std::optional<MessageIndex> Client::publish(const std::string& topic, QoS qos, bool retain, std::uint32_t lasts_seconds,
                                            bool deletes) {
  if (!connected_) return std::nullopt;
  const MessageIndex index = new_message(topic, qos);
  MessageRecord& message = history_.messages[index];
  message.retain = retain;
  message.deletes = deletes;
  if (options_.version == mqtt::ProtocolVersion::v5) message.lasts = Milliseconds{lasts_seconds} * 1000;
  InFlight one{index, 0, false};
  if (qos != QoS::at_most_once) one.packet_id = free_packet_id();
  note("publishes m" + std::to_string(index) + " qos" + std::to_string(static_cast<int>(qos)) + " to " + topic +
       (retain ? deletes ? ", deletes" : ", retained" : ""));
  send_publish(one, false);
  if (qos != QoS::at_most_once) in_flight_.push_back(one);
  return index;
}

void Client::send_publish(InFlight& publish, bool dup) {
  const MessageRecord& message = history_.messages[publish.message];
  mqtt::PropertyWriter properties;
  if (message.lasts != 0)
    properties.add_number(PropertyId::message_expiry_interval, static_cast<std::uint32_t>(message.lasts / 1000));
  const std::string payload = message.deletes ? "" : 'm' + std::to_string(publish.message);
  send(mqtt::Publish{.dup = dup,
                     .qos = message.qos,
                     .retain = message.retain,
                     .packet_id = publish.packet_id,
                     .topic = message.topic,
                     .payload = payload,
                     .properties = properties.view()});
}

}  // namespace mqttzoo::sim
