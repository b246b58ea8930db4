#include <limits>
#include <utility>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/router/shard_router.hpp"

// The logs of partitions: those whose primary this shard is, and those that it keeps copies of.
namespace mqttzoo::cluster {

// ---------------------------------------------------------------- what they are made of

void ShardRouter::begin_partition(PartitionIndex, ClientImages clients) { home_.adopt(std::move(clients)); }

ClientImages ShardRouter::end_partition(PartitionIndex partition, bool handed_over) {
  return home_.release(partition, handed_over);
}

// ---------------------------------------------------------------- between brokers

PartitionPort::Room ShardRouter::room_for_records(PeerSlot slot) const {
  if (!peers_.up().has(slot)) return Room::link_down;
  return transport_.output(slot).size() < limits_.link_bytes_max ? Room::enough : Room::full;
}

void ShardRouter::send_records(PeerSlot slot, const proto::Replicate& records) {
  proto::DataFrame frame;
  *frame.mutable_replicate() = records;
  append_frame(transport_.output(slot), frame);
}

/// To the shard that keeps the copy.
bool ShardRouter::take_records(const StreamId& from, proto::Replicate& frame) {
  if (frame.partition() > std::numeric_limits<PartitionIndex>::max()) return false;
  const auto shard = static_cast<core::ShardIndex>(frame.partition() % shard_count_);
  if (shard == shard_) return logs_.receive(from, frame);
  port_.send_to_shard(shard, ShardLetter{RecordsLetter{from, std::move(frame)}});
  return true;
}

/// Over the link that the records came by, which another shard may hold.
void ShardRouter::answer_records(const StreamId& to, const proto::Replicated& answer) {
  const auto shard = static_cast<core::ShardIndex>(to.shard % shard_count_);
  if (shard != shard_) return port_.send_to_shard(shard, ShardLetter{RecordsAnswerLetter{to, answer}});
  AcceptedLink* const link = accepted_.find(to);
  if (!link) return;  // they come again by the next one
  proto::DataAnswer frame;
  *frame.mutable_replicated() = answer;
  append_frame(transport_.output(link->id()), frame);
}

bool ShardRouter::take_records_answer(PeerSlot slot, const proto::Replicated& answer) {
  if (answer.partition() > std::numeric_limits<PartitionIndex>::max()) return fail_link();
  logs_.receive(slot, answer);
  return true;
}

}  // namespace mqttzoo::cluster
