// The servers' side of the fake ensemble: sessions, and requests from their arrival to their answer.
#include <algorithm>

#include "broker/common/ensure.hpp"
#include "tests/support/fake_ensemble.hpp"

namespace mqttzoo::support {

using cluster::CoordinatorStatus;
using cluster::MultiOperation;
using Kind = FakeRequest::Kind;

// ---- Sessions ----

FakeEnsemble::SessionRef FakeEnsemble::find_session(std::int64_t id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || found->second->ended ? nullptr : found->second;
}

void FakeEnsemble::take_connection(const Client& client) {
  if (client->gone()) return;
  auto& link = client->link;
  if (link.cut || paused_ || !quorum_) {
    waiting_connections_.push_back(client);
    return;
  }
  ++link.connection;
  link.establishing = true;
  const auto id = client->session_to_resume();
  if (id == 0) {
    auto session = std::make_shared<Session>();
    session->id = ++last_session_id_;
    session->client = client;
    sessions_[session->id] = session;
    agree(transaction({}));
    deliver(client, [id = session->id](FakeClient& told) { told.connected(id); });
  } else if (const auto session = find_session(id)) {
    resume_session(session);
  } else {
    deliver(client, [](FakeClient& told) { told.expired(); });
  }
}

void FakeEnsemble::resume_session(const SessionRef& session) {
  deliver(session->client, [id = session->id](FakeClient& told) { told.connected(id); });
  restore_watches(*session);
}

/// The client names its watches on a new connection and the last zxid that it has seen: what changed since is told now.
void FakeEnsemble::restore_watches(Session& session) {
  const auto& tree = servers_[static_cast<std::size_t>(session.client->link.server)].tree;
  const auto& watches = session.client->watches();
  const auto seen = session.client->last_seen_zxid();
  const auto self = sessions_.at(session.id);
  session.data_watches.clear();
  session.children_watches.clear();
  for (const auto& [path, callbacks] : watches.data) {
    const auto* node = tree.find(path);
    if (node == nullptr) {
      send_event(self, FakeClient::Event::removed, path);
    } else if (node->stat.modified_zxid > seen) {
      send_event(self, FakeClient::Event::changed, path);
    } else {
      session.data_watches.insert(path);
    }
  }
  for (const auto& [path, callbacks] : watches.existence) {
    if (tree.find(path) != nullptr) {
      send_event(self, FakeClient::Event::created, path);
    } else {
      session.data_watches.insert(path);
    }
  }
  for (const auto& [path, callbacks] : watches.children) {
    const auto* node = tree.find(path);
    if (node == nullptr) {
      send_event(self, FakeClient::Event::removed, path);
    } else if (node->children_zxid > seen) {
      send_event(self, FakeClient::Event::children, path);
    } else {
      session.children_watches.insert(path);
    }
  }
}

void FakeEnsemble::expire_when_silent(const SessionRef& session) {
  schedule(session->client->timeout_ms, [this, session, cuts = session->client->link.cuts] {
    const auto& link = session->client->link;
    if (session->ended || !link.cut || link.cuts != cuts) return;
    // Without a leader nobody counts; afterwards each session has its whole timeout again.
    if (paused_ || !quorum_) return expire_when_silent(session);
    end_session(session);
  });
}

void FakeEnsemble::end_session(const SessionRef& session) {
  session->ended = true;
  sessions_.erase(session->id);
  session->queue.clear();
  auto removal = transaction(removal_of_ephemerals(session->id));
  for (const auto& change : removal.changes) leader_.apply(change, removal.zxid, removal.time_ms);
  agree(std::move(removal));
  const auto client = session->client;
  const bool has_connection = client->state() == FakeClient::State::connected || client->link.establishing;
  if (client->session_to_resume() == session->id && has_connection)
    deliver(client, [](FakeClient& told) { told.dropped(); });
}

std::vector<FakeChange> FakeEnsemble::removal_of_ephemerals(std::int64_t session_id) const {
  std::vector<FakeChange> changes;
  for (const auto& path : leader_.ephemerals_of(session_id)) changes.push_back({FakeChange::Kind::remove, path, {}, 0});
  return changes;
}

// ---- Requests ----

void FakeEnsemble::arrive(const Client& client, FakeRequest request) {
  if (paused_) {
    waiting_for_resume_.push_back([this, client, request = std::move(request)] { arrive(client, request); });
    return;
  }
  if (request.connection <= client->link.requests_lost_to) return;
  const auto session = find_session(request.session_id);
  if (session == nullptr) return;
  const auto number = request.number;
  const bool is_change = request.kind == Kind::change || request.kind == Kind::end_session;
  session->queue.push_back({.request = std::move(request), .reply = {}, .agreed = {}});
  if (is_change) propose(session, number);
  answer_queue(session);
}

void FakeEnsemble::propose(const SessionRef& session, std::uint64_t number) {
  if (!quorum_) {
    waiting_for_quorum_.emplace_back(session, number);
    return;
  }
  const auto found = std::find_if(session->queue.begin(), session->queue.end(),
                                  [number](const Waiting& waiting) { return waiting.request.number == number; });
  if (found == session->queue.end()) return;  // the session has ended in the meantime
  auto& waiting = *found;
  std::vector<FakeChange> changes;
  if (waiting.request.kind == Kind::end_session) {
    session->ended = true;
    changes = removal_of_ephemerals(session->id);
    waiting.reply.status = CoordinatorStatus::ok;
  } else {
    FakeProposal proposal(leader_, session->id);
    waiting.reply.status = proposal.check(waiting.request.operations, waiting.reply.parts);
    changes = std::move(proposal.changes());
  }
  auto agreed = transaction(std::move(changes));
  apply_to_leader(agreed, waiting);
  waiting.agreed = log_start_ + log_.size() + 1;
  agree(std::move(agreed));
}

void FakeEnsemble::apply_to_leader(const FakeTransaction& transaction, Waiting& waiting) {
  const auto& operations = waiting.request.operations;
  std::size_t next = 0;
  for (const auto& change : transaction.changes) {
    leader_.apply(change, transaction.zxid, transaction.time_ms);
    while (next < operations.size() && operations[next].kind == MultiOperation::Kind::check) ++next;
    if (next == operations.size()) continue;
    if (operations[next].kind == MultiOperation::Kind::set)
      waiting.reply.parts[next].stat = leader_.find(change.path)->stat;
    ++next;
  }
}

FakeTransaction FakeEnsemble::transaction(std::vector<FakeChange> changes) {
  return {++last_zxid_, wall_clock_ms(), std::move(changes)};
}

void FakeEnsemble::agree(FakeTransaction transaction) {
  log_.push_back(std::move(transaction));
  for (std::size_t index = 0; index < servers_.size(); ++index) {
    auto& server = servers_[index];
    server.last_apply_ms = std::max(server.last_apply_ms, now_ms_ + server.apply_delay_ms);
    if (server.last_apply_ms <= now_ms_) {
      apply_next(index);
    } else {
      schedule(server.last_apply_ms - now_ms_, [this, index] { apply_next(index); });
    }
  }
}

void FakeEnsemble::apply_next(std::size_t index) {
  if (paused_) {
    waiting_for_resume_.push_back([this, index] { apply_next(index); });
    return;
  }
  auto& server = servers_[index];
  const auto& transaction = log_.at(server.applied - log_start_);
  for (const auto& change : transaction.changes) {
    server.tree.apply(change, transaction.zxid, transaction.time_ms);
    fire_watches(index, change);
  }
  server.tree.set_last_zxid(transaction.zxid);
  ++server.applied;
  const auto slowest = std::min_element(servers_.begin(), servers_.end(),
                                        [](const Server& a, const Server& b) { return a.applied < b.applied; });
  for (; log_start_ < slowest->applied; ++log_start_) log_.pop_front();
  std::vector<SessionRef> served;
  for (const auto& [id, session] : sessions_)
    if (static_cast<std::size_t>(session->client->link.server) == index) served.push_back(session);
  for (const auto& session : served) answer_queue(session);
}

void FakeEnsemble::fire_watches(std::size_t index, const FakeChange& change) {
  using Event = FakeClient::Event;
  const bool is_set = change.kind == FakeChange::Kind::set;
  const bool is_removal = change.kind == FakeChange::Kind::remove;
  const auto parent = parent_of(change.path);
  for (const auto& [id, session] : sessions_) {
    if (static_cast<std::size_t>(session->client->link.server) != index) continue;
    bool watched = session->data_watches.erase(change.path) != 0;
    if (is_removal && session->children_watches.erase(change.path) != 0) watched = true;
    if (watched)
      send_event(session, is_set ? Event::changed : is_removal ? Event::removed : Event::created, change.path);
    if (!is_set && session->children_watches.erase(parent) != 0) send_event(session, Event::children, parent);
  }
}

void FakeEnsemble::send_event(const SessionRef& session, FakeClient::Event event, const std::string& path) {
  deliver(session->client, [event, path](FakeClient& told) { told.watch_event(event, path); });
}

void FakeEnsemble::answer_queue(const SessionRef& session) {
  const auto& link = session->client->link;
  const auto& server = servers_[static_cast<std::size_t>(link.server)];
  while (!session->queue.empty()) {
    auto& waiting = session->queue.front();
    if (waiting.request.kind == Kind::get || waiting.request.kind == Kind::children) {
      read(*session, waiting);
    } else if (!waiting.agreed || server.applied < *waiting.agreed) {
      return;
    }
    waiting.reply.zxid = server.tree.last_zxid();
    const bool is_end = waiting.request.kind == Kind::end_session;
    if (waiting.request.connection == link.connection)
      deliver(session->client, [number = waiting.request.number, reply = std::move(waiting.reply)](FakeClient& told) {
        told.replied(number, reply);
      });
    session->queue.pop_front();
    if (is_end) sessions_.erase(session->id);
  }
}

void FakeEnsemble::read(Session& session, Waiting& waiting) {
  const auto& request = waiting.request;
  const bool is_get = request.kind == Kind::get;
  const auto* node = servers_[static_cast<std::size_t>(session.client->link.server)].tree.find(request.path);
  waiting.reply.status = node == nullptr ? CoordinatorStatus::no_node : CoordinatorStatus::ok;
  if (node != nullptr && is_get) {
    waiting.reply.data = node->data;
    waiting.reply.stat = node->stat;
  } else if (node != nullptr) {
    waiting.reply.names.assign(node->children.begin(), node->children.end());
  }
  if (!request.watch || request.connection != session.client->link.connection) return;
  if (is_get) session.data_watches.insert(request.path);
  if (!is_get && node != nullptr) session.children_watches.insert(request.path);
}

}  // namespace mqttzoo::support
