#include "broker/core/shared_subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "broker/core/session.hpp"

namespace mqttzoo::core {

namespace {

/// Members of each state that are asked for one message: thousands may be away with full queues.
constexpr std::size_t tries_max = 256;

}  // namespace

Share& SharedSubscriptions::add(std::string_view name, Session& session, const SubscriptionOptions& options,
                                MemberState state) {
  const auto known = shares_.find(name);
  const ShareRef share = known != shares_.end() ? known->second : ShareRef(new Share(name));
  if (known == shares_.end()) {
    shares_.emplace(share->name(), share);
    filter_bytes_ += limits_.cost_of_filter(name);
  }
  if (share->members_.insert_or_assign(&session, options)) {
    counters_.subscriptions.add();
    counters_.shared_subscriptions.add();
    share->move(share->members_.size() - 1, state);
    router_.share_changed(share->name(), share->members());
  }
  return *share;
}

void SharedSubscriptions::remove(Share& share, Session& session) {
  const std::size_t place = share.members_.place_of(&session);
  ensure(place < share.members_.size(), "a session leaves a Shared Subscription that it is a member of");
  share.move(place, MemberState::away);
  share.members_.erase(&session);
  counters_.subscriptions.subtract();
  counters_.shared_subscriptions.subtract();
  const ShareRef keep(&share);
  if (share.members_.empty()) {
    filter_bytes_ -= limits_.cost_of_filter(share.name());
    shares_.erase(share.name());
  }
  router_.share_changed(share.name(), share.members());
}

void SharedSubscriptions::set_state(Share& share, Session& session, MemberState state) {
  const std::size_t place = share.members_.place_of(&session);
  ensure(place < share.members_.size(), "only a member is able or not");
  const ShareMembers before = share.members();
  share.move(place, state);
  if (share.members() != before) router_.share_changed(share.name(), share.members());
}

MemberState Share::state_at(std::size_t place) const {
  if (place >= here_) return MemberState::away;
  return place < able_ ? MemberState::able : MemberState::connected;
}

/// Over one border after the other.
void Share::move(std::size_t place, MemberState state) {
  const auto swap_with = [&](std::size_t other) {
    members_.swap(place, other);
    place = other;
  };
  if (state_at(place) == MemberState::away && state != MemberState::away) swap_with(here_++);
  if (state_at(place) == MemberState::connected && state == MemberState::able) swap_with(able_++);
  if (state_at(place) == MemberState::able && state != MemberState::able) swap_with(--able_);
  if (state_at(place) == MemberState::connected && state == MemberState::away) swap_with(--here_);
}

/// Where the members of that state stand: from the first place to before the second one.
std::pair<std::size_t, std::size_t> Share::places_of(MemberState state) const {
  if (state == MemberState::able) return {0, able_};
  if (state == MemberState::connected) return {able_, here_};
  return {here_, members_.size()};
}

SharedDelivery SharedSubscriptions::deliver(std::string_view name, RoutedMessage& message, PublishEncoder& encoder,
                                            bool able_only) {
  const auto found = shares_.find(name);
  if (found == shares_.end()) return SharedDelivery::no_member;
  const ShareRef share = found->second;  // a member may leave meanwhile
  bool any_may_receive = false;
  for (const MemberState state : {MemberState::able, MemberState::connected, MemberState::away}) {
    if (deliver_among(*share, state, message, encoder, any_may_receive)) return SharedDelivery::taken;
    if (able_only) return SharedDelivery::no_able_member;
  }
  return any_may_receive ? SharedDelivery::no_able_member : SharedDelivery::no_member;
}

bool SharedSubscriptions::deliver_among(Share& share, MemberState state, RoutedMessage& message,
                                        PublishEncoder& encoder, bool& any_may_receive) {
  std::size_t tries = tries_max;
  for (std::size_t tried = 0; tried < tries; ++tried) {
    const auto [begin, end] = share.places_of(state);  // anew: who fails may not be able any more
    if (begin == end) return false;
    tries = std::min(tries, end - begin + tried);
    const auto& [session, options] = share.members_[begin + share.turn_++ % (end - begin)];
    if (!session->may_receive(message.view().topic)) continue;
    any_may_receive = true;
    if (session->deliver_shared(message, encoder, options, share, state != MemberState::able)) return true;
  }
  return false;
}

}  // namespace mqttzoo::core
