#pragma once

#include <cstdint>

namespace mqttzoo::cluster {

/// What happened since the start, for metrics. Lives on the control thread. P9: nothing is dropped without its counter.
struct RetainedCounters {
  std::uint64_t stored = 0;             ///< publishes that were committed
  std::uint64_t refused_bank = 0;       ///< to publishers that could be told: the Bank could not pay
  std::uint64_t refused_too_large = 0;  ///< ... the value is over the limit
  std::uint64_t refused_full = 0;       ///< ... values_max or waiting_bytes_max
  std::uint64_t refused_cut_off = 0;    ///< ... no contact with ZooKeeper
  std::uint64_t live_only_bank = 0;     ///< not stored, though the publisher could not be told: the same reasons
  std::uint64_t live_only_too_large = 0;
  std::uint64_t live_only_full = 0;
  std::uint64_t live_only_cut_off = 0;
  std::uint64_t commits = 0;
  std::uint64_t commits_repeated = 0;  ///< somebody else had changed a topic of it
  std::uint64_t replies_lost = 0;      ///< it had to be found out whether a commit was carried out
  std::uint64_t reads = 0;
  std::uint64_t reads_cut_off = 0;      ///< answered from memory, without contact with ZooKeeper
  std::uint64_t reads_cut_short = 0;    ///< SUBSCRIBEs over read_steps_max or read_matches_max: the rest was not sent
  std::uint64_t loads = 0;              ///< all values were read: at the start, and when the log had been trimmed
  std::uint64_t unreadable_znodes = 0;  ///< znodes that are not ours or damaged
  std::uint64_t swept = 0;              ///< znodes removed as controller
};

}  // namespace mqttzoo::cluster
