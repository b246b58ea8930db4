#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/in_flight_window.hpp"
#include "broker/core/message.hpp"
#include "broker/core/received_qos2.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"
#include "broker/core/session_outlet.hpp"
#include "broker/core/subscription_index.hpp"

namespace mqttzoo::core {

struct ShardContext;

/// What the broker keeps for a client (v5 and v3.1.1 4.1): subscriptions, messages on their way to it, and the QoS 2
/// identifiers received from it. Lives on the shard of its place; here that is the one of its connection, with which it
/// begins and ends (a clean session). Messages leave in the order in which they came, per QoS; QoS 0 is never kept
/// waiting by the in-flight window of QoS 1 and 2. Bounds: Limits::subscriptions_max, in_flight_max,
/// queue_messages_max, queue_bytes_max.
class Session {
 public:
  /// `receive_maximum` is the client's (v5 3.1.2.11.3).
  Session(ShardContext& shard, SessionOutlet& outlet, ConnectionId connection, std::uint16_t receive_maximum);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ConnectionId connection_id() const { return connection_; }

  // Subscriptions.

  bool is_subscribed(std::string_view filter) const { return subscriptions_.contains(filter); }
  /// Whether one more subscription keeps the limits.
  bool may_subscribe(std::string_view filter) const;
  void subscribe(std::string_view filter, const SubscriptionOptions& options);
  /// False if there was no such subscription.
  bool unsubscribe(std::string_view filter);

  // Messages to the client.

  /// One message that matched. `encoder` has started it. False if the session does not want it (it has ended, or the
  /// message is its own and No Local).
  bool deliver(RoutedMessage& message, PublishEncoder& encoder, const Delivery& delivery, const Deliveries& all) {
    if (stopped_) [[unlikely]]
      return false;
    if (delivery.audience != Audience::anybodys_messages) {
      const bool own = message.view().publisher == connection_;
      if (own != (delivery.audience == Audience::own_messages)) return false;
    }
    PublishForm form;
    form.qos = delivery.qos < message.view().qos ? delivery.qos : message.view().qos;
    form.retain = delivery.retain_as_published && message.view().retain;  // v5 [MQTT-3.3.1-12], [MQTT-3.3.1-13]
    form.identifiers = all.identifiers_of(delivery);
    if (form.qos == mqtt::QoS::at_most_once && holds_ == 0 && ahead_of_qos0_ == 0) {
      send_qos0(encoder, form);
    } else {
      deliver_in_order(message, encoder, form);
    }
    return true;
  }

  /// Live messages are held back from `hold` to the `release` that belongs to it: the retained messages of a new
  /// subscription go first.
  void hold() { ++holds_; }
  void release();
  /// Retained messages to send next, before what is held back; what is held back and is no newer than one of them is
  /// dropped. They wait in the queue without counting against its limits, since the retained store holds them anyway;
  /// their own is Limits::retained_waiting_max.
  struct Retained {
    MessageRef message;
    SubscriptionOptions options;
  };
  void deliver_retained(std::vector<Retained> retained);

  /// Sends what waits as far as the window and the outlet allow.
  void send_waiting();

  // Acknowledgements of the client (v5 and v3.1.1 4.3). Unknown identifiers are answered as the QoS asks.

  void on_puback(std::uint16_t packet_id);
  void on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason);
  void on_pubcomp(std::uint16_t packet_id);

  ReceivedQos2& received_qos2() { return received_qos2_; }

  /// No more deliveries. Subscriptions stay until `end`, so that a delivery going on is not disturbed.
  void stop() { stopped_ = true; }
  /// The end of a clean session: takes its subscriptions back and counts what it had not delivered.
  void end();

 private:
  struct Waiting {
    MessageRef message;
    SubscriptionIdentifiers identifiers;
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    bool retain = false;
    bool counted = false;  ///< against the limits of the queue; retained messages of a new subscription are not

    /// Later QoS 0 messages may overtake QoS 1 and 2, but neither QoS 0 nor an older retained value.
    bool keeps_qos0_behind() const { return qos == mqtt::QoS::at_most_once || !counted; }
  };

  void send_qos0(PublishEncoder& encoder, PublishForm& form) {
    const SendResult result = outlet_.send_publish(encoder, form);
    if (result != SendResult::sent) [[unlikely]]
      count_unsent(result);
  }
  void count_unsent(SendResult result);
  void deliver_in_order(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form);
  bool send_in_window(PublishEncoder& encoder, PublishForm& form);
  void wait(RoutedMessage& message, const PublishForm& form);
  void enqueue(Waiting waiting);
  bool send_first();
  void forget(const Waiting& waiting);
  void drop_overtaken(const std::vector<Retained>& retained);

  ShardContext& shard_;
  SessionOutlet& outlet_;
  ConnectionId connection_;
  bool stopped_ = false;
  std::uint16_t holds_ = 0;
  std::uint32_t ahead_of_qos0_ = 0;  ///< messages in waiting_ that keep later QoS 0 behind them
  InFlightWindow in_flight_;
  Ring<Waiting> waiting_;
  Ring<Waiting> held_;
  std::size_t counted_messages_ = 0;  ///< in waiting_ and held_
  std::size_t counted_bytes_ = 0;
  ReceivedQos2 received_qos2_;
  std::map<std::string, SubscriptionOptions, std::less<>> subscriptions_;
  std::size_t subscription_bytes_ = 0;
};

}  // namespace mqttzoo::core
