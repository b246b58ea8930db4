#include "broker/cluster/partitions/session_codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

using namespace core::session_change;

constexpr std::uint32_t qos_max = 2;

template <class Small>
bool fits(std::uint64_t value) {
  return value <= std::numeric_limits<Small>::max();
}

void put(const std::string& filter, const core::SubscriptionOptions& options, proto::SubscriptionRecord& out) {
  out.set_filter(filter);
  out.set_qos(static_cast<std::uint32_t>(options.qos));
  out.set_identifier(options.identifier);
  out.set_no_local(options.no_local);
  out.set_retain_as_published(options.retain_as_published);
}

std::optional<Subscribed> get(const proto::SubscriptionRecord& from) {
  if (from.qos() > qos_max || from.filter().empty()) return std::nullopt;
  Subscribed subscribed;
  subscribed.filter = from.filter();
  subscribed.options.qos = static_cast<mqtt::QoS>(from.qos());
  subscribed.options.identifier = from.identifier();
  subscribed.options.no_local = from.no_local();
  subscribed.options.retain_as_published = from.retain_as_published();
  return subscribed;
}

void put(const core::KeptMessage& message, std::uint64_t number, proto::KeptMessage& out) {
  out.set_number(number);
  out.set_qos(static_cast<std::uint32_t>(message.qos));
  out.set_retain(message.retain);
  for (const std::uint32_t identifier : message.identifiers.view()) out.add_identifiers(identifier);
  out.set_share(message.share);
  if (message.message) to_proto(message.message->view(), *out.mutable_message());
}

std::optional<core::KeptMessage> get(const proto::KeptMessage& from) {
  core::MessageRef message;
  if (from.has_message()) {
    auto read = from_proto(from.message());
    if (!read) return std::nullopt;
    message = std::move(*read);
  }
  auto accepted = from_proto(from, std::move(message));
  if (!accepted) return std::nullopt;
  return core::KeptMessage{std::move(accepted->message), accepted->qos, accepted->retain,
                           std::move(accepted->identifiers), std::move(accepted->share)};
}

// What goes into the oneof of a SessionChange.

void put(const Begun&, proto::SessionChange& out) { out.set_begun(true); }
void put(const Ended&, proto::SessionChange& out) { out.set_ended(true); }
void put(const Served& change, proto::SessionChange& out) {
  proto::SessionServed& served = *out.mutable_served();
  if (change.user_name) served.set_user_name(*change.user_name);
}
void put(const Left& change, proto::SessionChange& out) {
  out.mutable_left()->set_ends_at_ms(change.ends_at);
  out.mutable_left()->set_sent_below(change.sent_below);
}
void put(const Subscribed& change, proto::SessionChange& out) {
  put(change.filter, change.options, *out.mutable_subscribed());
}
void put(const Unsubscribed& change, proto::SessionChange& out) { out.set_unsubscribed(change.filter); }
void put(const Accepted&, proto::SessionChange&) { ensure(false, "an accepted message has a record of its own"); }
void put(const Overtaken& change, proto::SessionChange& out) {
  for (const std::uint32_t place : change.places) out.mutable_overtaken()->add_places(place);
}
void put(const Released&, proto::SessionChange& out) { out.set_released(true); }
void put(const Gone& change, proto::SessionChange& out) { out.set_gone(change.number); }
void put(const Received& change, proto::SessionChange& out) { out.set_received(change.number); }
void put(const Taken& change, proto::SessionChange& out) { out.set_taken(change.packet_id); }
void put(const Freed& change, proto::SessionChange& out) { out.set_freed(change.packet_id); }

}  // namespace

// ---------------------------------------------------------------- messages

void to_proto(const core::MessageView& message, proto::ForwardedMessage& out) {
  out.set_qos(static_cast<std::uint32_t>(message.qos));
  out.set_retain(message.retain);
  out.set_topic(message.topic.data(), message.topic.size());
  out.set_payload(message.payload.data(), message.payload.size());
  out.set_properties(message.properties.data(), message.properties.size());
  out.set_expires_at_ms(message.expires_at);
  out.set_publisher(message.publisher);
}

std::optional<core::MessageRef> from_proto(const proto::ForwardedMessage& from) {
  if (from.qos() > qos_max || from.topic().empty()) return std::nullopt;
  core::MessageView message;
  message.qos = static_cast<mqtt::QoS>(from.qos());
  message.retain = from.retain();
  message.topic = from.topic();
  message.payload = from.payload();
  message.properties = from.properties();
  message.expires_at = from.expires_at_ms();
  message.publisher = from.publisher();
  return core::MessageRef::copy_of(message);
}

void to_proto(const Accepted& accepted, proto::KeptMessage& out) {
  out.set_number(accepted.number);
  out.set_qos(static_cast<std::uint32_t>(accepted.qos));
  out.set_retain(accepted.retain);
  for (const std::uint32_t identifier : accepted.identifiers.view()) out.add_identifiers(identifier);
  out.set_share(accepted.share);
}

std::optional<Accepted> from_proto(const proto::KeptMessage& from, core::MessageRef message) {
  if (from.qos() > qos_max) return std::nullopt;
  const std::vector<std::uint32_t> identifiers(from.identifiers().begin(), from.identifiers().end());
  return Accepted{from.number(),
                  std::move(message),
                  static_cast<mqtt::QoS>(from.qos()),
                  from.retain(),
                  core::SubscriptionIdentifiers(identifiers),
                  from.share()};
}

// ---------------------------------------------------------------- changes

void to_proto(const std::string& client_id, const core::SessionChange& change, proto::SessionChange& out) {
  out.set_client_id(client_id);
  std::visit([&](const auto& one) { put(one, out); }, change);
}

std::optional<core::SessionChange> from_proto(const proto::SessionChange& from) {
  using Case = proto::SessionChange::ChangeCase;
  switch (from.change_case()) {
    case Case::kBegun:
      return Begun{};
    case Case::kEnded:
      return Ended{};
    case Case::kServed: {
      Served served;
      if (from.served().has_user_name()) served.user_name = from.served().user_name();
      return served;
    }
    case Case::kLeft:
      return Left{from.left().ends_at_ms(), from.left().sent_below()};
    case Case::kSubscribed:
      if (auto subscribed = get(from.subscribed())) return std::move(*subscribed);
      return std::nullopt;
    case Case::kUnsubscribed:
      return Unsubscribed{from.unsubscribed()};
    case Case::kOvertaken:
      return Overtaken{{from.overtaken().places().begin(), from.overtaken().places().end()}};
    case Case::kReleased:
      return Released{};
    case Case::kGone:
      return Gone{from.gone()};
    case Case::kReceived:
      return Received{from.received()};
    case Case::kTaken:
      if (!fits<std::uint16_t>(from.taken())) return std::nullopt;
      return Taken{static_cast<std::uint16_t>(from.taken())};
    case Case::kFreed:
      if (!fits<std::uint16_t>(from.freed())) return std::nullopt;
      return Freed{static_cast<std::uint16_t>(from.freed())};
    case Case::CHANGE_NOT_SET:
      break;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- sessions

void to_proto(const std::string& client_id, const core::KeptSession& kept, bool first, proto::SessionImage& out) {
  out.set_client_id(client_id);
  out.set_first(first);
  out.set_next_number(kept.next_number);
  for (const auto& [number, message] : kept.messages) put(message, number, *out.add_messages());
  if (!first) return;
  if (kept.user_name) out.set_user_name(*kept.user_name);
  out.set_ends_at_ms(kept.ends_at);
  out.set_sent_below(kept.sent_below);
  out.set_whole(kept.whole);
  for (const auto& [filter, options] : kept.subscriptions) put(filter, options, *out.add_subscriptions());
  for (const std::uint16_t packet_id : kept.taken) out.add_taken(packet_id);
  for (const core::KeptMessage& message : kept.held) put(message, 0, *out.add_held());
}

bool add_image(const proto::SessionImage& image, core::KeptSession& session) {
  for (const proto::KeptMessage& from : image.messages()) {
    auto message = get(from);
    if (!message || from.number() == 0) return false;
    session.messages.insert_or_assign(from.number(), std::move(*message));
  }
  session.next_number = std::max<std::uint64_t>(session.next_number, image.next_number());
  if (!image.first()) return true;
  session.user_name.reset();
  if (image.has_user_name()) session.user_name = image.user_name();
  session.ends_at = image.ends_at_ms();
  session.sent_below = image.sent_below();
  session.whole = image.whole();
  session.subscriptions.clear();
  for (const proto::SubscriptionRecord& from : image.subscriptions()) {
    auto subscribed = get(from);
    if (!subscribed) return false;
    session.subscriptions.emplace(std::move(subscribed->filter), subscribed->options);
  }
  session.taken.clear();
  for (const std::uint32_t packet_id : image.taken()) {
    if (!fits<std::uint16_t>(packet_id)) return false;
    session.taken.insert(static_cast<std::uint16_t>(packet_id));
  }
  session.held.clear();
  for (const proto::KeptMessage& from : image.held()) {
    auto message = get(from);
    if (!message || !message->message) return false;
    session.held.push_back(std::move(*message));
  }
  return true;
}

}  // namespace mqttzoo::cluster
