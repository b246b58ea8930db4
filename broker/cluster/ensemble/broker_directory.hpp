#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/callback_scope.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/coordinator.hpp"
#include "broker/cluster/ensemble/attempt.hpp"
#include "broker/cluster/view/broker_record.hpp"

namespace mqttzoo::cluster {

/// All registered brokers, as they stand in /brokers: a pass reads the listing and every record; watches say when
/// another pass, or one record, is due. At most one watch per znode is set at a time.
///
/// A value that cannot be read is reported once and ignored: what the same session wrote before stays valid, since the
/// broker that it belongs to lives and will write again. Lives on the control thread.
class BrokerDirectory {
 public:
  BrokerDirectory(Coordinator& coordinator, const ControlLimits& limits, ControlReporter& reporter)
      : coordinator_(coordinator), limits_(limits), reporter_(reporter), attempt_(limits.retry_ms) {}

  void session_began();
  /// Only while connected. `view_read`: the number of the view as last read in this session.
  void step(core::Milliseconds now, ViewNumber view_read);
  /// Another pass is due.
  void refresh() { pass_wanted_ = true; }

  const BrokerRecords& records() const { return records_; }
  /// Since the session began a whole pass was made, and nothing is known to be newer.
  bool is_current() const { return passes_ > 0 && !pass_wanted_ && changed_.empty() && !attempt_.in_flight(); }
  /// Counts whole passes of this session.
  std::uint64_t passes() const { return passes_; }
  /// The view that had been read when the last whole pass began.
  ViewNumber listed_after_view() const { return listed_after_view_; }
  bool is_registered(const Incarnation& incarnation) const;

 private:
  struct Entry {
    std::optional<BrokerRecord> record;
    std::int64_t session = 0;       ///< that wrote it
    std::int64_t said_corrupt = 0;  ///< the zxid of the value that was reported
  };

  void list();
  void read(std::vector<std::string> names, bool whole_pass);
  void take(const std::string& name, CoordinatorStatus status, const std::string& data, const ZnodeStat& stat);
  void read_done(bool whole_pass);

  Coordinator& coordinator_;
  const ControlLimits& limits_;
  ControlReporter& reporter_;
  CallbackScope scope_;
  Attempt attempt_;
  bool pass_wanted_ = true;
  std::set<std::string> changed_;  ///< records to be read
  std::set<std::string> watched_;
  bool children_watched_ = false;
  std::size_t answers_awaited_ = 0;
  bool some_failed_ = false;
  std::uint64_t passes_ = 0;
  ViewNumber view_at_start_ = 0;
  ViewNumber listed_after_view_ = 0;
  std::optional<core::Milliseconds> next_pass_;
  std::map<std::string, Entry> entries_;
  BrokerRecords records_;  ///< of the entries that have one
};

}  // namespace mqttzoo::cluster
