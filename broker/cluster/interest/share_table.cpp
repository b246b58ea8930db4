#include "broker/cluster/interest/share_table.hpp"

#include <utility>

#include "broker/common/ensure.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::cluster {

namespace {

/// Mostly a few Shared Subscriptions match a topic: about a mebibyte, made when the first one comes.
constexpr core::MatchCache<ShareTable::Matches>::Bounds cache_bounds{
    .slots = 8192, .topic_bytes_max = 256, .cost_max = 32'768};

std::string_view filter_of(const SharedInterestRef& share) {
  const auto shared = mqtt::parse_shared_filter(share->name());
  ensure(shared.has_value(), "the name of a Shared Subscription is valid");
  return shared->filter;
}

}  // namespace

void SharedInterest::release() {
  if (--references_ == 0) delete this;
}

ShareTable::ShareTable() : cache_(cache_bounds) {}

bool ShareTable::set(InterestOwner owner, std::string_view name, core::ShareMembers members) {
  const auto known = shares_.find(name);
  if (known == shares_.end()) {
    if (members.all == 0) return false;
    const SharedInterestRef share(new SharedInterest(name));
    share->owners_.insert_or_assign(owner, {members});
    add(share);
    return true;
  }
  const SharedInterestRef share = known->second;
  if (members.all != 0) return share->owners_.insert_or_assign(owner, {members});
  const bool had_some = share->owners_.erase(owner);
  if (share->owners_.empty()) remove(share);
  return had_some;
}

void ShareTable::set_unable(InterestOwner owner, std::string_view name, core::Milliseconds until) {
  SharedInterest* const share = find(name);
  if (!share) return;
  if (auto* const place = share->owners_.find(owner)) place->unable_until = until;
}

void ShareTable::forget(InterestOwner owner) {
  std::vector<std::string> names;
  for (const auto& [name, share] : shares_) {
    if (share->owners_.find(owner)) names.emplace_back(name);
  }
  for (const std::string& name : names) set(owner, name, {});
}

SharedInterest* ShareTable::find(std::string_view name) const {
  const auto found = shares_.find(name);
  return found == shares_.end() ? nullptr : found->second.get();
}

std::optional<ShareTable::Choice> ShareTable::choose(SharedInterest& share, IndexSet peers, core::Milliseconds now,
                                                     const Targets& except) {
  const auto is_in_question = [&](InterestOwner owner) {
    return (owner.kind == InterestOwner::Kind::shard || peers.has(owner.index)) && !except.has(owner);
  };
  std::uint64_t able = 0;
  std::uint64_t all = 0;
  for (const auto& [owner, place] : share.owners_) {
    if (!is_in_question(owner)) continue;
    able += place.able(now);
    all += place.members.all;
  }
  if (all == 0) return std::nullopt;
  std::uint64_t turn = share.turn_++ % (able != 0 ? able : all);
  for (const auto& [owner, place] : share.owners_) {
    if (!is_in_question(owner)) continue;
    const std::uint64_t count = able != 0 ? place.able(now) : place.members.all;
    if (turn < count) return Choice{owner, able != 0};
    turn -= count;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- topics

void ShareTable::add(const SharedInterestRef& share) {
  shares_.emplace(share->name(), share);
  const std::string_view filter = filter_of(share);
  tree_.insert(filter, share, true);
  forget_matches(filter);
}

void ShareTable::remove(const SharedInterestRef& share) {
  const SharedInterestRef keep = share;
  const std::string_view filter = filter_of(keep);
  shares_.erase(keep->name());
  tree_.erase(filter, keep);
  forget_matches(filter);
}

const ShareTable::Matches& ShareTable::look_up(std::string_view topic) {
  found_.clear();
  tree_.match(topic, [&](const auto& entries) {
    for (const auto& entry : entries) found_.push_back(entry.key);
  });
  return cache_.keep(topic, found_, found_.size());
}

void ShareTable::forget_matches(std::string_view filter) {
  if (mqtt::has_wildcard(filter)) {
    cache_.forget_all();
  } else {
    cache_.forget(filter);
  }
}

}  // namespace mqttzoo::cluster
