#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/authorizer.hpp"
#include "broker/core/deadline_queue.hpp"
#include "broker/core/in_flight_window.hpp"
#include "broker/core/kept_session.hpp"
#include "broker/core/message.hpp"
#include "broker/core/received_qos2.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"
#include "broker/core/session_inlet.hpp"
#include "broker/core/session_journal.hpp"
#include "broker/core/session_outlet.hpp"
#include "broker/core/shared_subscriptions.hpp"
#include "broker/core/subscribe_answers.hpp"
#include "broker/core/subscription_index.hpp"

namespace mqttzoo::core {

struct ShardContext;

/// What the broker keeps for a client (v5 and v3.1.1 4.1): subscriptions, messages on their way to it, and the QoS 2
/// identifiers received from it. A clean session lives on the shard of its connection, with which it begins and ends. A
/// persistent one lives on a shard of the home of its Client Identifier, whether or not a connection serves it.
///
/// What happens to a persistent session is written to the journal. Where somebody keeps that, messages are sent to the
/// client, and packets answered, when it is committed. The messages of a persistent session are numbered as they are
/// accepted, and their Packet Identifiers follow from that: so a new home goes on with the same ones.
///
/// Messages leave in the order in which they came, per QoS; QoS 0 is never kept waiting by the in-flight window of
/// QoS 1 and 2, and not kept for a client that is not connected. Bounds: Limits::subscriptions_max, in_flight_max,
/// in_flight_bytes_max, queue_messages_max, queue_bytes_max.
class Session final : public SessionInlet {
 public:
  /// `client_id` is the key of a persistent session in its table; null: a clean session.
  Session(ShardContext& shard, SessionId id, ClientKey client, const std::string* client_id);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SessionId id() const { return id_; }
  bool persistent() const { return client_id_ != nullptr; }
  /// Only of a persistent session.
  const std::string& client_id() const { return *client_id_; }
  bool attached() const { return outlet_ != nullptr; }
  /// Of the connection that comes next (v5 3.1.2.11.3).
  void set_receive_maximum(std::uint16_t receive_maximum) { receive_maximum_ = receive_maximum; }

  /// Of the client that comes next.
  void serve(std::optional<std::string_view> user_name);
  /// The client has gone, until this time of the cluster's clock (0: for ever) at the latest.
  void leave(ClusterMilliseconds ends_at);
  /// Of the client that comes next: null for everything. What was queued for another user is looked at again.
  void set_rights(std::shared_ptr<const Rights> rights);
  bool may_receive(std::string_view topic) const { return !rights_ || rights_->may_receive(topic); }

  // Messages to the client.

  /// One message that matched. `encoder` has started it. False if the session does not want it (it has ended, or the
  /// message is its own and No Local).
  bool deliver(RoutedMessage& message, PublishEncoder& encoder, const Delivery& delivery, const Deliveries& all) {
    if (stopped_ || (message.repeated() && !persistent())) [[unlikely]]
      return false;
    if (delivery.audience != Audience::anybodys_messages) {
      const bool own = message.view().publisher == client_;
      if (own != (delivery.audience == Audience::own_messages)) return false;
    }
    PublishForm form;
    form.qos = outgoing_qos(delivery.qos, message.view().qos);
    form.retain = delivery.retain_as_published && message.view().retain;  // v5 [MQTT-3.3.1-12], [MQTT-3.3.1-13]
    form.identifiers = all.identifiers_of(delivery);
    if (journal_ && !is_new(message, form)) [[unlikely]]
      return true;
    if (form.qos == mqtt::QoS::at_most_once && holds_ == 0 && ahead_of_qos0_ == 0) {
      send_qos0(encoder, form);
    } else {
      deliver_in_order(message, encoder, form);
    }
    return true;
  }

  /// One message as a member of a Shared Subscription. False: it would have to wait, or, if it may, there is no room
  /// for it (or it is larger than the client takes). Then nothing has happened.
  bool deliver_shared(RoutedMessage& message, PublishEncoder& encoder, SubscriptionOptions options, Share& share,
                      bool may_wait);

  // SessionInlet

  void attach(SessionOutlet& outlet) override;
  void detach() override;
  void send_waiting() override;
  bool must_pause() override { return false; }
  void subscribe(const mqtt::Subscribe& subscribe) override;
  void unsubscribe(const mqtt::Unsubscribe& unsubscribe) override;
  void publish(std::uint16_t packet_id, const MessageView& message, bool refusable) override;
  void on_pubrel(std::uint16_t packet_id) override;
  void on_puback(std::uint16_t packet_id) override;
  void on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason) override;
  void on_pubcomp(std::uint16_t packet_id) override;

  // For Shard.

  /// The QoS 2 PUBLISH with this identifier was routed, or was not.
  void on_published(std::uint16_t packet_id, mqtt::ReasonCode reason);
  void on_retained_read_begins(std::uint64_t sequence);
  void on_subscription_settled(std::uint64_t sequence, std::vector<RetainedMatch> retained);
  /// What was written to the journal is committed.
  void on_committed();
  /// From now on it gets no message of a Shared Subscription.
  void leave_shares();
  /// Takes its subscriptions back and counts what it had not delivered; its connection, if it has one, gives up.
  void end();

  // A persistent session moves (session_keeping.cpp).

  /// Goes on with what another home kept. Before anything else.
  void restore(KeptSession&& kept);
  /// What somebody else needs to go on with it, but for messages below `from`, and after about so many bytes of them.
  /// `from` becomes the number to go on with; 0: that was all.
  KeptSession keep(std::uint64_t& from, std::size_t bytes_max) const;
  /// Somebody else goes on with all of it: it ends here, which nobody else is to know.
  KeptSession give_away();
  ClusterMilliseconds ends_at() const { return ends_at_; }
  /// Whether a client may take it for the one it knows. Not, if a part of it was lost.
  bool whole() const { return whole_; }

  void record(SessionChange change);

  DeadlineSlot expiry_slot;

 private:
  /// A Packet Identifier comes again after twice as many messages.
  static constexpr std::size_t numbers_per_drain = 32'767;

  struct Waiting {
    MessageRef message;
    SubscriptionIdentifiers identifiers;
    ShareRef share;  ///< null: not as a member of a Shared Subscription
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    bool retain = false;
    bool counted = false;      ///< against the limits of the queue; retained messages of a new subscription are not
    bool repeated = false;     ///< may have been sent before by another home
    std::uint64_t number = 0;  ///< delivery number; 0: none yet, or QoS 0
    LogIndex after = 0;        ///< not sent before this is committed

    /// Later QoS 0 messages may overtake QoS 1 and 2, but neither QoS 0 nor an older retained value.
    bool keeps_qos0_behind() const { return qos == mqtt::QoS::at_most_once || !counted; }
    PublishForm form() const;
    KeptMessage kept() const;
  };
  /// An answer that waits for the journal.
  struct Answer {
    enum class Kind : std::uint8_t { pubrec, pubrel, pubcomp, unsuback } kind = Kind::pubrec;
    std::uint16_t packet_id = 0;
    LogIndex after = 0;
    std::vector<mqtt::ReasonCode> reasons;  ///< none: success
  };
  struct Retained {
    MessageRef message;
    SubscriptionOptions options;
  };

  // The way of a message to the client (session.cpp).
  mqtt::QoS outgoing_qos(mqtt::QoS subscribed, mqtt::QoS published) const {
    return upgrades_qos_ || subscribed < published ? subscribed : published;
  }
  void send_qos0(PublishEncoder& encoder, PublishForm& form) {
    const SendResult result = outlet_->send_publish(encoder, form);
    if (result != SendResult::sent) [[unlikely]]
      count_unsent(result);
  }
  void count_unsent(SendResult result);
  void deliver_in_order(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form);
  bool send_new(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form);
  SendResult send_in_window(std::uint64_t number, PublishEncoder& encoder, PublishForm& form);
  void wait(RoutedMessage& message, const PublishForm& form);
  void put_in_queue(RoutedMessage& message, const PublishForm& form, std::size_t bytes, ShareRef share);
  bool has_room(std::size_t bytes) const;
  void enqueue(Waiting waiting);
  void drop_back();
  bool send_first();
  void forget(const Waiting& waiting);
  bool send_again();
  bool send_place_again(std::size_t place);
  void acknowledge(std::size_t place);
  void count_kept(const Message& message);
  void count_gone(const Message& message);
  void count_all_gone();
  void keep_unacknowledged(MessageRef message, const PublishForm& form, ShareRef share);
  void forget_unacknowledged(std::size_t place);
  void forget_all();

  /// Live messages are held back from `hold` to the `release` that belongs to it: while no connection serves the
  /// session, and while the retained messages of a new subscription are read, which go first.
  void hold() {
    ++holds_;
    note_ability();
  }
  void release();
  void begin_read() {
    ++reads_;
    hold();
  }
  void end_read();

  // The journal (session_journaling.cpp).
  /// What came by before may be in the journal, or not.
  bool is_new(const RoutedMessage& message, const PublishForm& form) const {
    return form.qos == mqtt::QoS::at_most_once ? !message.repeated() : journal_->takes_message(log_);
  }
  bool is_kept() const { return journal_ && journal_->is_kept(log_); }
  void record_lazily(SessionChange change);
  void record_accepted(Waiting& waiting);
  bool is_committed(LogIndex index) const { return index == 0 || journal_->is_committed(log_, index); }
  bool may_send(const Waiting& first);
  void note_committed();
  void answer(Answer answer);
  void send(const Answer& answer);
  ShareRef share_named(std::string_view name) const;
  std::uint64_t sent_below() const;
  void restore_in_flight(std::uint64_t number, KeptMessage&& kept);
  void restore_waiting(std::uint64_t number, KeptMessage&& kept, bool repeated);

  // Shared Subscriptions (session_shares.cpp).
  mqtt::ReasonCode check_shared_filter(std::string_view name) const;
  void join(std::string_view name, const SubscriptionOptions& options);
  void leave(std::string_view name);
  void keep_unacknowledged_from_now();
  SendResult send_shared(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form, Share& share);
  MemberState member_state() const;
  /// After everything that may have changed `member_state`.
  void note_ability() {
    if (!shares_.empty()) [[unlikely]]
      tell_ability();
  }
  void tell_ability();
  void note_outlet_full() {
    outlet_full_ = true;
    note_ability();
  }
  std::vector<Waiting> take_shared_messages();
  void give_to_others(std::vector<Waiting> messages);
  void leave_to_others(const Waiting& message);

  // Subscriptions (session_subscriptions.cpp).
  mqtt::ReasonCode enter(const mqtt::Subscription& asked, std::uint32_t identifier,
                         std::vector<SubscribeAnswers::RetainedRequest>& retained);
  mqtt::ReasonCode check_filter(std::string_view filter) const;
  bool is_subscribed(std::string_view filter) const { return subscriptions_.contains(filter); }
  mqtt::ReasonCode check_room(std::string_view filter) const;
  bool remove(std::string_view filter);
  void forget_subscription(std::string_view filter);
  void deliver_retained(std::vector<Retained> retained);
  void drop_overtaken(const std::vector<Retained>& retained);

  ShardContext& shard_;
  SessionOutlet* outlet_ = nullptr;
  const SessionId id_;
  const ClientKey client_;
  const std::string* const client_id_;
  std::uint32_t attachment_ = 0;  ///< counts the connections that have served it
  std::uint16_t receive_maximum_ = 65'535;
  std::uint16_t holds_ = 1;  ///< one of them while no connection serves it
  std::uint16_t reads_ = 0;  ///< the others: retained messages are being read
  const bool upgrades_qos_;  ///< Limits::upgrade_outgoing_qos
  bool stopped_ = false;
  bool keeps_unacknowledged_;                   ///< whether unacknowledged_ is used
  bool outlet_full_ = false;                    ///< until send_waiting
  MemberState told_state_ = MemberState::away;  ///< as its Shared Subscriptions know
  std::uint32_t ahead_of_qos0_ = 0;             ///< messages in waiting_ that keep later QoS 0 behind them
  InFlightWindow in_flight_;
  /// What stands at each place of in_flight_: in a persistent session, which sends it again, and in a member of Shared
  /// Subscriptions, of which others get it.
  Ring<Waiting> unacknowledged_;
  std::size_t unacknowledged_bytes_ = 0;  ///< of those; bounded as the queue is
  Ring<Waiting> waiting_;
  Ring<Waiting> held_;
  std::size_t counted_messages_ = 0;  ///< in waiting_ and held_
  std::size_t counted_bytes_ = 0;

  SessionJournal* const journal_;  ///< null: of a clean session
  const LogPlace log_;
  bool whole_ = true;
  std::uint64_t next_number_ = 1;
  LogIndex written_ = 0;        ///< its last record that something waits for
  LogIndex resumes_after_ = 0;  ///< nothing is sent again before this is committed
  LogIndex drain_ = 0;          ///< and no more than numbers_per_drain new messages before this is
  std::uint64_t drains_ = 0;
  std::size_t committed_ = 0;          ///< messages at the front of waiting_ that do not wait for the journal
  std::size_t uncommitted_bytes_ = 0;  ///< of the others
  Ring<Answer> answers_;
  ClusterMilliseconds ends_at_ = 0;

  ReceivedQos2 received_qos2_;
  SubscribeAnswers subscribes_;
  std::map<std::string, SubscriptionOptions, std::less<>> subscriptions_;
  std::vector<ShareRef> shares_;  ///< those it is a member of
  std::size_t subscription_bytes_ = 0;
  std::shared_ptr<const Rights> rights_;          ///< null: everything. Behind what each delivery looks at
  std::unique_ptr<const std::string> user_name_;  ///< of a persistent session's client; null: it has none
};

}  // namespace mqttzoo::core
