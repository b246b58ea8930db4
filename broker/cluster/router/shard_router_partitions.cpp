#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/partitions/session_codec.hpp"
#include "broker/cluster/router/shard_router.hpp"
#include "proto/mqtt/topic.hpp"

// The logs of partitions: those whose primary this shard is, and those that it keeps copies of.
namespace mqttzoo::cluster {

// ---------------------------------------------------------------- what they are made of

std::vector<std::string> ShardRouter::clients_of(PartitionIndex partition) const {
  std::vector<std::string> clients = home_.clients_of(partition);
  std::vector<std::string> sessions =
      client_->session_clients([&](std::string_view client_id) { return view_->partition_of(client_id) == partition; });
  clients.insert(clients.end(), std::make_move_iterator(sessions.begin()), std::make_move_iterator(sessions.end()));
  std::sort(clients.begin(), clients.end());
  clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
  return clients;
}

std::string ShardRouter::session_image_of(const std::string& client_id, std::uint64_t& from,
                                          std::size_t bytes_max) const {
  const bool first = from == 0;
  const std::optional<core::KeptSession> session = client_->keep_session(client_id, from, bytes_max);
  if (!session) {
    from = 0;
    return {};
  }
  proto::LogRecord record;
  to_proto(client_id, *session, first, *record.mutable_session());
  return record.SerializeAsString();
}

void ShardRouter::begin_partition(PartitionIndex partition, ClientCopies clients, ViewNumber begun_without) {
  home_.adopt(partition, std::move(clients), begun_without);
}

ClientCopies ShardRouter::end_partition(PartitionIndex partition, bool handed_over) {
  ClientCopies clients = home_.release(partition, handed_over);
  for (const std::string& client_id : clients_of(partition))
    clients[client_id].session = client_->give_session_away(client_id);
  waits_.forget(partition);
  return clients;
}

bool ShardRouter::restore_session(const std::string& client_id, core::KeptSession&& session) {
  return client_->restore_session(client_id, std::move(session));
}

void ShardRouter::part_from_session(const ConnectionEpoch& connection) { channels_.close(channel_of(connection)); }

// ---------------------------------------------------------------- what will live here

/// Others have to know of it before anybody acts in the view; what sends by it finds the sessions here.
void ShardRouter::want_before(PartitionIndex partition, std::vector<std::string> filters) {
  for (const std::string& filter : filters)
    if (++wanted_before_[filter] == 1) want(filter);
  const auto before = wanted_by_.extract(partition);
  if (!filters.empty()) wanted_by_[partition] = std::move(filters);
  if (before.empty()) return;
  for (const std::string& filter : before.mapped()) {
    const auto wanted = wanted_before_.find(filter);
    if (--wanted->second != 0) continue;
    wanted_before_.erase(wanted);
    want_no_more(filter);
  }
}

void ShardRouter::want(const std::string& filter) {
  if (mqtt::is_shared_filter(filter)) {
    tell_share(filter);
  } else if (!client_->has_subscription(filter)) {
    own_interest_.added(filter);
  }
}

void ShardRouter::want_no_more(const std::string& filter) {
  if (mqtt::is_shared_filter(filter)) {
    tell_share(filter);
  } else if (!client_->has_subscription(filter)) {
    own_interest_.removed(filter);
  }
}

void ShardRouter::tell_share(const std::string& name) { share_changed(name, client_->members_of_share(name)); }

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
