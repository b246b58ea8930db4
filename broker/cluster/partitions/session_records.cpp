#include "broker/cluster/partitions/session_records.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/partitions/session_codec.hpp"
#include "broker/cluster/view/view_codec.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

core::LogPlace SessionRecords::log_of(std::string_view client_id) const {
  ensure(view_ != nullptr, "persistent sessions have a home");
  return view_->partition_of(client_id);
}

// ---------------------------------------------------------------- changes

core::LogIndex SessionRecords::record(core::LogPlace log, const std::string& client_id, core::SessionChange change) {
  close(log);
  record_lazily(log, client_id, std::move(change));
  return write(log);
}

void SessionRecords::record_lazily(core::LogPlace log, const std::string& client_id, core::SessionChange change) {
  to_proto(client_id, change, *lazy_[log].mutable_sessions()->add_changes());
}

core::LogIndex SessionRecords::write(core::LogPlace log) {
  close(log);
  const auto lazy = lazy_.extract(log);
  if (!lazy.empty()) logs_.append(log, lazy.mapped());
  return logs_.end_of(log);
}

void SessionRecords::write_all() {
  while (!lazy_.empty()) {
    const PartitionIndex partition = lazy_.begin()->first;
    if (logs_.is_kept(partition)) {
      write(partition);
    } else {
      lazy_.erase(partition);
    }
  }
}

void SessionRecords::clear() {
  lazy_.clear();
  accepting_.clear();
  closed_.clear();
  seen_.clear();
}

// ---------------------------------------------------------------- messages

void SessionRecords::begin_message(const StreamId& stream, std::uint64_t number) {
  ensure(!in_message_, "messages are delivered one by one");
  in_message_ = true;
  if (number != 0 && stream_ != stream) stream_ = stream;
  number_ = number;
}

bool SessionRecords::takes_message(core::LogPlace log) {
  if (!in_message_ || number_ == 0) return true;
  for (const Seen& seen : seen_)
    if (seen.partition == log) return seen.takes;
  seen_.push_back({log, !logs_.has(log, stream_, number_)});
  return seen_.back().takes;
}

proto::LogRecord SessionRecords::accept_record(const core::MessageView& message) const {
  proto::LogRecord record;
  proto::AcceptRecord& accept = *record.mutable_accept();
  to_proto(message, *accept.mutable_message());
  if (in_message_ && number_ != 0) {
    to_proto(stream_.origin, *accept.mutable_origin());
    accept.set_shard(stream_.shard);
    accept.set_number(number_);
  }
  return record;
}

core::LogIndex SessionRecords::record_accepted(core::LogPlace log, const std::string& client_id,
                                               core::session_change::Accepted accepted) {
  auto open =
      std::find_if(accepting_.begin(), accepting_.end(), [&](const Accepting& one) { return one.partition == log; });
  if (open == accepting_.end()) {
    accepting_.push_back({log, logs_.end_of(log) + 1, accept_record(accepted.message->view())});
    open = accepting_.end() - 1;
  }
  proto::AcceptTarget& target = *open->record.mutable_accept()->add_targets();
  target.set_client_id(client_id);
  to_proto(accepted, *target.mutable_message());
  const core::LogIndex index = open->index;
  if (!in_message_) close(log);
  return index;
}

/// Nothing else may take the index that its sessions wait for.
void SessionRecords::close(PartitionIndex partition) {
  const auto open = std::find_if(accepting_.begin(), accepting_.end(),
                                 [&](const Accepting& one) { return one.partition == partition; });
  if (open == accepting_.end()) return;
  const core::LogIndex index = logs_.append(partition, open->record);
  ensure(index == open->index, "the record of a message has the index that was told");
  if (in_message_) closed_.push_back({partition, index});
  accepting_.erase(open);
}

SessionRecords::Taken SessionRecords::end_message(std::vector<Commitment>& open) {
  while (!accepting_.empty()) close(accepting_.back().partition);
  open.swap(closed_);
  closed_.clear();
  Taken taken;
  for (const Seen& seen : seen_) {
    if (seen.takes) {
      logs_.note(seen.partition, stream_, number_);
      taken.noted = true;
    } else {
      taken.repeated = true;
    }
  }
  taken.noted |= number_ != 0 && !open.empty();
  seen_.clear();
  in_message_ = false;
  return taken;
}

}  // namespace mqttzoo::cluster
