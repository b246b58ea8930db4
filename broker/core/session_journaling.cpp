#include <limits>
#include <utility>

#include "broker/core/session.hpp"
#include "broker/core/shard_context.hpp"
#include "proto/mqtt/topic.hpp"

// What a persistent session writes to the journal, what waits for that, and how it moves to another home.
namespace mqttzoo::core {

// ---------------------------------------------------------------- writing

void Session::record(SessionChange change) {
  if (!is_kept()) return;
  written_ = journal_->record(log_, client_id(), std::move(change));
}

void Session::record_lazily(SessionChange change) {
  if (is_kept()) journal_->record_lazily(log_, client_id(), std::move(change));
}

void Session::record_accepted(Waiting& waiting) {
  session_change::Accepted accepted;
  accepted.number = waiting.number;
  accepted.message = waiting.message;
  accepted.qos = waiting.qos;
  accepted.retain = waiting.retain;
  accepted.identifiers = SubscriptionIdentifiers(waiting.identifiers.view());
  if (waiting.share) accepted.share = waiting.share->name();
  waiting.after = written_ = journal_->record_accepted(log_, client_id(), std::move(accepted));
  journal_->call_when_committed(log_, written_, id_);
}

// ---------------------------------------------------------------- waiting

void Session::on_committed() {
  while (!answers_.empty() && is_committed(answers_.front().after)) {
    const Answer first = std::move(answers_.front());
    answers_.pop_front();
    send(first);
  }
  send_waiting();
}

void Session::note_committed() {
  for (; committed_ < waiting_.size() && is_committed(waiting_[committed_].after); ++committed_) {
    const Waiting& waiting = waiting_[committed_];
    uncommitted_bytes_ -= waiting.counted ? waiting.message->footprint_bytes() : 0;
  }
}

/// A Packet Identifier comes again after 65,535 messages. By then whoever goes on with the session has to know that the
/// client has acknowledged the earlier one.
bool Session::may_send(const Waiting& first) {
  if (committed_ == 0) return false;
  const std::uint64_t drains = first.number / numbers_per_drain;
  if (drains > drains_ && is_kept()) {
    drains_ = drains;
    drain_ = journal_->write(log_);
    if (!is_committed(drain_)) journal_->call_when_committed(log_, drain_, id_);
  }
  return is_committed(drain_);
}

void Session::answer(Answer answer) {
  if (answers_.empty() && is_committed(answer.after)) return send(answer);
  journal_->call_when_committed(log_, answer.after, id_);
  answers_.push_back(std::move(answer));
}

void Session::send(const Answer& answer) {
  const mqtt::ReasonCode reason = answer.reasons.empty() ? mqtt::ReasonCode::success : answer.reasons.front();
  switch (answer.kind) {
    case Answer::Kind::pubrec:
      return outlet_->send_pubrec(answer.packet_id, reason);
    case Answer::Kind::pubrel:
      return outlet_->send_pubrel(answer.packet_id, reason);
    case Answer::Kind::pubcomp:
      return outlet_->send_pubcomp(answer.packet_id, reason);
    case Answer::Kind::unsuback:
      return outlet_->send_unsuback(answer.packet_id, answer.reasons);
  }
}

// ---------------------------------------------------------------- moving

KeptSession Session::keep(std::uint64_t& from, std::size_t bytes_max) const {
  KeptSession kept;
  const std::uint64_t begin = std::exchange(from, 0);
  kept.next_number = next_number_;
  if (begin == 0) {
    if (user_name_) kept.user_name = *user_name_;
    kept.ends_at = ends_at_;
    kept.sent_below = outlet_ ? KeptSession::sent_unknown : sent_below();
    kept.whole = whole_;
    kept.subscriptions = subscriptions_;
    received_qos2_.for_each_received([&](std::uint16_t packet_id) { kept.taken.insert(packet_id); });
    for (std::size_t i = 0; i < held_.size(); ++i)
      if (held_[i].qos != mqtt::QoS::at_most_once) kept.held.push_back(held_[i].kept());
  }
  std::size_t bytes = 0;
  const auto take = [&](std::uint64_t number, const Waiting* waiting) {
    if (number < begin || from != 0) return;
    if (bytes >= bytes_max) {
      from = number;
      return;
    }
    KeptMessage message;
    if (waiting) message = waiting->kept();
    bytes += sizeof message + (message.message ? message.message->footprint_bytes() : 0);
    kept.messages.emplace_hint(kept.messages.end(), number, std::move(message));
  };
  for (std::size_t place = 0; place < in_flight_.span(); ++place) {
    const InFlightState state = in_flight_[place];
    if (state == InFlightState::acknowledged) continue;
    take(in_flight_.number_at(place), state == InFlightState::awaiting_pubcomp ? nullptr : &unacknowledged_[place]);
  }
  for (std::size_t i = 0; i < waiting_.size() && from == 0; ++i)
    if (waiting_[i].number != 0) take(waiting_[i].number, &waiting_[i]);
  return kept;
}

/// Another home may have sent some of what waits here.
std::uint64_t Session::sent_below() const {
  std::uint64_t below = in_flight_.next_number();
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].number == 0) continue;
    if (!waiting_[i].repeated) break;
    below = waiting_[i].number + 1;
  }
  return below;
}

KeptMessage Session::Waiting::kept() const {
  return {message, qos, retain, SubscriptionIdentifiers(identifiers.view()), share ? share->name() : std::string()};
}

KeptSession Session::give_away() {
  std::uint64_t from = 0;
  KeptSession kept = keep(from, std::numeric_limits<std::size_t>::max());
  stopped_ = true;
  if (outlet_) outlet_->give_up(mqtt::ReasonCode::server_busy, "its session has another home");
  leave_shares();
  for (const auto& [filter, options] : subscriptions_) forget_subscription(filter);
  subscriptions_.clear();
  count_all_gone();
  forget_all();
  return kept;
}

/// What may have been sent is sent again with the same Packet Identifiers; some of it may not be committed yet.
void Session::restore(KeptSession&& kept) {
  if (kept.user_name) user_name_ = std::make_unique<const std::string>(std::move(*kept.user_name));
  ends_at_ = kept.ends_at;
  whole_ = kept.whole;
  next_number_ = kept.next_number;
  for (auto& [filter, options] : kept.subscriptions) {
    subscription_bytes_ += shard_.limits.bytes_of_filter(filter);
    if (mqtt::is_shared_filter(filter)) {
      join(filter, options);
    } else {
      shard_.subscriptions.add(filter, *this, options);
    }
  }
  subscriptions_ = std::move(kept.subscriptions);
  for (const std::uint16_t packet_id : kept.taken) received_qos2_.set(packet_id, ReceivedQos2::State::received);
  if (!kept.held.empty()) record(session_change::Released{});
  for (KeptMessage& message : kept.held) kept.messages.emplace(next_number_++, std::move(message));
  if (journal_) written_ = journal_->write(log_);
  std::uint64_t surely_sent = 0;
  for (const auto& [number, message] : kept.messages)
    if (!message.message) surely_sent = number;
  for (auto& [number, message] : kept.messages) {
    if (number <= surely_sent) {
      restore_in_flight(number, std::move(message));
    } else {
      restore_waiting(number, std::move(message), number < kept.sent_below);
    }
  }
  drains_ = in_flight_.next_number() / numbers_per_drain;
  drain_ = written_;
  if (!is_committed(written_)) journal_->call_when_committed(log_, written_, id_);
  note_ability();
}

ShareRef Session::share_named(std::string_view name) const {
  for (const ShareRef& share : shares_)
    if (share->name() == name) return share;
  return nullptr;
}

void Session::restore_in_flight(std::uint64_t number, KeptMessage&& kept) {
  for (std::size_t skipped = in_flight_.skip_to(number); skipped != 0; --skipped) unacknowledged_.push_back({});
  InFlightState state = InFlightState::awaiting_pubcomp;
  if (kept.message) {
    const bool exactly_once = kept.qos == mqtt::QoS::exactly_once;
    state = exactly_once ? InFlightState::awaiting_pubrec : InFlightState::awaiting_puback;
  }
  const std::size_t bytes = kept.message ? kept.message->view().payload.size() : 0;
  in_flight_.push(state, static_cast<std::uint32_t>(bytes));
  shard_.counters.messages_in_flight.add();
  PublishForm form;
  form.qos = kept.qos;
  form.retain = kept.retain;
  form.identifiers = kept.identifiers.view();
  keep_unacknowledged(std::move(kept.message), form, share_named(kept.share));
}

void Session::restore_waiting(std::uint64_t number, KeptMessage&& kept, bool repeated) {
  Waiting waiting{
      std::move(kept.message), std::move(kept.identifiers), share_named(kept.share), kept.qos, kept.retain, true};
  waiting.repeated = repeated;
  waiting.number = number;
  waiting.after = written_;
  ++counted_messages_;
  counted_bytes_ += waiting.message->footprint_bytes();
  shard_.counters.queued_messages.add();
  count_kept(*waiting.message);
  enqueue(std::move(waiting));
}

}  // namespace mqttzoo::core
