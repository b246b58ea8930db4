#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/cluster/cluster_clock.hpp"
#include "broker/cluster/retained/bank_audit.hpp"
#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/retained/commit_lane.hpp"
#include "broker/cluster/retained/retained_cache.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "broker/cluster/retained/retained_loader.hpp"
#include "broker/cluster/retained/retained_options.hpp"
#include "broker/cluster/retained/retained_reads.hpp"
#include "broker/cluster/retained/retained_store.hpp"
#include "broker/cluster/retained/retained_sweeper.hpp"
#include "broker/cluster/retained/retained_upkeep.hpp"
#include "broker/cluster/retained/time_keeper.hpp"
#include "broker/cluster/retained/topic_reader.hpp"
#include "broker/cluster/view/incarnation.hpp"

namespace mqttzoo::cluster {

/// The retained values of a cluster, in znodes (P4). Every broker holds all of them in memory and follows the log of
/// changes. A value is first committed, then answered; each commit is one multi of at most 64 KiB of values with the
/// change entry and the movement of credit, on the condition of every version in it (CommitLane).
///
/// Without an answer of ZooKeeper for `store_wait_ms`: QoS 0 is answered live_only, a v5 publisher of QoS 1 or 2 is
/// refused with 0x83 unless the commit is under way already, all others wait: they must not be acknowledged (P8), and
/// their number is bounded by `waiting_bytes_max` and by the publishers' windows. When contact has been away for that
/// long, so is everything that comes, at once. Reads are answered from memory then.
///
/// Publishes of "$SYS/..." stay in this broker's memory.
///
/// Sans-I/O: time comes with tick alone. **Call tick at the end of every turn of the control thread in which store or
/// read was called or a callback of the Coordinator ran, and at least every 50 ms**: what was stored in a turn is
/// committed together. Callbacks of store and read come from any call. Lives on the control thread. The Coordinator
/// outlives the store; callbacks that come later are ignored.
class ZnodeRetainedStore final : public RetainedStore, private CommitLaneOwner, private ChangeLogOwner {
 public:
  /// `bulk`: a session of its own, so that values never hold up the lease.
  ZnodeRetainedStore(Coordinator& bulk, ClusterClock& clock, RetainedOptions options, RetainedLog log);

  void store(core::MessageRef message, bool refusable, StoreCallback done) override;
  void read(std::vector<std::string> filters, ReadCallback done) override;
  void tick(core::Milliseconds now);

  /// Under which name this broker borrows from the Bank. Nothing is committed before the first call; again when this
  /// process goes on as a new incarnation.
  void set_incarnation(const Incarnation& incarnation);

  /// This broker is the controller: sweeps and keeps the log and the Bank in order. `living`: all members of the view,
  /// this broker, and brokers that are about to join. Again whenever they change.
  void hold_office(std::vector<Incarnation> living);
  void leave_office() { is_controller_ = false; }

  /// Sums up the Bank; nothing where it did not succeed, or another audit runs.
  void audit(BankAudit::Done done);

  /// All values are known, and their number.
  bool loaded() const { return context_.loaded; }
  bool in_contact() const { return !context_.cut_off; }
  std::size_t waiting_bytes() const { return context_.waiting_bytes; }
  const RetainedCache& cache() const { return cache_; }
  const RetainedCounters& counters() const { return counters_; }

 private:
  // CommitLaneOwner
  void renew_knowledge(CommitLane& lane, std::string topic, std::int32_t known_version) override;
  void collect_credit(CommitLane& lane) override;
  void credit_given_back() override;
  void change_logged(std::string_view path) override { log_.skip(path); }
  void structure_missing() override;
  // ChangeLogOwner
  void changed(const proto::RetainedChanges& changes, std::int64_t zxid) override;
  void log_lost(std::string why) override;

  void load_again(bool repair);
  void values_loaded();
  void look_at_contact();
  void check_loaded();
  std::optional<RetainedAnswer> refusal(const core::Message& message, bool refusable);
  bool fits_packet(const core::MessageView& view) const;
  CommitLane& lane_of(std::string_view topic);

  const RetainedOptions options_;
  ClusterClock& clock_;
  RetainedCache cache_;
  RetainedCounters counters_;
  RetainedContext context_;
  ChangeLog log_;
  TopicReader topics_;
  RetainedLoader loader_;
  RetainedReads reads_;
  TimeKeeper time_keeper_;
  BankAudit audit_;
  RetainedSweeper sweeper_;
  RetainedUpkeep upkeep_;
  std::deque<CommitLane> lanes_;
  std::vector<CommitLane*> collecting_;

  bool started_ = false;
  bool values_known_ = false;  ///< the loader has ended
  bool is_controller_ = false;
  std::optional<core::Milliseconds> disconnected_since_;
  core::Milliseconds gave_up_at_ = 0;
  core::Milliseconds inspected_at_ = 0;
};

}  // namespace mqttzoo::cluster
