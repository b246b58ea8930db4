#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/partitions/commit_waits.hpp"
#include "broker/cluster/partitions/partition_logs.hpp"
#include "broker/core/session_journal.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// Writes what happens to persistent sessions to the logs of their partitions. A message to many sessions of a
/// partition is one record. Lives on the shard's thread.
class SessionRecords final : public core::SessionJournal {
 public:
  SessionRecords(PartitionLogs& logs, CommitWaits& waits) : logs_(logs), waits_(waits) {}

  void enter_view(SharedView view) { view_ = std::move(view); }

  struct Commitment {
    PartitionIndex partition = 0;
    core::LogIndex index = 0;
  };
  /// Between the two the shard delivers one message; `number` 0: of no stream. What sessions accepted is in `open`.
  void begin_message(const StreamId& stream, std::uint64_t number);
  bool in_message() const { return in_message_; }
  struct Taken {
    bool noted = false;     ///< the number is used
    bool repeated = false;  ///< some partition had the message
  };
  Taken end_message(std::vector<Commitment>& open);

  /// All that there was no hurry with.
  void write_all();
  void clear();

  // core::SessionJournal
  core::LogPlace log_of(std::string_view client_id) const override;
  bool is_kept(core::LogPlace log) const override { return logs_.is_kept(log); }
  core::LogIndex record(core::LogPlace log, const std::string& client_id, core::SessionChange change) override;
  void record_lazily(core::LogPlace log, const std::string& client_id, core::SessionChange change) override;
  core::LogIndex write(core::LogPlace log) override;
  bool takes_message(core::LogPlace log) override;
  core::LogIndex record_accepted(core::LogPlace log, const std::string& client_id,
                                 core::session_change::Accepted accepted) override;
  bool is_committed(core::LogPlace log, core::LogIndex index) const override { return logs_.is_committed(log, index); }
  void call_when_committed(core::LogPlace log, core::LogIndex index, core::SessionId session) override {
    waits_.add(log, index, session);
  }

 private:
  struct Seen {
    PartitionIndex partition = 0;
    bool takes = true;
  };
  struct Accepting {
    PartitionIndex partition = 0;
    core::LogIndex index = 0;
    proto::LogRecord record;
  };

  proto::LogRecord accept_record(const core::MessageView& message) const;
  void close(PartitionIndex partition);

  PartitionLogs& logs_;
  CommitWaits& waits_;
  SharedView view_;
  bool in_message_ = false;
  StreamId stream_;
  std::uint64_t number_ = 0;
  std::vector<Seen> seen_;
  std::vector<Accepting> accepting_;
  std::vector<Commitment> closed_;
  std::map<PartitionIndex, proto::LogRecord> lazy_;
};

}  // namespace mqttzoo::cluster
