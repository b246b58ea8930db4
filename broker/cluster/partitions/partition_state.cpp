#include "broker/cluster/partitions/partition_state.hpp"

#include <utility>

#include "broker/cluster/partitions/session_codec.hpp"
#include "broker/cluster/view/view_codec.hpp"

namespace mqttzoo::cluster {

namespace {

using core::session_change::Begun;
using core::session_change::Ended;

void forget_if_empty(ClientCopies& clients, ClientCopies::iterator client) {
  if (client->second.image.empty() && !client->second.session) clients.erase(client);
}

bool apply_client(ClientCopies& clients, const proto::ClientImage& image) {
  const auto client = clients.try_emplace(image.client_id()).first;
  const bool empty = image.claims().empty() && !image.has_delayed_will();
  client->second.image = empty ? std::string() : image.SerializeAsString();
  forget_if_empty(clients, client);
  return true;
}

/// Null: there is none to apply anything to.
core::KeptSession* session_of(ClientCopies& clients, const std::string& client_id, bool complete) {
  const auto known = clients.find(client_id);
  if (known != clients.end() && known->second.session) return &*known->second.session;
  if (complete) return nullptr;
  core::KeptSession& session = clients[client_id].session.emplace();
  session.whole = false;
  return &session;
}

bool apply_changes(ClientCopies& clients, const proto::SessionChanges& changes, bool complete) {
  for (const proto::SessionChange& from : changes.changes()) {
    std::optional<core::SessionChange> change = from_proto(from);
    if (!change) return false;
    if (std::holds_alternative<Begun>(*change)) {
      clients[from.client_id()].session.emplace();
    } else if (std::holds_alternative<Ended>(*change)) {
      const auto client = clients.find(from.client_id());
      if (client == clients.end()) continue;
      client->second.session.reset();
      forget_if_empty(clients, client);
    } else if (core::KeptSession* const session = session_of(clients, from.client_id(), complete)) {
      session->apply(std::move(*change));
    }
  }
  return true;
}

bool apply_accept(PartitionState& state, const proto::AcceptRecord& accept, bool complete) {
  std::optional<core::MessageRef> message = from_proto(accept.message());
  if (!message) return false;
  for (const proto::AcceptTarget& target : accept.targets()) {
    auto accepted = from_proto(target.message(), *message);
    if (!accepted) return false;
    if (core::KeptSession* const session = session_of(state.clients, target.client_id(), complete))
      session->apply(std::move(*accepted));
  }
  if (accept.has_origin()) {
    const StreamId stream{from_proto(accept.origin()), static_cast<core::ShardIndex>(accept.shard())};
    state.marks.note(stream, accept.number(), complete);
  }
  return true;
}

bool apply_session(ClientCopies& clients, const proto::SessionImage& image) {
  std::optional<core::KeptSession>& session = clients[image.client_id()].session;
  if (!session) session.emplace();
  return add_image(image, *session);
}

bool apply_marks(PartitionState& state, const proto::MarksImage& image) {
  for (const proto::StreamMark& mark : image.marks())
    state.marks.note({from_proto(mark.origin()), static_cast<core::ShardIndex>(mark.shard())}, mark.highest(), true);
  state.begun_without = image.begun_without();
  return true;
}

}  // namespace

bool PartitionState::apply(const proto::LogRecord& record, bool complete) {
  switch (record.record_case()) {
    case proto::LogRecord::kClient:
      return apply_client(clients, record.client());
    case proto::LogRecord::kAccept:
      return apply_accept(*this, record.accept(), complete);
    case proto::LogRecord::kSessions:
      return apply_changes(clients, record.sessions(), complete);
    case proto::LogRecord::kSession:
      return apply_session(clients, record.session());
    case proto::LogRecord::kMarks:
      return apply_marks(*this, record.marks());
    case proto::LogRecord::RECORD_NOT_SET:
      break;
  }
  return false;
}

std::vector<std::string> filters_of(const proto::LogRecord& record) {
  std::vector<std::string> filters;
  for (const proto::SessionChange& change : record.sessions().changes())
    if (change.has_subscribed()) filters.push_back(change.subscribed().filter());
  for (const proto::SubscriptionRecord& subscription : record.session().subscriptions())
    filters.push_back(subscription.filter());
  return filters;
}

}  // namespace mqttzoo::cluster
