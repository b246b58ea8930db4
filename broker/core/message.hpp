#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

#include "broker/core/ids.hpp"
#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// As MessageView::expires_at, of a Message Expiry Interval of 0: as long as nobody has to wait for it, no time has
/// passed. Whoever can be sent the message when it comes by gets it; it waits in no session, and is not stored.
inline constexpr ClusterMilliseconds expires_at_once = 1;

/// When a message expires that came at `now` (v5 3.3.2.3.3).
constexpr ClusterMilliseconds expiry_time(std::uint32_t interval_seconds, ClusterMilliseconds now) {
  return interval_seconds == 0 ? expires_at_once : now + ClusterMilliseconds{interval_seconds} * 1000;
}

/// Whether the time of a message is over; what waits for nobody is looked at where it would have to wait.
constexpr bool has_expired(ClusterMilliseconds expires_at, ClusterMilliseconds now) {
  return expires_at > expires_at_once && expires_at <= now;
}

/// What a subscriber gets of a PUBLISH, pointing into memory of somebody else. Lives for one call.
struct MessageView {
  std::string_view topic;
  std::string_view payload;
  /// v5 properties that travel with the message, encoded and validated, without their length: Payload Format Indicator,
  /// Content Type, Response Topic, Correlation Data, User Property in their order (v5 3.3.2.3). Never Topic Alias,
  /// Subscription Identifier or Message Expiry Interval: those belong to one hop.
  std::string_view properties;
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  /// As the publisher set it: the message is also stored (v5 3.3.1.3).
  bool retain = false;
  /// Nobody gets the message from then on (v5 Message Expiry Interval); 0: never. Or `expires_at_once`.
  ClusterMilliseconds expires_at = 0;
  /// Whose message it is, for No Local (v5 3.8.3.1).
  ClientKey publisher = 0;
  /// Of a retained message that this broker stores: who published it (MessageSource); empty: nobody can be named.
  std::string_view source{};

  /// Bytes that it occupies as a Message, for limits on queues.
  std::size_t footprint_bytes() const;
};

/// A message that outlives the read buffer: topic, payload and properties in one allocation, immutable, shared by
/// counting between queues and threads.
class Message {
 public:
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  const MessageView& view() const { return view_; }

  /// The order of retained values of one topic in the whole cluster (the zxid of the commit); 0: not stored. Set once
  /// by the retained store, before the message is routed; the mailbox orders that write before all reads.
  std::int64_t retained_version() const { return retained_version_; }
  void set_retained_version(std::int64_t version) { retained_version_ = version; }

  std::size_t footprint_bytes() const { return view_.footprint_bytes(); }

 private:
  friend class MessageRef;
  explicit Message(const MessageView& view) : view_(view) {}
  ~Message() = default;

  MessageView view_;  ///< its strings point behind this object
  std::int64_t retained_version_ = 0;
  mutable std::atomic<std::uint32_t> references_{1};
};

/// A counted reference to a Message. Copies may be on any thread.
class MessageRef {
 public:
  MessageRef() = default;
  /// Copies topic, properties and payload: the one copy that a message costs.
  static MessageRef copy_of(const MessageView& view);

  MessageRef(const MessageRef& other) : message_(other.message_) {
    if (message_) message_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  MessageRef(MessageRef&& other) noexcept : message_(std::exchange(other.message_, nullptr)) {}
  MessageRef& operator=(MessageRef other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~MessageRef() {
    if (message_ && message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(message_);
  }

  explicit operator bool() const { return message_ != nullptr; }
  Message& operator*() const { return *message_; }
  Message* operator->() const { return message_; }

 private:
  explicit MessageRef(Message* adopted) : message_(adopted) {}
  static void destroy(Message* message);

  Message* message_ = nullptr;
};

/// A message on its way through a shard: a view into the read buffer until the first one that has to keep it asks for a
/// shared copy. QoS 0 to subscribers of the same shard needs none.
class RoutedMessage {
 public:
  explicit RoutedMessage(const MessageView& view) : view_(view) {}
  explicit RoutedMessage(MessageRef message) : view_(message->view()), shared_(std::move(message)) {}

  const MessageView& view() const { return view_; }
  std::int64_t retained_version() const { return shared_ ? shared_->retained_version() : 0; }
  /// It came by before: only persistent sessions may not have it yet.
  bool repeated() const { return repeated_; }
  void set_repeated() { repeated_ = true; }
  const MessageRef& share() {
    if (!shared_) shared_ = MessageRef::copy_of(view_);
    return shared_;
  }

 private:
  MessageView view_;
  MessageRef shared_;
  bool repeated_ = false;
};

}  // namespace mqttzoo::core
