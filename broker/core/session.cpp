#include "broker/core/session.hpp"

#include <algorithm>
#include <utility>

#include "broker/core/shard_context.hpp"

// Messages on their way to the client, and the connections that carry them. (session_subscriptions.cpp,
// session_shares.cpp and session_acknowledgements.cpp have the rest.)
namespace mqttzoo::core {

Session::Session(ShardContext& shard, SessionId id, ClientKey client, const std::string* client_id)
    : shard_(shard),
      id_(id),
      client_(client),
      client_id_(client_id),
      upgrades_qos_(shard.limits.upgrade_outgoing_qos),
      keeps_unacknowledged_(persistent()),
      journal_(client_id ? shard.router.journal() : nullptr),
      log_(journal_ ? journal_->log_of(*client_id) : LogPlace{0}) {
  in_flight_.bound_bytes(shard.limits.in_flight_bytes_max);
  if (journal_) in_flight_.bound_span(numbers_per_drain);
  if (persistent()) shard_.counters.sessions_away.add();
}

// ---------------------------------------------------------------- connections

void Session::attach(SessionOutlet& outlet) {
  ensure(!outlet_, "a session is served by one connection");
  outlet_ = &outlet;
  if (persistent()) shard_.counters.sessions_away.subtract();
  ++attachment_;
  outlet_full_ = false;
  in_flight_.begin_again(std::min(receive_maximum_, shard_.limits.in_flight_max));
  answers_.clear();
  resumes_after_ = written_;
  if (!is_committed(resumes_after_)) journal_->call_when_committed(log_, resumes_after_, id_);
  release();
  send_waiting();
}

void Session::serve(std::optional<std::string_view> user_name) {
  user_name_ = user_name ? std::make_unique<const std::string>(*user_name) : nullptr;
  ends_at_ = 0;
  whole_ = true;
  session_change::Served served;
  if (user_name) served.user_name = *user_name;
  record(std::move(served));
}

void Session::leave(ClusterMilliseconds ends_at) {
  ends_at_ = ends_at;
  record(session_change::Left{ends_at, sent_below()});
}

void Session::set_rights(std::shared_ptr<const Rights> rights) {
  if (!rights_ && !rights) return;
  rights_ = std::move(rights);
  if (!subscriptions_.empty()) shard_.subscriptions.forget_all_matches();
}

void Session::detach() {
  if (!outlet_) return;
  outlet_ = nullptr;
  answers_.clear();
  hold();
  if (persistent()) {
    shard_.counters.sessions_away.add();
  } else {
    stopped_ = true;
  }
}

void Session::end() {
  stopped_ = true;
  if (persistent()) record(session_change::Ended{});
  if (outlet_) outlet_->give_up(mqtt::ReasonCode::server_busy, "its session has ended");
  leave_shares();
  for (const auto& [filter, options] : subscriptions_) forget_subscription(filter);
  subscriptions_.clear();
  count_all_gone();
  std::vector<Waiting> for_others = take_shared_messages();
  const DropReason reason = persistent() ? DropReason::session_ended : DropReason::connection_ended;
  shard_.counters.dropped(reason).add(waiting_.size() + held_.size() + in_flight_.size() - for_others.size());
  forget_all();
  give_to_others(std::move(for_others));
}

void Session::forget_all() {
  waiting_.clear();
  held_.clear();
  unacknowledged_.clear();
  unacknowledged_bytes_ = 0;
  counted_messages_ = counted_bytes_ = 0;
  committed_ = uncommitted_bytes_ = 0;
}

// ---------------------------------------------------------------- new messages

void Session::count_unsent(SendResult result) {
  const bool no_room = result == SendResult::no_room;
  if (no_room) note_outlet_full();
  shard_.counters.dropped(no_room ? DropReason::output_full : DropReason::larger_than_client_takes).add();
}

void Session::deliver_in_order(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form) {
  const bool in_turn = form.qos != mqtt::QoS::at_most_once && holds_ == 0 && waiting_.empty();
  if (!in_turn || !send_new(message, encoder, form)) wait(message, form);
}

/// False if the message has to wait: for the window or for room in the outlet.
bool Session::send_new(RoutedMessage& message, PublishEncoder& encoder, PublishForm& form) {
  if (is_kept()) return false;
  const SendResult result = send_in_window(persistent() ? next_number_ : 0, encoder, form);
  if (result == SendResult::too_large) count_unsent(result);
  if (result == SendResult::sent && keeps_unacknowledged_) {
    keep_unacknowledged(persistent() ? message.share() : MessageRef(), form, nullptr);
    ++next_number_;
  }
  return result != SendResult::no_room;
}

void Session::count_kept(const Message& message) {
  shard_.counters.kept_messages.add();
  shard_.counters.kept_bytes.add(message.view().payload.size());
}

void Session::count_gone(const Message& message) {
  shard_.counters.kept_messages.subtract();
  shard_.counters.kept_bytes.subtract(message.view().payload.size());
}

void Session::count_all_gone() {
  if (persistent() && !outlet_) shard_.counters.sessions_away.subtract();
  shard_.counters.queued_messages.subtract(counted_messages_);
  shard_.counters.messages_in_flight.subtract(in_flight_.size());
  for (Ring<Waiting>* const ring : {&unacknowledged_, &waiting_, &held_}) {
    for (std::size_t i = 0; i < ring->size(); ++i) {
      const Waiting& one = (*ring)[i];
      if (one.message && (one.counted || ring == &unacknowledged_)) count_gone(*one.message);
    }
  }
}

/// `message` null: only its place. (A clean session needs no more than what others can take when it ends.)
void Session::keep_unacknowledged(MessageRef message, const PublishForm& form, ShareRef share) {
  if (!message) return unacknowledged_.push_back({});
  count_kept(*message);
  unacknowledged_bytes_ += message->footprint_bytes();
  unacknowledged_.push_back(
      {std::move(message), SubscriptionIdentifiers(form.identifiers), std::move(share), form.qos, form.retain, false});
  note_ability();
}

void Session::forget_unacknowledged(std::size_t place) {
  if (!keeps_unacknowledged_) return;
  Waiting& kept = unacknowledged_[place];
  if (kept.message) {
    unacknowledged_bytes_ -= kept.message->footprint_bytes();
    count_gone(*kept.message);
  }
  kept = {};
}

/// `number` 0: the next one, in a session that numbers messages when it sends them.
SendResult Session::send_in_window(std::uint64_t number, PublishEncoder& encoder, PublishForm& form) {
  if (number == 0) number = in_flight_.next_number();
  if (!in_flight_.has_room_for(number) || unacknowledged_bytes_ >= shard_.limits.queue_bytes_max)
    return SendResult::no_room;
  for (std::size_t skipped = in_flight_.skip_to(number); skipped != 0 && keeps_unacknowledged_; --skipped)
    unacknowledged_.push_back({});
  form.packet_id = in_flight_.next_id();
  const SendResult result = outlet_->send_publish(encoder, form);
  if (result == SendResult::sent) {
    shard_.counters.messages_in_flight.add();
    const bool exactly_once = form.qos == mqtt::QoS::exactly_once;
    in_flight_.push(exactly_once ? InFlightState::awaiting_pubrec : InFlightState::awaiting_puback,
                    static_cast<std::uint32_t>(encoder.message().payload.size()));
    note_ability();
  } else if (result == SendResult::no_room) {
    note_outlet_full();
  }
  return result;
}

/// What waits for the journal does not count: it may be sent as soon as that is done.
bool Session::has_room(std::size_t bytes) const {
  const std::size_t uncommitted = waiting_.size() - committed_;
  return counted_messages_ - std::min(counted_messages_, uncommitted) < shard_.limits.queue_messages_max &&
         counted_bytes_ - uncommitted_bytes_ + bytes <= shard_.limits.queue_bytes_max;
}

void Session::wait(RoutedMessage& message, const PublishForm& form) {
  const bool at_most_once = form.qos == mqtt::QoS::at_most_once;
  if (message.view().expires_at == expires_at_once) {
    shard_.counters.dropped(DropReason::expired).add();
    return;
  }
  if (at_most_once && !outlet_ && !shard_.limits.queue_qos0_messages) {
    shard_.counters.dropped(DropReason::client_away).add();
    return;
  }
  const std::size_t bytes = message.view().footprint_bytes();
  if (!has_room(bytes)) {
    shard_.counters.dropped(DropReason::queue_full).add();
    // Who has a persistent session keeps what is in it; a clean one that lost a message would be worth nothing.
    if (!at_most_once && !persistent()) {
      outlet_->give_up(mqtt::ReasonCode::quota_exceeded, "the queue of its session is full");
    }
    return;
  }
  put_in_queue(message, form, bytes, nullptr);
}

void Session::put_in_queue(RoutedMessage& message, const PublishForm& form, std::size_t bytes, ShareRef share) {
  Waiting waiting{
      message.share(), SubscriptionIdentifiers(form.identifiers), std::move(share), form.qos, form.retain, true};
  ++counted_messages_;
  counted_bytes_ += bytes;
  shard_.counters.queued_messages.add();
  count_kept(*waiting.message);
  if (form.qos != mqtt::QoS::at_most_once && persistent()) {
    if (reads_ == 0) waiting.number = next_number_++;
    if (is_kept()) record_accepted(waiting);
  }
  if (reads_ != 0) {
    held_.push_back(std::move(waiting));
  } else {
    enqueue(std::move(waiting));
  }
  note_ability();
}

// ---------------------------------------------------------------- what waits

PublishForm Session::Waiting::form() const {
  PublishForm form;
  form.qos = qos;
  form.retain = retain;
  form.identifiers = identifiers.view();
  return form;
}

void Session::enqueue(Waiting waiting) {
  if (waiting.keeps_qos0_behind()) ++ahead_of_qos0_;
  if (waiting.after == 0 && committed_ == waiting_.size()) {
    ++committed_;
  } else {
    uncommitted_bytes_ += waiting.counted ? waiting.message->footprint_bytes() : 0;
  }
  waiting_.push_back(std::move(waiting));
}

void Session::forget(const Waiting& waiting) {
  if (!waiting.counted) return;
  --counted_messages_;
  counted_bytes_ -= waiting.message->footprint_bytes();
  shard_.counters.queued_messages.subtract();
  count_gone(*waiting.message);
}

void Session::release() {
  ensure(holds_ > 0, "a session was released more often than held");
  --holds_;
  note_ability();
}

void Session::end_read() {
  if (--reads_ == 0 && !held_.empty()) {
    if (is_kept()) {
      record(session_change::Released{});
      journal_->call_when_committed(log_, written_, id_);
    }
    for (; !held_.empty(); held_.pop_front()) {
      Waiting& waiting = held_.front();
      if (waiting.qos != mqtt::QoS::at_most_once && persistent()) waiting.number = next_number_++;
      if (waiting.after != 0) waiting.after = written_;
      enqueue(std::move(waiting));
    }
  }
  release();
}

void Session::send_waiting() {
  outlet_full_ = false;
  if (journal_) note_committed();
  if (outlet_ && send_again()) {
    while (outlet_ && !waiting_.empty() && send_first()) {
    }
  }
  note_ability();
}

/// False if the first one has to wait on.
bool Session::send_first() {
  Waiting& first = waiting_.front();
  if (journal_ && !may_send(first)) return false;
  const MessageView& view = first.message->view();
  bool in_window = false;
  if (has_expired(view.expires_at, shard_.now.cluster)) {
    shard_.counters.dropped(DropReason::expired).add();  // v5 [MQTT-3.3.2-5]
  } else if (!may_receive(view.topic)) {
    leave_to_others(first);
  } else {
    shard_.encoder.start(view, shard_.now.cluster, false);
    PublishForm form = first.form();
    form.dup = first.repeated;
    if (first.qos != mqtt::QoS::at_most_once) {
      const SendResult result = send_in_window(first.number, shard_.encoder, form);
      if (result == SendResult::no_room) return false;
      if (result == SendResult::too_large) count_unsent(result);
      in_window = result == SendResult::sent;
      if (in_window && keeps_unacknowledged_) {
        keep_unacknowledged(persistent() || first.share ? first.message : MessageRef(), form, first.share);
      }
    } else {
      const SendResult result = outlet_->send_publish(shard_.encoder, form);
      if (result == SendResult::no_room) return false;
      if (result == SendResult::too_large) count_unsent(result);
    }
  }
  if (first.number != 0 && !in_window) record_lazily(session_change::Gone{first.number});
  if (first.keeps_qos0_behind()) --ahead_of_qos0_;
  forget(first);
  waiting_.pop_front();
  --committed_;
  return true;
}

// ---------------------------------------------------------------- what is sent again

/// In the order in which it was sent first (v5 [MQTT-4.4.0-1], [MQTT-4.6.0-1]; v3.1.1 [MQTT-4.4.0-1], [MQTT-4.6.0-1]).
/// False if some of it has to wait on.
bool Session::send_again() {
  if (!is_committed(resumes_after_)) return false;
  while (const auto place = in_flight_.next_again()) {
    if (!send_place_again(*place)) return false;
  }
  return in_flight_.all_sent_again();
}

bool Session::send_place_again(std::size_t place) {
  const std::uint16_t packet_id = in_flight_.id_at(place);
  if (in_flight_[place] == InFlightState::awaiting_pubcomp) {
    in_flight_.sent_again();
    outlet_->send_pubrel(packet_id, mqtt::ReasonCode::success);
    return true;
  }
  const Waiting& message = unacknowledged_[place];
  if (!may_receive(message.message->view().topic)) {
    in_flight_.sent_again();
    leave_to_others(message);
    acknowledge(place);
    return true;
  }
  shard_.encoder.start(message.message->view(), shard_.now.cluster, false);
  PublishForm form = message.form();
  form.dup = true;
  form.packet_id = packet_id;
  const SendResult result = outlet_->send_publish(shard_.encoder, form);
  if (result == SendResult::no_room) return false;
  in_flight_.sent_again();
  if (result == SendResult::too_large) {  // the client takes less than it did on its last connection
    count_unsent(result);
    acknowledge(place);
  }
  return true;
}

void Session::acknowledge(std::size_t place) {
  record_lazily(session_change::Gone{in_flight_.number_at(place)});
  shard_.counters.messages_in_flight.subtract();
  forget_unacknowledged(place);
  std::size_t gone = in_flight_.acknowledge(place);
  for (; gone != 0 && keeps_unacknowledged_; --gone) unacknowledged_.pop_front();
}

}  // namespace mqttzoo::core
