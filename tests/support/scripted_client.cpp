#include "tests/support/scripted_client.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/support/packet_text.hpp"

namespace mqttzoo::test {

ShardUnderTest::ShardUnderTest(const core::Limits& limits, bool allow_anonymous)
    : anonymous(allow_anonymous), shard(0, limits, router, anonymous, open, random) {
  router.shard = &shard;
  shard.tick(now);
}

ShardUnderTest::ShardUnderTest(core::Authenticator& authenticator, const core::Authorizer& authorizer,
                               const core::Limits& limits)
    : anonymous(true), shard(0, limits, router, authenticator, authorizer, random) {
  router.shard = &shard;
  shard.tick(now);
}

void ShardUnderTest::advance(core::Milliseconds milliseconds) {
  now.steady += milliseconds;
  now.cluster += milliseconds;
  shard.tick(now);
  turn();
}

void ShardUnderTest::turn() {
  while (core::Connection* const connection = shard.take_dirty()) {
    auto* const client = static_cast<ScriptedClient*>(connection->edge());
    if (!client->takes_) continue;
    client->inbox_ += connection->output();
    shard.output_sent(*connection, connection->output().size(), now);
  }
  while (shard.take_pause_change()) ++pause_changes;
  while (auto ended = shard.take_ended()) {
    auto* const client = static_cast<ScriptedClient*>(ended->edge);
    client->inbox_ += ended->unsent.view();
    client->ended_ = std::move(ended->end);
    client->connection_ = nullptr;
  }
}

ScriptedClient::ScriptedClient(ShardUnderTest& shard, mqtt::ProtocolVersion protocol_version)
    : version(protocol_version),
      shard_(shard),
      connection_(shard.shard.open("192.0.2.1:1234", this, shard.now, shard.rules)) {
  refused_ = connection_ == nullptr;
  if (connection_) id_ = connection_->id();
}

void ScriptedClient::send_bytes(std::string_view bytes) {
  if (!connection_) throw std::logic_error("the connection has ended");
  const std::string copy(bytes);  // so that a sanitizer sees who keeps a view of it
  shard_.shard.received(*connection_, copy, shard_.now);
  shard_.turn();
}

void ScriptedClient::send_connect(std::string_view client_id, const ConnectOptions& options) {
  send(mqtt::Connect{.version = version,
                     .clean_start = options.clean_start,
                     .keep_alive_seconds = options.keep_alive_seconds,
                     .properties = options.properties,
                     .client_id = client_id,
                     .will = options.will,
                     .user_name = options.user_name,
                     .password = options.password});
}

ScriptedClient& ScriptedClient::connect(std::string_view client_id, const ConnectOptions& options) {
  send_connect(client_id, options);
  const auto answer = received();
  if (answer.size() != 1 || answer[0] != "CONNACK Success") throw std::runtime_error("CONNECT failed");
  return *this;
}

void ScriptedClient::publish(std::string_view topic, std::string_view payload, int qos, std::uint16_t packet_id,
                             bool retain, const mqtt::PropertiesView& properties) {
  send(mqtt::Publish{.dup = false,
                     .qos = static_cast<mqtt::QoS>(qos),
                     .retain = retain,
                     .packet_id = packet_id,
                     .topic = topic,
                     .payload = payload,
                     .properties = properties});
}

void ScriptedClient::send_subscribe(std::string_view filter, int qos, std::uint16_t packet_id) {
  mqtt::Subscription subscription;
  subscription.topic_filter = filter;
  subscription.qos = static_cast<mqtt::QoS>(qos);
  send_subscribe(subscription, 0, packet_id);
}

void ScriptedClient::send_subscribe(const mqtt::Subscription& subscription, std::uint32_t identifier,
                                    std::uint16_t packet_id) {
  mqtt::SubscriptionListWriter list;
  list.add(subscription);
  mqtt::PropertyWriter properties;
  if (identifier != 0) properties.add_number(mqtt::PropertyId::subscription_identifier, identifier);
  send(mqtt::Subscribe{.packet_id = packet_id, .properties = properties.view(), .subscriptions = list.list()});
}

void ScriptedClient::subscribe(std::string_view filter, int qos) {
  mqtt::Subscription subscription;
  subscription.topic_filter = filter;
  subscription.qos = static_cast<mqtt::QoS>(qos);
  subscribe(subscription);
}

void ScriptedClient::subscribe(const mqtt::Subscription& subscription, std::uint32_t identifier) {
  send_subscribe(subscription, identifier);
  const auto answer = received();
  const std::string granted = "SUBACK #1 0" + std::to_string(static_cast<int>(subscription.qos));
  if (answer.empty() || answer[0] != granted) throw std::runtime_error("SUBSCRIBE failed");
}

void ScriptedClient::unsubscribe(std::string_view filter, std::uint16_t packet_id) {
  mqtt::TopicFilterListWriter list;
  list.add(filter);
  send(mqtt::Unsubscribe{.packet_id = packet_id, .properties = {}, .topic_filters = list.list()});
}

void ScriptedClient::lose() {
  shard_.shard.lost(*connection_, "connection reset by peer", shard_.now);
  shard_.turn();
}

void ScriptedClient::take_again() {
  takes_ = true;
  take_some(connection_->output().size());
}

void ScriptedClient::take_some(std::size_t bytes) {
  const std::string_view output = connection_->output().substr(0, bytes);
  inbox_ += output;
  shard_.shard.output_sent(*connection_, output.size(), shard_.now);
  shard_.turn();
}

std::vector<std::string> ScriptedClient::received() {
  std::vector<std::string> packets;
  std::string_view rest = inbox_;
  while (!rest.empty()) {
    const mqtt::Split split = mqtt::split_frame(rest, mqtt::packet_bytes_max);
    if (split.status != mqtt::SplitStatus::complete) {
      packets.push_back("unfinished packet");
      break;
    }
    if (split.frame.type() == mqtt::PacketType::connack) last_connack_ = rest.substr(0, split.frame.total_size);
    packets.push_back(to_text(split.frame, version));
    rest.remove_prefix(split.frame.total_size);
  }
  inbox_.clear();
  return packets;
}

std::optional<std::uint32_t> ScriptedClient::connack_number(mqtt::PropertyId id) const {
  const mqtt::Split split = mqtt::split_frame(last_connack_, mqtt::packet_bytes_max);
  return mqtt::decode_connack(split.frame, version).value().properties.find_number(id);
}

std::string ScriptedClient::connack_string(mqtt::PropertyId id) const {
  const mqtt::Split split = mqtt::split_frame(last_connack_, mqtt::packet_bytes_max);
  return std::string(mqtt::decode_connack(split.frame, version).value().properties.find_string(id).value_or(""));
}

}  // namespace mqttzoo::test
