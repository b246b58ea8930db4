#include "broker/cluster/partitions/partition_log.hpp"

#include <algorithm>
#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

PartitionLog::PartitionLog(LogIndex base, std::deque<std::string> records)
    : base_(base), records_(std::move(records)), committed_(base) {
  for (const std::string& record : records_) bytes_ += record.size();
}

LogIndex PartitionLog::append(std::string record) {
  bytes_ += record.size();
  records_.push_back(std::move(record));
  settle();
  return end();
}

// ---------------------------------------------------------------- who has what

void PartitionLog::suspend(const std::vector<PeerSlot>& going_on) {
  acting_ = false;
  std::erase_if(copies_, [&](const Copy& copy) {
    return std::find(going_on.begin(), going_on.end(), copy.slot) == going_on.end();
  });
}

void PartitionLog::act(const std::vector<CopyAt>& copies) {
  acting_ = true;
  std::vector<Copy> before = std::exchange(copies_, {});
  for (const CopyAt& at : copies) {
    const auto known =
        std::find_if(before.begin(), before.end(), [&](const Copy& copy) { return copy.slot == at.slot; });
    Copy copy;
    if (known != before.end()) {
      copy = std::move(*known);
      copy.absent = false;
    } else {
      copy.slot = at.slot;
      copy.has = base_;  // of a secondary: all before was committed
      copy.learns = !at.in_sync;
    }
    begin_again(copy);
    copies_.push_back(std::move(copy));
  }
  at_ = copies;
  settle();
}

void PartitionLog::rewind(PeerSlot slot) {
  if (Copy* const copy = find(slot)) begin_again(*copy);
}

void PartitionLog::do_without(IndexSet peers) {
  for (Copy& copy : copies_) {
    if (copy.absent == peers.has(copy.slot)) continue;
    copy.absent = !copy.absent;
    copy.learns = true;
    begin_again(copy);
  }
  settle();
}

/// A learner that is complete is as good as a secondary. Otherwise it begins with what is there now.
void PartitionLog::begin_again(Copy& copy) {
  if (copy.learns) {
    copy.snapshot = {};
    copy.has = copy.learns_from = end();
  }
  copy.sent = copy.has;
  copy.told_committed = 0;
  copy.restarts = true;
}

void PartitionLog::answered(PeerSlot slot, LogIndex up_to, bool complete) {
  Copy* const copy = find(slot);
  if (!copy || copy->absent || up_to > copy->sent) return;
  if (complete && copy->snapshot.ended) copy->learns = false;
  if (up_to <= copy->has) return;
  copy->has = up_to;
  settle();
}

bool PartitionLog::is_with(PeerSlot slot, LogIndex index) const {
  const Copy* const copy = find(slot);
  return copy && copy->has >= index;
}

std::size_t PartitionLog::holders(LogIndex index) const {
  return 1 + static_cast<std::size_t>(std::count_if(copies_.begin(), copies_.end(), [&](const Copy& copy) {
           return !copy.absent && copy.has >= index && (!copy.learns || copy.learns_from < index);
         }));
}

bool PartitionLog::is_learning(PeerSlot slot) const {
  const Copy* const copy = find(slot);
  return copy && copy->learns;
}

/// What all have is committed and need not be kept.
void PartitionLog::settle() {
  if (!acting_) return;
  LogIndex everywhere = end();
  for (const Copy& copy : copies_)
    if (!copy.absent) everywhere = std::min(everywhere, copy.has);
  committed_ = std::max(committed_, everywhere);
  for (; base_ < everywhere; ++base_) {
    bytes_ -= records_.front().size();
    records_.pop_front();
  }
}

// ---------------------------------------------------------------- sending

bool PartitionLog::has_unsent_for(PeerSlot slot) const {
  const Copy* const copy = find(slot);
  if (!copy || copy->absent) return false;
  // Secondaries hear what is committed with the next record; a learner is not complete before it knows.
  return copy->sent < end() || copy->restarts ||
         (copy->learns && (!copy->snapshot.ended || copy->told_committed < committed_));
}

PartitionLog::Batch PartitionLog::take_batch(PeerSlot slot, std::size_t bytes_max) {
  Copy* const copy = find(slot);
  ensure(copy && copy->sent >= base_, "records are sent to those who keep copies");
  Batch batch;
  batch.first = copy->sent + 1;
  batch.committed = copy->told_committed = committed_;
  batch.restarts = std::exchange(copy->restarts, false);
  batch.begins_snapshot = batch.restarts && copy->learns;
  for (std::size_t bytes = 0; copy->sent < end() && bytes < bytes_max; ++copy->sent) {
    const std::string& record = records_[copy->sent - base_];
    bytes += record.size();
    batch.records.push_back(&record);
  }
  return batch;
}

PartitionLog::Snapshot* PartitionLog::snapshot_for(PeerSlot slot) {
  Copy* const copy = find(slot);
  const bool wants = copy && copy->learns && !copy->snapshot.ended && !copy->restarts && copy->sent == end();
  return wants ? &copy->snapshot : nullptr;
}

PartitionLog::Copy* PartitionLog::find(PeerSlot slot) {
  const auto found = std::find_if(copies_.begin(), copies_.end(), [&](const Copy& copy) { return copy.slot == slot; });
  return found == copies_.end() ? nullptr : &*found;
}

const PartitionLog::Copy* PartitionLog::find(PeerSlot slot) const {
  return const_cast<PartitionLog*>(this)->find(slot);
}

}  // namespace mqttzoo::cluster
