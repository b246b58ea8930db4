#include "broker/cluster/partitions/partition_replica.hpp"

#include <algorithm>
#include <utility>

namespace mqttzoo::cluster {

bool PartitionReplica::take(const proto::Replicate& frame) {
  if (frame.begins_snapshot()) {
    state_ = {};
    tail_.clear();
    tail_records_ = tail_bytes_ = 0;
    applied_ = frame.first() - 1;
    learning_ = true;
    complete_ = false;
  } else if (!complete_ && !learning_) {
    return false;  // whatever it is, it is not the beginning
  }
  if (frame.first() == 0 || frame.first() > end() + 1) return false;
  LogIndex index = frame.first();
  for (const std::string& record : frame.records()) {
    take(index, record);
    ++index;
  }
  for (const std::string& image : frame.images()) add(Kind::image, end(), image);
  if (frame.ends_snapshot()) add(Kind::end_of_snapshot, end(), {});
  while (!tail_.empty() && tail_.front().index <= frame.committed()) {
    if (!apply_front()) return false;
  }
  return true;
}

void PartitionReplica::take(LogIndex index, const std::string& record) {
  if (index <= applied_) return;
  if (index <= end() && agrees(index, record)) return;
  while (index <= end()) drop_back();
  add(Kind::record, index, record);
}

bool PartitionReplica::agrees(LogIndex index, const std::string& record) const {
  const auto first = std::lower_bound(tail_.begin(), tail_.end(), index,
                                      [](const Entry& entry, LogIndex wanted) { return entry.index < wanted; });
  const auto known = std::find_if(first, tail_.end(), [](const Entry& entry) { return entry.kind == Kind::record; });
  return known != tail_.end() && known->index == index && known->bytes == record;
}

void PartitionReplica::add(Kind kind, LogIndex index, std::string bytes) {
  tail_bytes_ += bytes.size();
  tail_records_ += kind == Kind::record;
  tail_.push_back({kind, index, std::move(bytes)});
}

void PartitionReplica::drop_back() {
  tail_bytes_ -= tail_.back().bytes.size();
  tail_records_ -= tail_.back().kind == Kind::record;
  tail_.pop_back();
}

bool PartitionReplica::apply_front() {
  Entry entry = std::move(tail_.front());
  tail_.pop_front();
  tail_bytes_ -= entry.bytes.size();
  if (entry.kind == Kind::end_of_snapshot) {
    learning_ = false;
    complete_ = true;
    state_.marks.complete();
    return true;
  }
  if (entry.kind == Kind::record) {
    --tail_records_;
    ++applied_;
  }
  proto::LogRecord record;
  return record.ParseFromString(entry.bytes) && state_.apply(record, complete_);
}

std::vector<std::string> PartitionReplica::filters() const {
  std::vector<std::string> found;
  for (const auto& [client_id, client] : state_.clients) {
    if (!client.session) continue;
    for (const auto& [filter, options] : client.session->subscriptions) found.push_back(filter);
  }
  for (const Entry& entry : tail_) {
    proto::LogRecord record;
    if (entry.kind == Kind::end_of_snapshot || !record.ParseFromString(entry.bytes)) continue;
    for (std::string& filter : filters_of(record)) found.push_back(std::move(filter));
  }
  return found;
}

PartitionReplica::Inheritance PartitionReplica::inherit() && {
  Inheritance heritage;
  heritage.base = applied_;
  for (const Entry& entry : tail_)
    if (entry.kind == Kind::record) heritage.records.push_back(entry.bytes);
  while (!tail_.empty()) apply_front();
  heritage.state = std::move(state_);
  heritage.whole = complete_;
  return heritage;
}

}  // namespace mqttzoo::cluster
