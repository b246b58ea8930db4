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
  const bool began_or_ended = shares_.set(own_sessions(), name, members);
  own_interest_.share_changed(name, members, began_or_ended);
}

void ShardRouter::tell_own_interest() {
  const bool members_due =
      own_interest_.has_member_changes() && now_.steady >= members_told_at_ + limits_.share_notice_ms;
  if (!own_interest_.has_changes() && !members_due) return;
  members_told_at_ = now_.steady;
  port_.send_to_control(own_interest_.take_changes());
}

// ---------------------------------------------------------------- the choice

void ShardRouter::choose_members(std::string_view topic, IndexSet peers, std::vector<SharedTurn>& turns) {
  for (const SharedInterestRef& share : shares_.match(topic)) {
    const auto choice = shares_.choose(*share, peers);
    if (choice) turns.push_back({share, choice->owner, static_cast<std::uint8_t>(choice->able ? 0 : 1)});
  }
}

void ShardRouter::share_at_most_once(core::RoutedMessage& message) {
  std::vector<SharedTurn> turns = std::exchange(turns_, {});
  choose_members(message.view().topic, peers_.up(), turns);
  OnePublish nobodys;
  for (const SharedTurn& turn : turns) {
    if (turn.owner.kind == InterestOwner::Kind::peer) {
      forward_at_most_once(turn.owner.index, message, &turn);
    } else {
      share_in_this_broker(message, turn, nobodys);
    }
  }
  turns.clear();
  turns_ = std::move(turns);
}

void ShardRouter::share_acknowledged(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish) {
  if (turn.owner.kind == InterestOwner::Kind::shard) return share_in_this_broker(message, turn, publish);
  const std::uint64_t number = window_.append_shared(message.share(), publish.ticket,
                                                     {turn.share, turn.owner.index, turn.attempt, publish.whole});
  if (publish.whole == 0) publish.whole = number;
}

void ShardRouter::share_in_this_broker(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish) {
  if (turn.owner != own_sessions()) {
    counters_.messages_handed_to_shards.add();
    return port_.send_to_shard(turn.owner.index,
                               ShardLetter{DeliverSharedLetter{message.share(), turn.share->name(), turn.attempt}});
  }
  const auto delivered = client_->deliver_to_share(turn.share->name(), message, turn.attempt == 0);
  if (delivered == core::SharedDelivery::taken) return;
  share_again(message, turn.share, static_cast<std::uint8_t>(turn.attempt + 1), own_sessions(), publish);
}

/// `except` had nobody for it: it is asked again only if there is nobody else, and once.
void ShardRouter::share_again(core::RoutedMessage& message, const SharedInterestRef& share, std::uint8_t attempt,
                              const std::optional<InterestOwner>& except, OnePublish& publish) {
  const bool at_most_once = message.view().qos == mqtt::QoS::at_most_once;
  if (!at_most_once && !may_match_) return hold(message.share(), {}, share);
  counters_.shared_chosen_again.add();
  const SharedInterestRef known = shares_.find(share->name());
  const IndexSet peers = at_most_once ? peers_.up() : members_;
  std::optional<ShareTable::Choice> choice;
  if (known && attempt < limits_.share_attempts_max) {
    choice = shares_.choose(*known, peers, except);
    if (!choice && attempt == 1) choice = shares_.choose(*known, peers);
  }
  if (!choice) return counters_.dropped_no_member.add();
  const SharedTurn turn{known, choice->owner, choice->able ? attempt : std::max<std::uint8_t>(attempt, 1)};
  if (!at_most_once) {
    share_acknowledged(message, turn, publish);
    note_growth();
  } else if (turn.owner.kind == InterestOwner::Kind::peer) {
    forward_at_most_once(turn.owner.index, message, &turn);
  } else {
    share_in_this_broker(message, turn, publish);
  }
}

// ---------------------------------------------------------------- what was chosen before

void ShardRouter::publish_to_share(const std::string& name, core::MessageRef message) {
  const SharedInterestRef share = shares_.find(name);
  if (!share) return counters_.dropped_no_member.add();
  core::RoutedMessage routed(std::move(message));
  OnePublish nobodys;
  share_again(routed, share, 0, std::nullopt, nobodys);
}

void ShardRouter::take(DeliverSharedLetter&& letter) {
  core::RoutedMessage message(std::move(letter.message));
  const auto delivered = client_->deliver_to_share(letter.name, message, letter.attempt == 0);
  if (delivered == core::SharedDelivery::taken) return;
  own_interest_.repeat_share(letter.name, shares_.members(own_sessions(), letter.name));
  const SharedInterestRef share = shares_.find(letter.name);
  if (!share) return counters_.dropped_no_member.add();
  OnePublish nobodys;
  share_again(message, share, static_cast<std::uint8_t>(letter.attempt + 1), own_sessions(), nobodys);
}

/// For a member of this broker. False: there is none that takes it, so whoever sent it chooses again (QoS 0 is
/// dropped). That one has counted on members: it is told anew how many there are, in case it hears of the refusal last.
bool ShardRouter::share_from_peer(core::RoutedMessage& message, const ForwardFrame::Message& from) {
  const std::string name(from.share);
  const bool at_most_once = from.number == 0;
  const SharedInterestRef share = shares_.find(name);
  const auto choice = share ? shares_.choose(*share, IndexSet()) : std::nullopt;
  if (choice && (choice->able || from.attempt != 0 || at_most_once)) {
    if (choice->owner != own_sessions()) {
      OnePublish nobodys;
      share_in_this_broker(message, {share, choice->owner, from.attempt}, nobodys);
      return true;
    }
    const bool able_only = from.attempt == 0 && !at_most_once;
    if (client_->deliver_to_share(name, message, able_only) == core::SharedDelivery::taken) return true;
  }
  if (share) own_interest_.repeat_share(name, shares_.members(own_sessions(), name));
  if (!at_most_once) return false;
  counters_.dropped_no_member.add();
  return true;
}

void ShardRouter::choose_again(std::uint64_t number, const UnfinishedWindow::Message& unanswered,
                               const std::optional<InterestOwner>& except) {
  core::RoutedMessage message(unanswered.message);
  const SharedInterestRef share = unanswered.shared->share;
  const auto attempt = static_cast<std::uint8_t>(unanswered.shared->attempt + 1);
  OnePublish publish{{}, number};
  share_again(message, share, attempt, except, publish);
  window_.chosen_again(number);
}

}  // namespace mqttzoo::cluster
