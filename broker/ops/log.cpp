// The only user of spdlog.
#include "broker/ops/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace mqttzoo::ops {

namespace {

struct Log {
  LineFormat format;
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> writer;  ///< destroyed first: its thread uses the logger to the end
};

std::unique_ptr<Log> running;
std::atomic<int> least_level{spdlog::level::off};

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

void start_log(LineFormat format, Level least_important) {
  auto log = std::make_unique<Log>();
  log->format = format;
  log->writer = std::make_shared<spdlog::details::thread_pool>(log_queue_lines_max, 1);
  log->logger = std::make_shared<spdlog::async_logger>("mqttzoo", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                                       log->writer, spdlog::async_overflow_policy::overrun_oldest);
  log->logger->set_pattern(format == LineFormat::text ? "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v"
                                                      : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})",
                           spdlog::pattern_time_type::utc);
  log->logger->set_level(spdlog_level(least_important));
  running = std::move(log);
  least_level.store(spdlog_level(least_important), std::memory_order_release);
}

bool stop_log(std::chrono::milliseconds patience) {
  least_level.store(spdlog::level::off, std::memory_order_release);
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

bool logs(Level level) { return spdlog_level(level) >= least_level.load(std::memory_order_acquire); }

std::uint64_t log_lines_dropped() { return running ? running->writer->overrun_counter() : 0; }

void log(Level level, std::string_view message, std::span<const Field> fields) {
  if (!logs(level)) return;
  const std::string line =
      running->format == LineFormat::text ? text_line(message, fields) : json_members(message, fields);
  running->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace mqttzoo::ops
