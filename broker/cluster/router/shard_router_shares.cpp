#include <algorithm>
#include <utility>

#include "broker/cluster/router/shard_router.hpp"

// Shared Subscriptions: each message that one matches goes to one of its members, wherever they are (v5 4.8.2). The
// shard where the message begins chooses a shard or a broker, and that chooses a session. At the first attempt only a
// member takes it that need not be kept waiting for it; if there turns out to be none, the message is chosen for again,
// and then has to be taken wherever there is a member with room.
namespace mqttzoo::cluster {

// ---------------------------------------------------------------- who has members

void ShardRouter::share_changed(std::string_view name, core::ShareMembers members) {
  members.all += wanted_before_.contains(name);
  const bool began_or_ended = shares_.set(own_sessions(), name, members);
  own_interest_.share_changed(name, members, began_or_ended);
}

void ShardRouter::tell_own_interest() {
  const bool members_due =
      own_interest_.has_member_changes() && now_.steady >= members_told_at_ + limits_.share_notice_ms;
  if (!own_interest_.has_changes() && !(members_due && own_interest_.settle_member_changes())) return;
  members_told_at_ = now_.steady;
  port_.send_to_control(own_interest_.take_changes());
}

// ---------------------------------------------------------------- the choice

void ShardRouter::choose_members(std::string_view topic, IndexSet peers, std::vector<SharedTurn>& turns) {
  for (const SharedInterestRef& share : shares_.match(topic)) {
    const auto choice = shares_.choose(*share, peers, now_.steady);
    if (choice) turns.push_back({share, choice->owner, {static_cast<std::uint8_t>(choice->able ? 0 : 1), {}}});
  }
}

void ShardRouter::share_at_most_once(core::RoutedMessage& message, IndexSet peers) {
  std::vector<SharedTurn> turns = std::exchange(turns_, {});
  choose_members(message.view().topic, peers, turns);
  for (const SharedTurn& turn : turns) {
    if (turn.owner.kind == InterestOwner::Kind::peer) {
      forward_at_most_once(turn.owner.index, message, &turn);
    } else {
      share_in_this_broker(message, turn);
    }
  }
  turns.clear();
  turns_ = std::move(turns);
}

void ShardRouter::share_acknowledged(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish) {
  if (turn.owner.kind == InterestOwner::Kind::shard) return share_here_acknowledged(message, turn, publish);
  UnfinishedWindow::SharedPart part;
  part.share = turn.share;
  part.peer = turn.owner.index;
  part.attempt = turn.attempt;
  part.whole = publish.whole;
  const std::uint64_t number = window_.append_shared(message.share(), publish.ticket, std::move(part));
  if (publish.whole == 0) publish.whole = number;
}

/// QoS 0.
void ShardRouter::share_in_this_broker(core::RoutedMessage& message, const SharedTurn& turn) {
  if (turn.owner != own_sessions()) return hand_to_shard(message, turn, {});
  const auto delivered = client_->deliver_to_share(turn.share->name(), message, turn.attempt.number == 0);
  if (delivered == core::SharedDelivery::taken) return;
  OnePublish nobodys(window_);
  share_again(message, turn.share, after(turn.attempt, own_sessions()), own_sessions(), nobodys);
}

void ShardRouter::hand_to_shard(core::RoutedMessage& message, const SharedTurn& turn, const HandedOn& handed_on) {
  counters_.messages_handed_to_shards.add();
  port_.send_to_shard(turn.owner.index,
                      ShardLetter{DeliverSharedLetter{message.share(), turn.share->name(), turn.attempt, handed_on}});
}

void ShardRouter::share_here_acknowledged(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish) {
  const HandedOn from = open_whole(message, publish);
  bool again = false;
  std::size_t open = 0;
  if (turn.owner != own_sessions()) {
    hand_to_shard(message, turn, from);
    open = from.answered;
  } else {
    const bool able_only = turn.attempt.number == 0;
    again = deliver_to_share(turn.share->name(), message, able_only, from, open) != core::SharedDelivery::taken;
  }
  if (again) share_again(message, turn.share, after(turn.attempt, own_sessions()), own_sessions(), publish);
  if (from.answered) window_.open_here(publish.whole, open);
}

/// If sessions have to keep the message: it stands in the window, held there until all of its choices have been made.
HandedOn ShardRouter::open_whole(core::RoutedMessage& message, OnePublish& publish) {
  if (!has_to_keep()) return handed_on(own_stream(), publish.number, false);
  if (publish.whole == 0) {
    publish.whole = publish.number != 0 ? publish.number : take_number();
    append_numbered(publish.whole, message.share(), publish.ticket, {}, 1);
  } else if (!publish.held) {
    window_.open_here(publish.whole, 1);
  }
  publish.held = true;
  return handed_on(own_stream(), publish.whole, false);
}

/// Who declined at the first attempt may still keep the message waiting; who declined later has no room for it.
SharedAttempt ShardRouter::after(SharedAttempt attempt, InterestOwner declined) const {
  if (attempt.number != 0) attempt.declined.of(declined.kind).add(declined.index);
  if (attempt.number < limits_.share_attempts_max) ++attempt.number;
  return attempt;
}

/// Whoever has just declined comes last among those who have not declined for good.
void ShardRouter::share_again(core::RoutedMessage& message, const SharedInterestRef& share,
                              const SharedAttempt& attempt, const std::optional<InterestOwner>& just_declined,
                              OnePublish& publish) {
  const bool at_most_once = message.view().qos == mqtt::QoS::at_most_once;
  if (!at_most_once && (!may_match_ || records_.in_message())) return hold(message.share(), {}, share);
  counters_.shared_chosen_again.add();
  const SharedInterestRef known = shares_.find(share->name());
  const IndexSet peers = at_most_once ? peers_.up() : members_;
  std::optional<ShareTable::Choice> choice;
  if (known && attempt.number < limits_.share_attempts_max) {
    Targets except = attempt.declined;
    if (just_declined) except.of(just_declined->kind).add(just_declined->index);
    choice = shares_.choose(*known, peers, now_.steady, except);
    if (!choice) choice = shares_.choose(*known, peers, now_.steady, attempt.declined);
    if (choice && !choice->able) {
      // Where it has to wait anyway this broker's own places come first: no other one knows which have declined.
      const auto here = shares_.choose(*known, IndexSet(), now_.steady, except);
      if (here) choice = here;
    }
  }
  if (!choice) return counters_.dropped_no_member.add();
  SharedTurn turn{known, choice->owner, attempt};
  if (!choice->able && attempt.number == 0) turn.attempt.number = 1;
  if (!at_most_once) {
    if (window_full()) counters_.accepted_over_limit.add();
    share_acknowledged(message, turn, publish);
    note_growth();
  } else if (turn.owner.kind == InterestOwner::Kind::peer) {
    forward_at_most_once(turn.owner.index, message, &turn);
  } else {
    share_in_this_broker(message, turn);
  }
}

// ---------------------------------------------------------------- what was chosen before

void ShardRouter::publish_to_share(const std::string& name, core::MessageRef message) {
  const SharedInterestRef share = shares_.find(name);
  if (!share) return counters_.dropped_no_member.add();
  core::RoutedMessage routed(std::move(message));
  OnePublish nobodys(window_);
  share_again(routed, share, {}, std::nullopt, nobodys);
}

/// For a member of this broker. False: there is none that takes it, so whoever sent it chooses again. QoS 0, for which
/// nobody waits, is dropped then: it goes to no third broker.
bool ShardRouter::share_from_peer(core::RoutedMessage& message, const ForwardFrame::Message& from,
                                  const HandedOn& handed_on, std::size_t& open) {
  const std::string name(from.share);
  const bool at_most_once = from.number == 0;
  const bool able_only = from.attempt == 0 && !at_most_once;
  const SharedInterestRef share = shares_.find(name);
  // A sibling that fails with QoS 0 tries nobody else.
  const SharedAttempt attempt{at_most_once ? limits_.share_attempts_max : from.attempt, {}};
  Targets declined;
  for (auto choice = share ? shares_.choose(*share, IndexSet(), now_.steady) : std::nullopt;
       choice && (choice->able || !able_only); choice = shares_.choose(*share, IndexSet(), now_.steady, declined)) {
    if (choice->owner != own_sessions()) {
      hand_to_shard(message, {share, choice->owner, attempt}, handed_on);
      open += handed_on.answered;
      return true;
    }
    if (deliver_to_share(name, message, able_only, handed_on, open) == core::SharedDelivery::taken) return true;
    declined.shards.add(shard_);
  }
  if (!at_most_once) return false;
  counters_.dropped_no_member.add();
  return true;
}

/// While this broker may not act it stays unfinished: the publisher must not be told before it is somewhere.
void ShardRouter::choose_again(std::uint64_t number, const std::optional<InterestOwner>& just_declined) {
  if (!may_match_) return to_choose_again_.push_back(number);
  const UnfinishedWindow::Message& unanswered = window_.at(number);
  core::RoutedMessage message(unanswered.message);
  const SharedInterestRef share = unanswered.shared->share;
  SharedAttempt attempt = unanswered.shared->attempt;
  if (just_declined) {
    attempt = after(attempt, *just_declined);
  } else {
    attempt.number = std::max<std::uint8_t>(attempt.number, 1);
  }
  OnePublish publish(window_, {}, number, 0);
  share_again(message, share, attempt, just_declined, publish);
  window_.chosen_again(number);
}

void ShardRouter::choose_those_left() {
  for (const std::uint64_t number : std::exchange(to_choose_again_, {})) choose_again(number, std::nullopt);
}

}  // namespace mqttzoo::cluster
