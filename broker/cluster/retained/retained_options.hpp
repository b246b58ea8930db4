#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "broker/cluster/control_reporter.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// Limits of the retained data, each with its default and the reason for it. `bank_bytes` and `retain_ttl_ms` are what
/// people set; all brokers of a cluster should agree on them.
struct RetainedOptions {
  /// What all retained values together may cost (credit_bytes in bank.hpp). ZooKeeper keeps them in memory.
  std::uint64_t bank_bytes = std::uint64_t{64} << 20;
  /// How long a value lasts that came without a Message Expiry Interval; 0: for ever.
  core::Milliseconds retain_ttl_ms = 0;

  /// Payload and properties of one value. A znode may have 1 MiB with its request around it.
  std::size_t value_bytes_max = 900 * 1024;
  /// Values that this broker keeps in memory; stores of further topics are refused.
  std::size_t values_max = 1'000'000;
  /// Values of the broker itself ($SYS), which cost no credit.
  std::size_t local_values_max = 10'000;

  /// Values in one group commit: a longer one holds up those behind it. A longer value commits alone.
  std::size_t commit_bytes_max = 64 * 1024;
  /// Topics in one group commit: each is a part of the multi.
  std::size_t commit_topics_max = 500;
  /// Commits that run at the same time, each on topics of its own: the ensemble syncs its log for several at once.
  std::size_t lanes = 3;
  /// Values up to this size stand in the change log too, so that the other brokers read one znode per commit.
  std::size_t logged_value_bytes_max = 4 * 1024;
  /// Publishes that wait for their commit, in bytes: about two seconds of what an ensemble takes.
  std::size_t waiting_bytes_max = std::size_t{32} << 20;

  /// How long a publish waits for ZooKeeper before it is answered without (see ZnodeRetainedStore): the lease time.
  core::Milliseconds store_wait_ms = 3'000;
  /// How long a read waits for ZooKeeper before it is answered from memory: the lease time.
  core::Milliseconds read_wait_ms = 3'000;
  /// The same while the values are being loaded: a million of them take less.
  core::Milliseconds load_wait_ms = 60'000;
  /// What the reads of one SUBSCRIBE may look at (a level of a topic is a step) and answer: enough for all of
  /// values_max by one filter. Many wildcards that each match everything get less, which is counted.
  std::size_t read_steps_max = 4'000'000;
  std::size_t read_matches_max = 1'000'000;
  /// Reads go on in the next tick when those of this one took so many steps: some 30 ms. Heartbeats go between.
  std::size_t read_steps_per_tick = 200'000;
  /// Before a request that failed is made again.
  core::Milliseconds retry_ms = 200;

  /// What a lane takes out of the bank beyond its need, so that not every commit has to ask; and what it keeps.
  std::uint64_t block_bytes = 64 * 1024;
  /// A lane without work gives all of its credit back after this time.
  core::Milliseconds block_idle_ms = 5'000;

  /// Znodes that are read at the same time when the values are loaded.
  std::size_t load_requests_max = 256;
  /// Entries of the change log that are asked for at a time.
  std::size_t log_window = 16;
  /// Now and then the log is listed, whatever the watches say.
  core::Milliseconds log_inspection_ms = 10'000;

  /// The controller: how often expired and deleted values are removed, and how many by one multi (each makes the
  /// commits of that moment try again).
  core::Milliseconds sweep_interval_ms = 1'000;
  std::size_t sweep_topics_max = 500;
  /// The controller: how often the change log and the blocks of dead brokers are looked after.
  core::Milliseconds upkeep_interval_ms = 5'000;
  /// Entries of the change log that are kept besides those of the last upkeep interval: what a broker may be behind.
  std::size_t changes_kept = 1'000;
  /// How long the empty block of a dead broker is kept, in case it comes back and asks what became of a commit.
  core::Milliseconds empty_block_kept_ms = 600'000;
};

/// One line for the log.
using RetainedLog = std::function<void(ReportLevel level, std::string text)>;

}  // namespace mqttzoo::cluster
