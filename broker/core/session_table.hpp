#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/core/deadline_queue.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/router.hpp"
#include "broker/core/session.hpp"
#include "broker/core/slot_table.hpp"

namespace mqttzoo::core {

struct ShardContext;

/// All sessions that live in one shard. Persistent ones are found by Client Identifier and end when their Session
/// Expiry Interval has passed since their last connection ended (v5 3.1.2.11.2), or when the home says so. Bounds:
/// clean ones by the connections, persistent ones by Limits::sessions_max, both by
/// Limits::session_quota.
class SessionTable {
 public:
  explicit SessionTable(ShardContext& shard) : shard_(shard) {}

  /// Null if it has ended.
  Session* find(SessionId id) const { return sessions_.find(id.serial); }

  /// For a connection of this shard, which ends it. Null: there is no room for one more.
  Session* begin_clean(ClientKey client, std::uint16_t receive_maximum, std::shared_ptr<const Rights> rights);
  /// Ends it, whichever kind it is. Not inside of a delivery.
  void end(Session& session);

  // Persistent ones: the decisions of the home.

  /// Resumes the session, or begins one.
  SessionOpened open(const SessionRequest& request);
  /// Its connection has ended: the session goes on for so long.
  void leave(std::string_view client_id, std::uint32_t expiry_seconds);
  void discard(std::string_view client_id);
  void discard_unless(const std::function<bool(std::string_view client_id)>& keeps);

  // Sessions that move.

  std::vector<std::string> clients(const std::function<bool(std::string_view client_id)>& wanted) const;
  std::optional<KeptSession> keep(std::string_view client_id, std::uint64_t& from, std::size_t bytes_max) const;
  std::optional<KeptSession> give_away(std::string_view client_id);
  /// False: there is no room for it.
  bool restore(std::string_view client_id, KeptSession&& kept);

  void end_expired();
  /// All sessions are about to end: what they have of Shared Subscriptions must not go from one to the next.
  void leave_shares() {
    sessions_.for_each([](Session& session) { session.leave_shares(); });
  }
  bool has_deadline() const { return !expiries_.empty(); }
  Milliseconds next_deadline() const { return expiries_.next(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Session* find(std::string_view client_id) const;
  Session& begin(std::string_view client_id);
  void end_all(const std::vector<Session*>& leaving);
  void remove(Session& session);
  void schedule_end(Session& session);
  /// In Limits::session_quota. False, and counted, if there is none.
  bool take_place();

  ShardContext& shard_;
  SlotTable<Session> sessions_;
  std::unordered_map<std::string, SessionId, TextHash, std::equal_to<>> by_client_;
  DeadlineQueue<Session, &Session::expiry_slot> expiries_;
};

}  // namespace mqttzoo::core
