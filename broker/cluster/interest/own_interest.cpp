#include "broker/cluster/interest/own_interest.hpp"

#include <algorithm>
#include <utility>

namespace mqttzoo::cluster {

void OwnInterest::change(std::string_view filter, bool wanted) {
  const auto known = changes_.find(filter);
  if (known == changes_.end()) {
    changes_.emplace(filter, wanted);
  } else if (known->second != wanted) {
    changes_.erase(known);
  }
}

void OwnInterest::share_changed(std::string_view name, core::ShareMembers members, bool began_or_ended) {
  const auto known = shares_.find(name);
  if (known == shares_.end()) {
    shares_.emplace(name, members);
  } else {
    known->second = members;
  }
  shares_began_or_ended_ |= began_or_ended;
}

InterestChanged OwnInterest::take_changes() {
  InterestChanged letter;
  letter.sequence = ++sequence_;
  for (auto& [filter, wanted] : changes_) (wanted ? letter.added : letter.removed).push_back(filter);
  changes_.clear();
  for (auto& [name, members] : shares_) letter.shares.push_back({name, members});
  shares_.clear();
  shares_began_or_ended_ = false;
  return letter;
}

bool OwnInterest::settle(core::SubscribeTicket ticket, std::vector<std::string>& retained_filters) {
  const std::uint64_t needed = sequence_ + (has_changes() ? 1 : 0);
  if (needed <= settled_) return true;
  settling_.push_back({needed, {ticket, std::move(retained_filters)}});
  return false;
}

std::vector<OwnInterest::Settling> OwnInterest::settled(std::uint64_t sequence) {
  settled_ = std::max(settled_, sequence);
  std::vector<Settling> done;
  while (!settling_.empty() && settling_.front().sequence <= settled_) {
    done.push_back(std::move(settling_.front().subscribe));
    settling_.pop_front();
  }
  return done;
}

}  // namespace mqttzoo::cluster
