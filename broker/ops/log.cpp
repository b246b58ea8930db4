#include "broker/ops/log.hpp"

#include <spdlog/async.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "broker/ops/log_sinks.hpp"

namespace mqttzoo::ops {

namespace {

struct Log {
  LineFormat format;
  std::shared_ptr<LogFile> file;
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> writer;  ///< destroyed first: its thread uses the logger to the end
};

std::unique_ptr<Log> running;
std::atomic<Levels> written_levels{Levels()};

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::error:
      return spdlog::level::err;
    case Level::warning:
      return spdlog::level::warn;
    case Level::info:
      return spdlog::level::info;
    case Level::debug:
      return spdlog::level::debug;
  }
  return spdlog::level::off;
}

}  // namespace

void start_log(const LogOptions& options) {
  auto log = std::make_unique<Log>();
  log->format = options.format;
  LogSinks sinks;
  try {
    sinks = sinks_of(options);
  } catch (const spdlog::spdlog_ex& error) {
    throw std::runtime_error("the log file cannot be opened: " + std::string(error.what()));
  }
  log->file = sinks.file;
  log->writer = std::make_shared<spdlog::details::thread_pool>(log_queue_lines_max, 1);
  log->logger = std::make_shared<spdlog::async_logger>("mqttzoo", sinks.all.begin(), sinks.all.end(), log->writer,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  log->logger->set_formatter(formatter_of(options));
  log->logger->set_level(spdlog::level::debug);
  const bool goes_somewhere = !sinks.all.empty();
  running = std::move(log);
  written_levels.store(goes_somewhere ? options.levels : Levels(), std::memory_order_release);
}

bool reopen_log_file() {
  if (!running || !running->file) return false;
  try {
    running->file->reopen();
    return true;
  } catch (const spdlog::spdlog_ex& error) {
    log(Level::error, "the log file cannot be opened again", {{"reason", error.what()}});
    return false;
  }
}

bool stop_log(std::chrono::milliseconds patience) {
  written_levels.store(Levels(), std::memory_order_release);
  if (!running) return true;
  if (!flush_log(patience)) {
    static std::vector<Log*> abandoned;  // its thread goes on
    abandoned.push_back(running.release());
    return false;
  }
  running.reset();
  return true;
}

bool flush_log(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  running->logger->flush();  // a mark behind the lines: once it has left the queue they are written
  while (running->writer->queue_size() != 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

bool logs(Level level) { return written_levels.load(std::memory_order_acquire).contains(level); }

std::uint64_t log_lines_dropped() { return running ? running->writer->overrun_counter() : 0; }

void log(Level level, std::string_view message, std::span<const Field> fields) {
  if (!logs(level)) return;
  const std::string line =
      running->format == LineFormat::text ? text_line(message, fields) : json_members(message, fields);
  running->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace mqttzoo::ops
