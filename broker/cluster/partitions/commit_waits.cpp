#include "broker/cluster/partitions/commit_waits.hpp"

#include <algorithm>
#include <utility>

namespace mqttzoo::cluster {

void CommitWaits::add(PartitionIndex partition, core::LogIndex index, core::SessionId session) {
  std::deque<Wait>& waits = waits_[partition];
  // What a session waits for rises: it looks for itself how far it may go.
  if (!waits.empty()) {
    const auto* const last = std::get_if<core::SessionId>(&waits.back().what);
    if (last && *last == session && waits.back().after >= index) return;
  }
  waits.push_back({index, session});
}

void CommitWaits::add(PartitionIndex partition, core::LogIndex index, OwnInterest::Settling&& subscribe) {
  waits_[partition].push_back({index, std::move(subscribe)});
}

void CommitWaits::add(PartitionIndex partition, core::LogIndex index, const TakenMessage& message) {
  waits_[partition].push_back({index, message});
}

void CommitWaits::add_repeated(const TakenMessage& message) { repeated_.push_back(message); }

void CommitWaits::forget_messages() {
  for (auto& [partition, waits] : waits_)
    std::erase_if(waits, [](const Wait& wait) { return std::holds_alternative<TakenMessage>(wait.what); });
  unsafe_.clear();
  repeated_.clear();
}

void CommitWaits::clear() {
  waits_.clear();
  unsafe_.clear();
  repeated_.clear();
}

bool CommitWaits::has_due() const {
  if (!repeated_.empty() && logs_.is_settled()) return true;
  return std::any_of(waits_.begin(), waits_.end(), [&](const auto& one) {
    return !one.second.empty() && logs_.is_committed(one.first, one.second.front().after);
  });
}

bool CommitWaits::take_due(Due& due) {
  for (auto& [partition, waits] : waits_) {
    while (!waits.empty() && logs_.is_committed(partition, waits.front().after)) {
      Wait wait = std::move(waits.front());
      waits.pop_front();
      const auto* const message = std::get_if<TakenMessage>(&wait.what);
      if (message && !logs_.is_safe(partition, wait.after)) {
        unsafe_.push_back({partition, wait.after, *message});
        continue;
      }
      due = std::move(wait.what);
      return true;
    }
  }
  return take_safe(due);
}

bool CommitWaits::take_safe(Due& due) {
  const auto safe = std::find_if(unsafe_.begin(), unsafe_.end(),
                                 [&](const Unsafe& one) { return logs_.is_safe(one.partition, one.index); });
  if (safe != unsafe_.end()) {
    due = std::move(safe->message);
    unsafe_.erase(safe);
    return true;
  }
  if (repeated_.empty() || !logs_.is_settled()) return false;
  due = std::move(repeated_.front());
  repeated_.pop_front();
  return true;
}

}  // namespace mqttzoo::cluster
