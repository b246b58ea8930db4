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

InterestChanged OwnInterest::take_changes() {
  InterestChanged letter;
  letter.sequence = ++sequence_;
  for (auto& [filter, wanted] : changes_) (wanted ? letter.added : letter.removed).push_back(filter);
  changes_.clear();
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
