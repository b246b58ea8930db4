#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "broker/ops/log_line.hpp"

namespace mqttzoo::ops {

enum class Level : std::uint8_t { error, warning, info, debug };
enum class LineFormat : std::uint8_t { text, json };

/// A set of levels.
class Levels {
 public:
  constexpr Levels() = default;
  constexpr Levels(std::initializer_list<Level> levels) {
    for (const Level level : levels) add(level);
  }
  constexpr void add(Level level) { bits_ |= bit(level); }
  constexpr bool contains(Level level) const { return (bits_ & bit(level)) != 0; }

 private:
  static constexpr unsigned bit(Level level) { return 1U << static_cast<unsigned>(level); }
  unsigned bits_ = 0;
};

/// What is written, where and how.
struct LogOptions {
  LineFormat format = LineFormat::text;
  Levels levels{Level::error, Level::warning, Level::info};
  bool to_stderr = true;
  bool to_stdout = false;
  std::string file;                    ///< empty: none
  std::optional<int> syslog_facility;  ///< of openlog(3); none: not to syslog
  bool timestamps = true;
  std::string timestamp_format;  ///< of strftime, in local time; empty: ISO 8601 with milliseconds, UTC
};

/// The log of the process. Lines are written by a thread of its own behind a queue of `log_queue_lines_max`: a reader
/// who does not read never holds up a shard; lines that do not fit are dropped, oldest first, and counted. Between
/// start and stop any thread may log; before and after, lines go nowhere.
inline constexpr std::size_t log_queue_lines_max = 8192;

/// Throws std::runtime_error with one line when the file cannot be opened.
void start_log(const LogOptions& options);
/// How long the end of the process waits for the reader of its log.
inline constexpr auto log_patience = std::chrono::seconds(1);

/// Writes what is queued and ends the thread. Nobody else may log any more. False after `patience`: the thread is still
/// writing to standard error, so that no one may flush that, as exit() does.
bool stop_log(std::chrono::milliseconds patience = log_patience);
/// Waits until what this thread logged is written, for `patience` at most: for a process that ends in the middle of
/// things, while others go on logging. False: nobody reads.
bool flush_log(std::chrono::milliseconds patience = log_patience);

/// Opens the file again, by its name: whoever rotates logs has moved the old one away. False: there is none, or it
/// cannot be opened, which is logged where else lines go.
bool reopen_log_file();

bool logs(Level level);
/// Lines that did not fit into the queue since the start.
std::uint64_t log_lines_dropped();

/// One line. Never payloads or passwords.
void log(Level level, std::string_view message, std::span<const Field> fields);
inline void log(Level level, std::string_view message, std::initializer_list<Field> fields = {}) {
  log(level, message, std::span<const Field>(fields.begin(), fields.size()));
}

}  // namespace mqttzoo::ops
