#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/core/ids.hpp"
#include "broker/core/session_change.hpp"

namespace mqttzoo::core {

/// Which log a session's changes are written to.
using LogPlace = std::uint16_t;
/// Counts the records of one log, from 1; 0 is before all of them.
using LogIndex = std::uint64_t;

/// Where the persistent sessions of a shard write down what happens to them, so that it outlives this broker. A record
/// is committed when all who have to keep it do; what must not be undone by the death of this broker waits for that:
/// then Session::on_committed is called. Implemented by the cluster layer; on the shard's thread.
class SessionJournal {
 public:
  virtual LogPlace log_of(std::string_view client_id) const = 0;
  /// Somebody keeps a copy. Otherwise nothing is written, and everything is committed.
  virtual bool is_kept(LogPlace log) const = 0;

  /// The index of the record; 0 if nothing is kept.
  virtual LogIndex record(LogPlace log, const std::string& client_id, SessionChange change) = 0;
  /// When there is time, and before the next `record` of anything that could follow from it is committed.
  virtual void record_lazily(LogPlace log, const std::string& client_id, SessionChange change) = 0;
  /// All of it. Returns the index of the last record.
  virtual LogIndex write(LogPlace log) = 0;

  /// Whether the message that is being delivered is new in this log.
  virtual bool takes_message(LogPlace log) = 0;
  /// The message that is being delivered is accepted, as `record` would do. `accepted` without the message itself.
  virtual LogIndex record_accepted(LogPlace log, const std::string& client_id, session_change::Accepted accepted) = 0;

  virtual bool is_committed(LogPlace log, LogIndex index) const = 0;
  /// Calls the session's on_committed then, if it is there still.
  virtual void call_when_committed(LogPlace log, LogIndex index, SessionId session) = 0;

 protected:
  ~SessionJournal() = default;
};

}  // namespace mqttzoo::core
