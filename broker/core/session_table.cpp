#include "broker/core/session_table.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "broker/core/shard_context.hpp"

namespace mqttzoo::core {

bool SessionTable::take_place() {
  const auto& quota = shard_.limits.session_quota;
  if (!quota || quota->take()) return true;
  shard_.counters.sessions_over_limit.add();
  return false;
}

Session* SessionTable::begin_clean(ClientKey client, std::uint16_t receive_maximum,
                                   std::shared_ptr<const Rights> rights) {
  if (!take_place()) return nullptr;
  Session& session = sessions_.add(
      [&](std::uint64_t serial) { return std::make_unique<Session>(shard_, SessionId{serial}, client, nullptr); });
  session.set_receive_maximum(receive_maximum);
  session.set_rights(std::move(rights));
  return &session;
}

Session& SessionTable::begin(std::string_view client_id) {
  const auto place = by_client_.try_emplace(std::string(client_id)).first;
  Session& session = sessions_.add([&](std::uint64_t serial) {
    return std::make_unique<Session>(shard_, SessionId{serial}, client_key(client_id), &place->first);
  });
  place->second = session.id();
  shard_.counters.persistent_sessions.add();
  return session;
}

Session* SessionTable::find(std::string_view client_id) const {
  const auto found = by_client_.find(client_id);
  return found == by_client_.end() ? nullptr : find(found->second);
}

void SessionTable::end(Session& session) {
  session.end();
  remove(session);
}

void SessionTable::remove(Session& session) {
  expiries_.cancel(session);
  const SessionId id = session.id();
  if (session.persistent()) {
    by_client_.erase(by_client_.find(session.client_id()));
    shard_.counters.persistent_sessions.subtract();
  }
  sessions_.erase(id.serial);
  if (shard_.limits.session_quota) shard_.limits.session_quota->give_back();
}

SessionOpened SessionTable::open(const SessionRequest& request) {
  Session* session = find(request.client_id);
  if (session && request.clean_start) {  // v5 [MQTT-3.1.2-4], v3.1.1 [MQTT-3.1.2-6]
    end(*session);
    session = nullptr;
  }
  const bool present = session != nullptr && session->whole();
  if (!session) {
    if (by_client_.size() >= shard_.limits.sessions_max) {
      shard_.counters.sessions_over_limit.add();
      return {mqtt::ReasonCode::quota_exceeded, false, {}, nullptr};
    }
    if (!take_place()) return {mqtt::ReasonCode::quota_exceeded, false, {}, nullptr};
    session = &begin(request.client_id);
    session->record(session_change::Begun{});
  }
  expiries_.cancel(*session);
  session->set_receive_maximum(request.receive_maximum);
  session->serve(request.user_name);
  session->set_rights(shard_.authorizer.rights_of(request.client_id, request.user_name));
  return {mqtt::ReasonCode::success, present, session->id(), session};
}

void SessionTable::leave(std::string_view client_id, std::uint32_t expiry_seconds) {
  Session* const session = find(client_id);
  if (!session) return;
  session->detach();
  if (expiry_seconds == 0) return end(*session);
  const bool ends = expiry_seconds != session_never_expires;
  session->leave(ends ? shard_.now.cluster + ClusterMilliseconds{expiry_seconds} * 1000 : 0);
  schedule_end(*session);
}

void SessionTable::schedule_end(Session& session) {
  if (session.ends_at() == 0) return;
  const Milliseconds left = std::max<Milliseconds>(session.ends_at() - shard_.now.cluster, 0);
  expiries_.schedule(session, shard_.now.steady + left);
}

void SessionTable::discard(std::string_view client_id) {
  if (Session* const session = find(client_id)) end(*session);
}

void SessionTable::discard_unless(const std::function<bool(std::string_view client_id)>& keeps) {
  std::vector<Session*> leaving;
  for (const auto& [client_id, id] : by_client_) {
    if (!keeps(client_id)) leaving.push_back(find(id));
  }
  shard_.counters.sessions_discarded.add(leaving.size());
  end_all(leaving);
}

void SessionTable::end_expired() {
  std::vector<Session*> expired;
  while (Session* const session = expiries_.pop_due(shard_.now.steady)) expired.push_back(session);
  shard_.counters.sessions_expired.add(expired.size());
  end_all(expired);
}

std::vector<std::string> SessionTable::clients(const std::function<bool(std::string_view client_id)>& wanted) const {
  std::vector<std::string> found;
  for (const auto& [client_id, id] : by_client_)
    if (wanted(client_id)) found.push_back(client_id);
  return found;
}

std::optional<KeptSession> SessionTable::keep(std::string_view client_id, std::uint64_t& from,
                                              std::size_t bytes_max) const {
  const Session* const session = find(client_id);
  if (!session) return std::nullopt;
  return session->keep(from, bytes_max);
}

std::optional<KeptSession> SessionTable::give_away(std::string_view client_id) {
  Session* const session = find(client_id);
  if (!session) return std::nullopt;
  KeptSession kept = session->give_away();
  remove(*session);
  return kept;
}

bool SessionTable::restore(std::string_view client_id, KeptSession&& kept) {
  ensure(!find(client_id), "a session has one home");
  if (by_client_.size() >= shard_.limits.sessions_max || !take_place()) {
    shard_.counters.sessions_over_limit.add();
    return false;
  }
  Session& session = begin(client_id);
  session.set_rights(shard_.authorizer.rights_of(client_id, kept.user_name));
  session.restore(std::move(kept));
  schedule_end(session);
  return true;
}

void SessionTable::end_all(const std::vector<Session*>& leaving) {
  for (Session* const session : leaving) session->leave_shares();  // or each one's messages pass through the others
  for (Session* const session : leaving) end(*session);
}

}  // namespace mqttzoo::core
