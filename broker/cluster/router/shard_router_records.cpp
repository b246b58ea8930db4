#include <utility>

#include "broker/cluster/router/shard_router.hpp"

// What the persistent sessions of this broker keep of a message, and who has to be told when they do.
namespace mqttzoo::cluster {

HandedOn ShardRouter::handed_on(const StreamId& stream, std::uint64_t number, bool repeated) const {
  return {shard_, view_ ? view_->number : 0, stream, number, repeated, number != 0 && has_to_keep()};
}

// ---------------------------------------------------------------- to the sessions of this shard

/// `open` grows by the parts that are not kept yet.
std::size_t ShardRouter::deliver(core::RoutedMessage& message, const HandedOn& handed_on, std::size_t& open) {
  records_.begin_message(handed_on.stream, handed_on.number);
  const std::size_t delivered = client_->deliver(message);
  open += end_message(handed_on);
  return delivered;
}

core::SharedDelivery ShardRouter::deliver_to_share(const std::string& name, core::RoutedMessage& message,
                                                   bool able_only, const HandedOn& handed_on, std::size_t& open) {
  records_.begin_message(handed_on.stream, handed_on.number);
  const core::SharedDelivery delivered = client_->deliver_to_share(name, message, able_only);
  open += end_message(handed_on);
  return delivered;
}

std::size_t ShardRouter::end_message(const HandedOn& handed_on) {
  const SessionRecords::Taken taken = records_.end_message(commitments_);
  if (!handed_on.answered) return 0;
  const TakenMessage message{handed_on.stream, handed_on.number, handed_on.from};
  for (const SessionRecords::Commitment& one : commitments_) waits_.add(one.partition, one.index, message);
  if ((!taken.repeated && !handed_on.repeated) || logs_.is_settled()) return commitments_.size();
  waits_.add_repeated(message);
  return commitments_.size() + 1;
}

/// A message of this shard, in a new view: partitions may have come here that do not have it.
void ShardRouter::deliver_again(std::uint64_t number) {
  core::RoutedMessage message(window_.at(number).message);
  message.set_repeated();
  const HandedOn from = handed_on(own_stream(), number, true);
  std::size_t open = 0;
  deliver(message, from, open);
  const IndexSet shards = interest_.match(message.view().topic).shards;
  hand_to_shards(shards, message, from);
  if (from.answered) open += static_cast<std::size_t>(shards.count());
  window_.open_here(number, open);
  window_.kept_here(number);
}

// ---------------------------------------------------------------- what is kept

void ShardRouter::run_due() {
  waits_.run_due([this](CommitWaits::Due&& due) {
    if (const auto* const session = std::get_if<core::SessionId>(&due)) {
      client_->session_committed(*session);
    } else if (auto* const subscribe = std::get_if<OwnInterest::Settling>(&due)) {
      confirm(std::move(*subscribe));
    } else {
      kept(std::get<TakenMessage>(due));
    }
  });
}

/// A part of the message is.
void ShardRouter::kept(const TakenMessage& message) {
  if (message.handed_on_by != shard_) {
    const auto open = handed_open_.find({message.stream, message.number});
    if (open == handed_open_.end() || --open->second.parts != 0) return;
    tell_sibling(message, open->second.letters);
    handed_open_.erase(open);
  } else if (message.stream.origin == self_) {
    window_.kept_here(message.number);
  } else {
    StreamMark* const mark = marks_.find(message.stream);
    if (!mark || !mark->part_done(message.number)) return;
    if (AcceptedLink* const link = accepted_.find(message.stream)) link->accept(view_->number, message.number);
  }
}

// ---------------------------------------------------------------- between the shards of this broker

void ShardRouter::take(DeliverLetter&& letter) {
  core::RoutedMessage message(std::move(letter.message));
  if (letter.handed_on.repeated) message.set_repeated();
  std::size_t open = 0;
  const HandedOn from = as_of_this_view(letter.handed_on);
  deliver(message, from, open);
  answer_sibling(from, open);
}

void ShardRouter::take(DeliverSharedLetter&& letter) {
  core::RoutedMessage message(std::move(letter.message));
  std::size_t open = 0;
  const HandedOn from = as_of_this_view(letter.handed_on);
  const auto delivered = deliver_to_share(letter.name, message, letter.attempt.number == 0, from, open);
  answer_sibling(from, open);
  if (delivered == core::SharedDelivery::taken) return;
  const SharedInterestRef share = shares_.find(letter.name);
  if (!share) return counters_.dropped_no_member.add();
  OnePublish nobodys(window_);
  share_again(message, share, after(letter.attempt, own_sessions()), own_sessions(), nobodys);
}

/// Whoever acts in this view has found all members Ready. What comes from an earlier one is taken, but not answered: it
/// comes again.
HandedOn ShardRouter::as_of_this_view(HandedOn handed_on) {
  const bool same_view = view_ && handed_on.view == view_->number;
  if (same_view && handed_on.number != 0) logs_.begin();
  handed_on.answered &= same_view;
  return handed_on;
}

void ShardRouter::answer_sibling(const HandedOn& from, std::size_t open) {
  if (!from.answered) return;
  const auto known = handed_open_.find({from.stream, from.number});
  if (known == handed_open_.end() && open == 0) return tell_sibling({from.stream, from.number, from.from}, 1);
  HandedOpen& handed = known != handed_open_.end() ? known->second : handed_open_[{from.stream, from.number}];
  ++handed.letters;
  handed.parts += open;
}

void ShardRouter::tell_sibling(const TakenMessage& message, std::size_t letters) {
  auto& messages = to_tell_siblings_[message.handed_on_by];
  messages.insert(messages.end(), letters, message);
}

void ShardRouter::tell_siblings() {
  for (auto& [shard, messages] : to_tell_siblings_)
    port_.send_to_shard(shard, ShardLetter{DeliveredLetter{view_->number, std::move(messages)}});
  to_tell_siblings_.clear();
}

void ShardRouter::take(const DeliveredLetter& letter) {
  if (!view_ || letter.view != view_->number) return;
  for (const TakenMessage& message : letter.messages) kept(message);
}

}  // namespace mqttzoo::cluster
