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

/// Most changes of ability are taken back before anybody was told.
void OwnInterest::drop_told_shares() {
  std::erase_if(shares_, [&](const auto& share) {
    const auto told = told_shares_.find(share.first);
    return told == told_shares_.end() ? share.second.all == 0 : told->second == share.second;
  });
}

bool OwnInterest::settle_member_changes() {
  drop_told_shares();
  return has_member_changes();
}

InterestChanged OwnInterest::take_changes() {
  InterestChanged letter;
  const bool needed = has_changes();
  letter.sequence = ++sequence_;
  if (needed) needed_ = sequence_;
  for (auto& [filter, wanted] : changes_) (wanted ? letter.added : letter.removed).push_back(filter);
  changes_.clear();
  drop_told_shares();
  for (auto& [name, members] : shares_) {
    letter.shares.push_back({name, members});
    if (members.all != 0) {
      told_shares_[name] = members;
    } else {
      told_shares_.erase(name);
    }
  }
  shares_.clear();
  shares_began_or_ended_ = false;
  return letter;
}

bool OwnInterest::settle(core::SubscribeTicket ticket, std::vector<std::string>& retained_filters) {
  const std::uint64_t needed = has_changes() ? sequence_ + 1 : needed_;
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
