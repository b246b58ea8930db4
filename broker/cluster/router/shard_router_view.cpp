#include <utility>

#include "broker/cluster/router/shard_router.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

// ---------------------------------------------------------------- who this broker is

void ShardRouter::take(Identified&& letter) {
  self_ = std::move(letter.incarnation);
  cluster_ = std::move(letter.cluster);
  home_.identify(self_);
  forget_logs();
  logs_.identify(self_);
  frontends_.identify(self_);
}

/// Nothing that this process began as the old incarnation is carried on: others may have taken it over. Only wills that
/// have not been sent to anybody stay.
void ShardRouter::take(Reincarnated&& letter) {
  while (take_own_letters()) {
  }
  acting_ = may_match_ = false;
  view_.reset();
  forget_publishes();
  own_interest_.forget_settling();
  reads_.clear();
  std::vector<LinkId> links;
  accepted_.for_each([&](const AcceptedLink& link) { links.push_back(link.id()); });
  for (const LinkId link : links) transport_.close(link);  // which may say that it is down
  accepted_.clear();
  peers_.known().for_each([&](PeerSlot slot) { take(PeerGone{slot}); });
  marks_.forget_all();
  home_.identify(letter.incarnation);
  forget_logs();
  logs_.identify(letter.incarnation);
  entering_ = false;
  channels_.close_all();
  frontends_.reincarnate(letter.incarnation);
  forget_shared_qos2();
  self_ = std::move(letter.incarnation);
}

void ShardRouter::forget_logs() {
  waits_.clear();
  records_.clear();
  handed_open_.clear();
  to_tell_siblings_.clear();
  for (PartitionIndex partition = 0; !wanted_by_.empty(); ++partition) want_before(partition, {});
}

/// What the sessions that ended had of Shared Subscriptions: its origin may have chosen somebody else meanwhile.
void ShardRouter::forget_shared_qos2() {
  core::Ring<Held> kept;
  for (; !held_.empty(); held_.pop_front()) {
    Held& held = held_.front();
    if (held.share && held.message->view().qos == mqtt::QoS::exactly_once) {
      held_bytes_ -= held.message->footprint_bytes();
      counters_.publishes_forgotten.add();
    } else {
      kept.push_back(std::move(held));
    }
  }
  held_ = std::move(kept);
}

void ShardRouter::forget_publishes() {
  to_choose_again_.clear();
  std::size_t forgotten = window_.reset() + lanes_.clear() + acknowledgements_.size();
  acknowledgements_.clear();
  core::Ring<Held> wills;
  held_bytes_ = 0;
  for (; !held_.empty(); held_.pop_front()) {
    Held& held = held_.front();
    if (held.ticket.waiter != core::PublishTicket::Waiter::nobody) {
      ++forgotten;
    } else {
      held_bytes_ += held.message->footprint_bytes();
      wills.push_back(std::move(held));
    }
  }
  held_ = std::move(wills);
  counters_.publishes_forgotten.add(forgotten);
}

// ---------------------------------------------------------------- views

void ShardRouter::take(EnterView&& letter) {
  ensure(!view_ || letter.view->number >= view_->number, "views are entered in order");
  acting_ = may_match_ = false;
  home_.write_changes();
  records_.write_all();
  view_ = std::move(letter.view);
  waits_.forget_messages();
  marks_.forget_open();
  handed_open_.clear();
  to_tell_siblings_.clear();
  records_.enter_view(view_);
  logs_.enter_view(view_);
  home_.enter_view(view_);
  frontends_.enter_view(view_);
  forget_gone_streams();
  entering_ = true;
}

/// Not before its partitions are handed over: all members are Ready when nothing is on its way any more.
void ShardRouter::tell_view_entered() {
  if (!entering_ || logs_.handing_over()) return;
  entering_ = false;
  port_.send_to_control(ViewEntered{view_->number});
}

/// Everything unfinished is matched again and sent again before anything new: whoever is a member now gets it, whoever
/// is not is not waited for.
void ShardRouter::take(ActInView&& letter) {
  if (!view_ || letter.number != view_->number) return;
  members_ = {};
  for (const Member& member : view_->members) {
    if (member.incarnation == self_) continue;
    const auto slot = peers_.slot_of(member.incarnation);
    ensure(slot.has_value(), "a broker acts when it knows all members");
    members_.add(*slot);
  }
  members_of_view_ = members_;
  missing_since_.clear();
  acting_ = true;
  UnfinishedWindow::Again again =
      window_.match_again(members_, [&](std::string_view topic) { return interest_.match(topic).peers; });
  logs_.act();
  home_.act();
  frontends_.act();
  for (const std::uint64_t number : again.whole) deliver_again(number);
  may_match_ = may_act(now_);
  to_choose_again_ = std::move(again.lost);
  release_held();
}

void ShardRouter::take(FenceOver&& letter) { home_.fence_over(letter.incarnation); }

// ---------------------------------------------------------------- interest

void ShardRouter::interest_added(std::string_view filter) {
  if (!wanted_before_.contains(filter)) own_interest_.added(filter);
}

void ShardRouter::interest_removed(std::string_view filter) {
  if (!wanted_before_.contains(filter)) own_interest_.removed(filter);
}

void ShardRouter::settle_subscription(core::SubscribeTicket ticket, std::vector<std::string> retained_filters) {
  if (own_interest_.settle(ticket, retained_filters)) confirm({ticket, std::move(retained_filters)});
}

void ShardRouter::take(InterestSettled&& letter) {
  for (OwnInterest::Settling& subscribe : own_interest_.settled(letter.sequence)) confirm(std::move(subscribe));
}

/// Everybody sends what the subscription matches. Retained values are read after that, so that none falls between.
void ShardRouter::confirm(OwnInterest::Settling&& subscribe) {
  const core::SubscribeTicket& ticket = subscribe.ticket;
  if (ticket.after != 0 && !logs_.is_committed(ticket.log, ticket.after)) {
    const PartitionIndex partition = ticket.log;
    return waits_.add(partition, ticket.after, std::move(subscribe));
  }
  if (subscribe.retained_filters.empty()) return client_->subscription_settled(subscribe.ticket, {});
  client_->retained_read_begins(subscribe.ticket);
  const std::uint64_t read = ++last_read_;
  reads_.emplace(read, subscribe.ticket);
  port_.send_to_control(ReadRetained{read, std::move(subscribe.retained_filters)});
}

void ShardRouter::take(RetainedRead&& letter) {
  const auto read = reads_.find(letter.ticket);
  if (read == reads_.end()) return;
  const core::SubscribeTicket ticket = read->second;
  reads_.erase(read);
  client_->subscription_settled(ticket, std::move(letter.matches));
}

void ShardRouter::take(InterestOf&& letter) {
  if (letter.replace) {
    interest_.forget(letter.owner);
    shares_.forget(letter.owner);
  }
  for (const std::string& filter : letter.removed) interest_.remove(letter.owner, filter);
  for (const std::string& filter : letter.added) interest_.add(letter.owner, filter);
  for (const ShareInterest& share : letter.shares) shares_.set(letter.owner, share.name, share.members);
  port_.send_to_control(InterestTaken{letter.token});
}

}  // namespace mqttzoo::cluster
