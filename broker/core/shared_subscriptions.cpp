#include "broker/core/shared_subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "broker/core/session.hpp"

namespace mqttzoo::core {

namespace {

/// Members that are looked at for one message: thousands may be away, or have full queues.
constexpr std::size_t tries_max = 256;

}  // namespace

Share& SharedSubscriptions::add(std::string_view name, Session& session, const SubscriptionOptions& options,
                                bool able) {
  const auto known = shares_.find(name);
  const ShareRef share = known != shares_.end() ? known->second : ShareRef(new Share(name));
  if (known == shares_.end()) {
    shares_.emplace(share->name(), share);
    filter_bytes_ += limits_.cost_of_filter(name);
  }
  if (share->members_.insert_or_assign(&session, options)) {
    counters_.subscriptions.add();
    counters_.shared_subscriptions.add();
    if (able) put(*share, share->members_.size() - 1, true);
    router_.share_changed(share->name(), share->members());
  }
  return *share;
}

void SharedSubscriptions::remove(Share& share, Session& session) {
  const std::size_t place = share.members_.place_of(&session);
  ensure(place < share.members_.size(), "a session leaves a Shared Subscription that it is a member of");
  if (place < share.able_) put(share, place, false);
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

void SharedSubscriptions::set_able(Share& share, Session& session, bool able) {
  const std::size_t place = share.members_.place_of(&session);
  ensure(place < share.members_.size(), "only a member is able or not");
  if ((place < share.able_) == able) return;
  put(share, place, able);
  router_.share_changed(share.name(), share.members());
}

/// Moves a member over the border between those that are able and the others.
void SharedSubscriptions::put(Share& share, std::size_t place, bool able) {
  if (able) {
    share.members_.swap(place, share.able_++);
  } else {
    share.members_.swap(place, --share.able_);
  }
}

SharedDelivery SharedSubscriptions::deliver(std::string_view name, RoutedMessage& message, PublishEncoder& encoder,
                                            bool able_only) {
  const auto found = shares_.find(name);
  if (found == shares_.end()) return SharedDelivery::no_member;
  const ShareRef share = found->second;  // a member may leave meanwhile
  bool any_may_receive = false;
  if (deliver_among(*share, Among::able, message, encoder, any_may_receive)) return SharedDelivery::taken;
  if (able_only) return SharedDelivery::no_able_member;
  if (deliver_among(*share, Among::connected, message, encoder, any_may_receive) ||
      deliver_among(*share, Among::away, message, encoder, any_may_receive)) {
    return SharedDelivery::taken;
  }
  return any_may_receive ? SharedDelivery::no_able_member : SharedDelivery::no_member;
}

bool SharedSubscriptions::deliver_among(Share& share, Among among, RoutedMessage& message, PublishEncoder& encoder,
                                        bool& any_may_receive) {
  // Who fails may leave the able ones meanwhile.
  const auto count = [&] { return among == Among::able ? share.able_ : share.members_.size(); };
  const std::size_t tries = std::min(count(), tries_max);
  for (std::size_t tried = 0; tried < tries && count() != 0; ++tried) {
    const auto& [session, options] = share.members_[share.turn_++ % count()];
    if (among != Among::able && session->attached() != (among == Among::connected)) continue;
    if (!session->may_receive(message.view().topic)) continue;
    any_may_receive = true;
    if (session->deliver_shared(message, encoder, options, share, among != Among::able)) return true;
  }
  return false;
}

}  // namespace mqttzoo::core
