#include "broker/cluster/interest/interest_log.hpp"

#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

void InterestLog::change(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
  Delta delta;
  for (const std::string& filter : added)
    if (++references_[filter] == 1) delta.added.push_back(filter);
  for (const std::string& filter : removed) {
    const auto reference = references_.find(filter);
    ensure(reference != references_.end(), "a shard ends only a need that it began");
    if (--reference->second > 0) continue;
    references_.erase(reference);
    delta.removed.push_back(filter);
  }
  if (!delta.added.empty() || !delta.removed.empty()) append(std::move(delta));
}

void InterestLog::append(Delta delta) {
  constexpr std::size_t overhead_bytes = 64;
  delta.sequence = ++sequence_;
  delta.bytes = overhead_bytes;
  for (const std::string& filter : delta.added) delta.bytes += filter.size() + overhead_bytes;
  for (const std::string& filter : delta.removed) delta.bytes += filter.size() + overhead_bytes;
  log_bytes_ += delta.bytes;
  deltas_.push_back(std::move(delta));
  while (log_bytes_ > log_bytes_max_) {
    log_bytes_ -= deltas_.front().bytes;
    deltas_.pop_front();
  }
}

const InterestLog::Delta* InterestLog::find(std::uint64_t sequence) const {
  ensure(sequence <= sequence_, "deltas are read that exist");
  const std::uint64_t first = sequence_ + 1 - deltas_.size();
  return sequence < first ? nullptr : &deltas_[sequence - first];
}

void InterestLog::release(std::uint64_t sequence) {
  while (!deltas_.empty() && deltas_.front().sequence <= sequence) {
    log_bytes_ -= deltas_.front().bytes;
    deltas_.pop_front();
  }
}

bool InterestLog::snapshot_part(std::string& cursor, std::size_t bytes, std::vector<std::string>& filters) const {
  std::size_t taken = 0;
  // No Topic Filter is empty, so all of them are behind the empty cursor.
  for (auto at = references_.upper_bound(cursor); at != references_.end(); ++at) {
    if (taken > 0 && taken + at->first.size() > bytes) return true;
    filters.push_back(at->first);
    taken += at->first.size();
    cursor = at->first;
  }
  return false;
}

}  // namespace mqttzoo::cluster
