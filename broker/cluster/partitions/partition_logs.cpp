#include "broker/cluster/partitions/partition_logs.hpp"

#include <algorithm>
#include <utility>

#include "broker/cluster/view/view_codec.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

PartitionLogs::PartitionLogs(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
                             RouterCounters& counters, PartitionPort& port)
    : shard_(shard), shard_count_(shard_count), limits_(limits), counters_(counters), port_(port) {}

void PartitionLogs::identify(const Incarnation& self) {
  self_ = self;
  view_.reset();
  begun_ = acting_ = false;
  logs_.clear();
  marks_.clear();
  begun_without_.clear();
  to_settle_.clear();
  replicas_.clear();
  handing_over_.clear();
  update_gauges();
}

// ---------------------------------------------------------------- views

void PartitionLogs::enter_view(SharedView view) {
  const SharedView before = std::exchange(view_, std::move(view));
  begun_ = acting_ = false;
  ahead_ = {};
  to_settle_.clear();
  const bool member = view_->find(self_) != nullptr;
  for (PartitionIndex partition = shard_; partition < view_->primaries.size();
       partition = static_cast<PartitionIndex>(partition + shard_count_)) {
    if (logs_.contains(partition) && !is_primary(partition)) {
      lose_primacy(partition, *before);
    } else if (is_primary(partition)) {
      go_on(partition);
    }
    if (member && view_->copy_at(partition, self_)) {
      keep_copy(partition);
    } else if (!is_primary(partition)) {
      replicas_.erase(partition);
    }
    const auto replica = replicas_.find(partition);
    const bool gained = is_primary(partition) && replica != replicas_.end();
    port_.want_before(partition, gained ? replica->second.filters() : std::vector<std::string>());
  }
  update_gauges();
}

/// It stays the primary, or is so again before anybody else has acted on it.
void PartitionLogs::go_on(PartitionIndex partition) {
  handing_over_.erase(partition);
  const auto log = logs_.find(partition);
  if (log == logs_.end()) return;
  std::vector<PeerSlot> copies;
  for (const PartitionCopy& copy : view_->copies_of(partition))
    if (const auto slot = port_.slot_of(view_->members[copy.member].incarnation)) copies.push_back(*slot);
  log->second.suspend(copies);
}

/// Whoever was removed has nobody to hand anything over to: what it decided and its copies do not have never was.
void PartitionLogs::lose_primacy(PartitionIndex partition, const View& before) {
  const Member& next = view_->primary_of(partition);
  const auto slot = port_.slot_of(next.incarnation);
  PartitionLog& log = logs_.at(partition);
  const auto& copies = log.copies();
  const bool keeps =
      slot && std::any_of(copies.begin(), copies.end(), [&](const auto& at) { return at.slot == *slot; });
  if (!view_->find(self_) || !keeps) {
    handing_over_.erase(partition);
    port_.end_partition(partition, false);
    logs_.erase(partition);
    marks_.erase(partition);
    begun_without_.erase(partition);
    return;
  }
  const auto known = handing_over_.find(partition);
  const ViewNumber in_view = known == handing_over_.end() ? before.number : known->second.in_view;
  handing_over_.insert_or_assign(partition, Handover{*slot, next.incarnation, in_view});
  log.suspend({*slot});  // learners begin anew with another primary
  log.rewind(*slot);
  if (log.is_with(*slot, log.end())) finish_handover(partition);
}

/// It has all that its successor begins with: a secondary.
void PartitionLogs::finish_handover(PartitionIndex partition) {
  const Handover handover = handing_over_.extract(partition).mapped();
  PartitionState state{port_.end_partition(partition, true), std::move(marks_[partition]), begun_without_[partition]};
  const LogIndex end = logs_.at(partition).end();
  logs_.erase(partition);
  marks_.erase(partition);
  begun_without_.erase(partition);
  const PartitionCopy* const copy = view_->copy_at(partition, self_);
  if (!copy) return;
  if (copy->in_sync) {
    replicas_.emplace(partition, PartitionReplica(handover.to, end, std::move(state)));
  } else {
    replicas_.emplace(partition, PartitionReplica(handover.to));
  }
}

void PartitionLogs::keep_copy(PartitionIndex partition) {
  const Incarnation& primary = view_->primary_of(partition).incarnation;
  const bool in_sync = view_->copy_at(partition, self_)->in_sync;
  const auto known = replicas_.find(partition);
  if (known == replicas_.end()) {
    if (logs_.contains(partition)) return;  // finish_handover makes it
    ensure(!in_sync, "a secondary has a copy");
    replicas_.emplace(partition, PartitionReplica(primary));
  } else if (in_sync) {
    known->second.follow(primary);
  } else if (known->second.primary() != primary) {
    known->second = PartitionReplica(primary);
  }
}

void PartitionLogs::begin() {
  if (std::exchange(begun_, true)) return;
  for (PartitionIndex partition = shard_; partition < view_->primaries.size();
       partition = static_cast<PartitionIndex>(partition + shard_count_)) {
    if (is_primary(partition) && !logs_.contains(partition)) begin(partition);
    port_.want_before(partition, {});
  }
}

void PartitionLogs::begin(PartitionIndex partition) {
  PartitionReplica::Inheritance heritage;
  const auto replica = replicas_.find(partition);
  if (replica != replicas_.end()) heritage = std::move(replica->second).inherit();
  replicas_.erase(partition);
  logs_.emplace(partition, PartitionLog(heritage.base, std::move(heritage.records)));
  marks_[partition] = std::move(heritage.state.marks);
  const ViewNumber begun_without = heritage.whole ? heritage.state.begun_without : view_->number;
  begun_without_[partition] = begun_without;
  port_.begin_partition(partition, std::move(heritage.state.clients), begun_without);
}

void PartitionLogs::act() {
  done_without_ = {};
  begin();
  acting_ = true;
  for (PartitionIndex partition = shard_; partition < view_->primaries.size();
       partition = static_cast<PartitionIndex>(partition + shard_count_)) {
    if (is_primary(partition)) act_as_primary(partition);
  }
  forget_gone_streams();
  update_gauges();
}

/// Nothing of theirs comes again.
void PartitionLogs::forget_gone_streams() {
  for (auto& [partition, marks] : marks_)
    marks.forget_if([&](const StreamId& stream) { return stream.origin != self_ && !view_->find(stream.origin); });
}

void PartitionLogs::act_as_primary(PartitionIndex partition) {
  PartitionLog& log = logs_.at(partition);
  to_settle_[partition] = log.end();
  std::vector<PartitionLog::CopyAt> copies;
  for (const PartitionCopy& copy : view_->copies_of(partition)) {
    const auto slot = port_.slot_of(view_->members[copy.member].incarnation);
    ensure(slot.has_value(), "a broker acts when it knows all members");
    copies.push_back({*slot, copy.in_sync});
  }
  log.act(copies);
  for (const PartitionCopy& copy : view_->copies_of(partition))
    if (!copy.in_sync) tell_complete(partition, view_->members[copy.member].incarnation);
}

void PartitionLogs::tell_complete(PartitionIndex partition, const Incarnation& copy) {
  const auto slot = port_.slot_of(copy);
  if (slot && !logs_.at(partition).is_learning(*slot))
    port_.copy_is_complete(CopyComplete{view_->number, partition, copy});
}

// ---------------------------------------------------------------- at the primary

LogIndex PartitionLogs::append(PartitionIndex partition, const proto::LogRecord& record) {
  counters_.records_appended.add();
  return logs_.at(partition).append(record.SerializeAsString());
}

LogIndex PartitionLogs::end_of(PartitionIndex partition) const { return logs_.at(partition).end(); }

std::size_t PartitionLogs::holders_required() const {
  if (view_->copies.empty() || !done_without_.empty()) return 1;
  return std::min(limits_.min_replicas, view_->members.size());
}

bool PartitionLogs::is_kept(PartitionIndex partition) const {
  if (!logs_.contains(partition)) return false;
  return handing_over_.contains(partition) || !view_->copies_of(partition).empty() || holders_required() > 1;
}

bool PartitionLogs::is_safe(PartitionIndex partition, LogIndex index) const {
  const auto log = logs_.find(partition);
  return log != logs_.end() && log->second.holders(index) >= holders_required();
}

bool PartitionLogs::is_settled() const {
  return acting_ && std::all_of(to_settle_.begin(), to_settle_.end(), [&](const auto& one) {
           return is_committed(one.first, one.second) && (one.second == 0 || is_safe(one.first, one.second));
         });
}

bool PartitionLogs::has(PartitionIndex partition, const StreamId& stream, std::uint64_t number) const {
  const auto marks = marks_.find(partition);
  return marks != marks_.end() && marks->second.has(stream, number);
}

void PartitionLogs::note(PartitionIndex partition, const StreamId& stream, std::uint64_t number) {
  const auto marks = marks_.find(partition);
  if (marks != marks_.end()) marks->second.note(stream, number, true);
}

bool PartitionLogs::is_committed(PartitionIndex partition, LogIndex index) const {
  const auto log = logs_.find(partition);
  return log != logs_.end() && log->second.committed() >= index;
}

bool PartitionLogs::full() const {
  std::size_t bytes = 0;
  for (const auto& [partition, log] : logs_) bytes += log.bytes();
  return bytes >= limits_.log_bytes_max;
}

void PartitionLogs::receive(PeerSlot from, const proto::Replicated& answer) {
  note_view(from, answer.view_number());
  const auto partition = static_cast<PartitionIndex>(answer.partition());
  const auto log = logs_.find(partition);
  if (log == logs_.end()) return;
  const auto handover = handing_over_.find(partition);
  if (handover != handing_over_.end()) {
    if (handover->second.slot != from || handover->second.in_view != answer.view_number()) return;
    log->second.answered(from, answer.up_to(), false);
    if (log->second.is_with(from, log->second.end())) finish_handover(partition);
    return;
  }
  if (!acting_ || answer.view_number() != view_->number) return;
  const bool learned = log->second.is_learning(from);
  log->second.answered(from, answer.up_to(), answer.complete());
  if (!learned || log->second.is_learning(from)) return;
  for (const PartitionCopy& copy : view_->copies_of(partition))
    if (!copy.in_sync) tell_complete(partition, view_->members[copy.member].incarnation);
}

void PartitionLogs::link_up(PeerSlot slot) {
  for (auto& [partition, log] : logs_) log.rewind(slot);
}

void PartitionLogs::note_view(PeerSlot peer, ViewNumber view) {
  if (view_ && view > view_->number) ahead_.add(peer);
}

void PartitionLogs::do_without(IndexSet peers) {
  if (peers == std::exchange(done_without_, peers)) return;
  for (auto& [partition, log] : logs_) log.do_without(peers);
}

bool PartitionLogs::send() {
  bool waits = false;
  for (const auto& [partition, handover] : handing_over_)
    waits |= send(partition, logs_.at(partition), handover.slot, handover.in_view, true);
  if (acting_) {
    for (auto& [partition, log] : logs_)
      for (const PartitionLog::CopyAt& copy : log.copies())
        waits |= send(partition, log, copy.slot, view_->number, false);
  }
  update_gauges();
  return waits;
}

bool PartitionLogs::send(PartitionIndex partition, PartitionLog& log, PeerSlot slot, ViewNumber view, bool hands_over) {
  while (log.has_unsent_for(slot)) {
    const PartitionPort::Room room = port_.room_for_records(slot);
    if (room != PartitionPort::Room::enough) return room == PartitionPort::Room::full;
    const PartitionLog::Batch batch = log.take_batch(slot, limits_.forward_frame_bytes);
    proto::Replicate frame;
    frame.set_view_number(view);
    frame.set_partition(partition);
    frame.set_first(batch.first);
    frame.set_committed(batch.committed);
    frame.set_restarts(batch.restarts);
    frame.set_begins_snapshot(batch.begins_snapshot);
    frame.set_hands_over(hands_over);
    for (const std::string* const record : batch.records) frame.add_records(*record);
    if (PartitionLog::Snapshot* const snapshot = log.snapshot_for(slot)) add_images(partition, *snapshot, frame);
    port_.send_records(slot, frame);
  }
  return false;
}

/// As many as fit into one frame, so that other frames come in between.
void PartitionLogs::add_images(PartitionIndex partition, PartitionLog::Snapshot& snapshot, proto::Replicate& frame) {
  if (!std::exchange(snapshot.begun, true)) snapshot.clients = port_.clients_of(partition);
  std::size_t bytes = 0;
  const auto add = [&](std::string image) {
    bytes += image.size();
    if (!image.empty()) frame.add_images(std::move(image));
  };
  while (!snapshot.clients.empty() && bytes < limits_.forward_frame_bytes) {
    const std::string& client_id = snapshot.clients.back();
    if (!std::exchange(snapshot.in_session, true)) add(port_.image_of(client_id));
    add(port_.session_image_of(client_id, snapshot.next_message, limits_.forward_frame_bytes));
    if (snapshot.next_message != 0) continue;
    snapshot.in_session = false;
    snapshot.clients.pop_back();
  }
  if (!snapshot.clients.empty()) return;
  add(marks_image(partition));
  snapshot.ended = true;
  frame.set_ends_snapshot(true);
}

std::string PartitionLogs::marks_image(PartitionIndex partition) const {
  proto::LogRecord record;
  proto::MarksImage& image = *record.mutable_marks();
  image.set_begun_without(begun_without_.at(partition));
  marks_.at(partition).for_each([&](const StreamId& stream, std::uint64_t highest) {
    proto::StreamMark& mark = *image.add_marks();
    to_proto(stream.origin, *mark.mutable_origin());
    mark.set_shard(stream.shard);
    mark.set_highest(highest);
  });
  return record.SerializeAsString();
}

// ---------------------------------------------------------------- at a copy

bool PartitionLogs::is_due(const proto::Replicate& frame, const StreamId& from) const {
  if (!view_ || !view_->find(from.origin)) return false;
  if (frame.view_number() == view_->number) return true;
  const auto partition = static_cast<PartitionIndex>(frame.partition());
  return frame.hands_over() && !acting_ && is_primary(partition);
}

bool PartitionLogs::receive(const StreamId& from, const proto::Replicate& frame) {
  const auto replica = replicas_.find(static_cast<PartitionIndex>(frame.partition()));
  if (replica == replicas_.end() || !is_due(frame, from)) {
    counters_.records_refused.add();
    tell_view(from, frame);
    return true;
  }
  if (!replica->second.take(frame)) return false;
  counters_.records_received.add(static_cast<std::uint64_t>(frame.records_size() + frame.images_size()));
  proto::Replicated answer;
  answer.set_view_number(frame.view_number());
  answer.set_partition(frame.partition());
  answer.set_up_to(frame.first() - 1 + static_cast<LogIndex>(frame.records_size()));
  answer.set_complete(replica->second.complete());
  port_.answer_records(from, answer);
  return true;
}

/// The primary may not know that there is a later one.
void PartitionLogs::tell_view(const StreamId& from, const proto::Replicate& frame) {
  if (!view_ || frame.view_number() >= view_->number) return;
  proto::Replicated answer;
  answer.set_view_number(view_->number);
  answer.set_partition(frame.partition());
  port_.answer_records(from, answer);
}

void PartitionLogs::update_gauges() {
  std::size_t bytes = 0;
  for (const auto& [partition, log] : logs_) bytes += log.bytes();
  counters_.log_bytes_now.set(bytes);
  counters_.partitions_now.set(logs_.size());
  counters_.copies_now.set(replicas_.size());
}

}  // namespace mqttzoo::cluster
