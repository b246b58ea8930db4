#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "broker/cluster/retained/change_log.hpp"
#include "broker/cluster/retained/retained_context.hpp"
#include "broker/cluster/retained/retained_store.hpp"
#include "broker/cluster/retained/topic_reader.hpp"

namespace mqttzoo::cluster {

/// Reads of retained values that see all that was acknowledged before them (P4). A read of ZooKeeper may be answered by
/// a server that is behind; so first comes a write, which passes through the leader (a multi that only checks: it
/// changes nothing), then the change log is read to its end, then the cache answers. All reads that wait share the next
/// write. After `read_wait_ms`, or without contact, the cache answers with what it has; while the values are being
/// loaded, not before `load_wait_ms`. What may be answered is answered at once as far as `read_steps_per_tick` go,
/// the rest with the next ticks. Lives on the control thread.
class RetainedReads {
 public:
  RetainedReads(RetainedContext& context, ChangeLog& log, TopicReader& topics)
      : context_(context), log_(log), topics_(topics) {}

  void read(std::vector<std::string> filters, RetainedStore::ReadCallback done);
  /// Goes on with what can be done now. With every tick, and when the values are loaded.
  void pump();
  /// The values are being loaded again: what was under way begins anew after that.
  void start_over();

 private:
  struct Read {
    std::vector<std::string> filters;
    RetainedStore::ReadCallback done;
    core::Milliseconds waits_until = 0;
    core::Milliseconds gives_up_at = 0;  ///< though the values are still being loaded
  };

  void sync();
  void synced();
  void caught_up();
  void answer(std::vector<Read> reads, bool cut_off);
  void answer_some();
  void answer_overdue(std::vector<Read>& reads);

  RetainedContext& context_;
  ChangeLog& log_;
  TopicReader& topics_;
  std::vector<Read> waiting_;   ///< for the next write
  std::vector<Read> syncing_;   ///< for what the present write shows
  std::deque<Read> answering_;  ///< may be answered
  bool in_sync_ = false;
  std::uint64_t run_ = 0;
  core::Milliseconds tick_ = 0;
  std::size_t steps_in_tick_ = 0;
};

}  // namespace mqttzoo::cluster
