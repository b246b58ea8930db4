#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "broker/ops/log_line.hpp"

namespace mqttzoo::ops {

enum class Level : std::uint8_t { error, warning, info, debug };
enum class LineFormat : std::uint8_t { text, json };

/// The log of the process, on standard error. Lines are written by a thread of its own behind a queue of
/// `log_queue_lines_max`: a reader who does not read never holds up a shard; lines that do not fit are dropped, oldest
/// first, and counted. Between start and stop any thread may log; before and after, lines go nowhere.
inline constexpr std::size_t log_queue_lines_max = 8192;

void start_log(LineFormat format, Level least_important);
/// How long the end of the process waits for the reader of its log.
inline constexpr auto log_patience = std::chrono::seconds(1);

/// Writes what is queued and ends the thread. Nobody else may log any more. False after `patience`: the thread is still
/// writing to standard error, so that no one may flush that, as exit() does.
bool stop_log(std::chrono::milliseconds patience = log_patience);
/// Waits until what this thread logged is written, for `patience` at most: for a process that ends in the middle of
/// things, while others go on logging. False: nobody reads.
bool flush_log(std::chrono::milliseconds patience = log_patience);

bool logs(Level level);
/// Lines that did not fit into the queue since the start.
std::uint64_t log_lines_dropped();

/// One line. Never payloads or passwords.
void log(Level level, std::string_view message, std::span<const Field> fields);
inline void log(Level level, std::string_view message, std::initializer_list<Field> fields = {}) {
  log(level, message, std::span<const Field>(fields.begin(), fields.size()));
}

}  // namespace mqttzoo::ops
