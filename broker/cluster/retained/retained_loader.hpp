#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/retained/retained_context.hpp"

namespace mqttzoo::cluster {

/// Brings the cache abreast of the ensemble: creates the znodes that every cluster has, finds the end of the change
/// log, learns the number of the last sweep, and reads all values, `load_requests_max` at a time. The log is followed
/// from that end on while the values are read: in the cache the newer version wins. In this order, so that nothing is
/// missed: what is committed after the end was found is in the log, all else is read. Lives on the control thread.
class RetainedLoader {
 public:
  /// `log_end`: the first entry to be followed is this one. `loaded`: the cache has all values.
  RetainedLoader(RetainedContext& context, std::function<void(ChangeNumber)> log_end, std::function<void()> loaded)
      : context_(context), log_end_(std::move(log_end)), loaded_(std::move(loaded)) {}

  /// Begins, or begins again. `repair`: one of the znodes that every cluster has was seen missing.
  void start(bool repair);
  bool running() const { return step_ != Step::idle; }
  /// Sends again what could not be sent. For every tick.
  void resume();

 private:
  enum class Step : std::uint8_t { idle, create_all, create_each, list_log, begin_log, read_sweep, load };

  void go(Step step);
  void send();
  void wait() { waits_for_resume_ = true; }

  std::vector<MultiOperation> structure() const;
  void created_all(CoordinatorStatus status);
  void create_each();
  void created_one(CoordinatorStatus status);
  void log_listed(CoordinatorStatus status, const std::vector<std::string>& names);
  void log_begun(CoordinatorStatus status);
  void sweep_read(CoordinatorStatus status, const ZnodeStat& stat);

  void begin_load();
  void load_more();
  void list_bucket(std::uint32_t bucket);
  void bucket_listed(std::uint32_t bucket, CoordinatorStatus status, std::vector<std::string> names);
  void read_znode(std::string path);
  void znode_read(const std::string& path, CoordinatorStatus status, const std::string& data, const ZnodeStat& stat);

  RetainedContext& context_;
  std::function<void(ChangeNumber)> log_end_;
  std::function<void()> loaded_;
  Step step_ = Step::idle;
  bool waits_for_resume_ = false;
  std::uint64_t run_ = 0;  ///< counts starts: answers of an earlier run are not taken

  std::size_t creations_open_ = 0;
  bool creation_failed_ = false;

  std::deque<std::uint32_t> buckets_;  ///< to be listed
  std::deque<std::string> paths_;      ///< to be read
  std::size_t in_flight_ = 0;
};

}  // namespace mqttzoo::cluster
