#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "broker/cluster/retained/retained_context.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

/// Number of an entry in /changes, as ZooKeeper counts them: 32 bits that wrap around.
using ChangeNumber = std::int32_t;

std::string change_path(ChangeNumber number);
/// The number in an entry's name or path; nothing: it is none of ours.
std::optional<ChangeNumber> change_number(std::string_view name);
/// Whether a comes after b, with the wrap-around in mind.
inline bool comes_after(ChangeNumber a, ChangeNumber b) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) - static_cast<std::uint32_t>(b)) > 0;
}
inline ChangeNumber plus(ChangeNumber number, std::uint32_t count) {
  return static_cast<ChangeNumber>(static_cast<std::uint32_t>(number) + count);
}

class ChangeLogOwner {
 public:
  virtual ~ChangeLogOwner() = default;
  /// One entry, in the order of the log.
  virtual void changed(const proto::RetainedChanges& changes, std::int64_t zxid) = 0;
  /// Entries are gone that were not read, or cannot be read. The log has stopped; all values must be loaded again.
  virtual void log_lost(std::string why) = 0;
};

/// Reads the entries of /changes one after another, each once. One watch is set, on the entry to come. The data of
/// /changes is the number of the last entry that was trimmed: who wants to read that one has missed something. Our own
/// entries need not be read. Lives on the control thread.
class ChangeLog {
 public:
  ChangeLog(RetainedContext& context, ChangeLogOwner& owner) : context_(context), owner_(owner) {}

  /// Follows the log from this entry on.
  void start(ChangeNumber first);
  void stop();
  bool running() const { return running_; }
  ChangeNumber next() const { return next_; }

  /// Calls back when all entries have been read that were there at the call. Never, if the log stops before.
  void catch_up(std::function<void()> done);
  /// The entry at this path is ours: it need not be read.
  void skip(std::string_view path);

  /// Sends again what could not be sent. For every tick, and when a session is connected.
  void resume();
  /// Lists the log, now and then: should a watch have been lost, or entries been removed by hand, it is found out.
  void inspect();

 private:
  /// What one pass of reads brought: the entries from next_ on, and, last of all, what was trimmed.
  struct Pass {
    struct Slot {
      ChangeNumber number = 0;
      bool own = false;
      CoordinatorStatus status = CoordinatorStatus::not_tried;
      std::string data;
      std::int64_t zxid = 0;
    };
    std::vector<Slot> slots;
    std::uint64_t run = 0;
  };

  void look();
  void begin_pass(std::size_t window);
  void read_slot(const std::shared_ptr<Pass>& pass, std::size_t index, bool watch);
  void pass_ended(Pass& pass, CoordinatorStatus status, const std::string& trimmed);
  std::size_t take_entries(Pass& pass);
  bool take_entry(Pass::Slot& slot);
  static bool has_gap(const Pass& pass, std::size_t taken);
  void caught_up();
  void lose(std::string why);
  void watch_fired(std::uint64_t run, ChangeNumber number);

  RetainedContext& context_;
  ChangeLogOwner& owner_;
  bool running_ = false;
  std::uint64_t run_ = 0;  ///< counts starts: answers of an earlier run are not taken
  ChangeNumber next_ = 0;  ///< all before are read
  bool watched_ = false;   ///< a watch waits for entry watched_number_
  ChangeNumber watched_number_ = 0;

  bool in_pass_ = false;
  bool waits_for_resume_ = false;
  bool again_ = false;  ///< something may have come since the pass began
  std::size_t window_ = 1;
  std::optional<ChangeNumber> gap_at_;               ///< the pass before did not find this entry, but a later one
  std::vector<std::function<void()>> pass_waiters_;  ///< of the pass under way
  std::vector<std::function<void()>> next_waiters_;  ///< came after it began
  std::unordered_set<ChangeNumber> own_;             ///< entries of ours that are not passed yet
};

}  // namespace mqttzoo::cluster
