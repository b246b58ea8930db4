#include "broker/ops/log_sinks.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>

#include <array>
#include <ctime>

namespace mqttzoo::ops {

namespace {

class LocalTime final : public spdlog::custom_flag_formatter {
 public:
  explicit LocalTime(std::string format) : format_(std::move(format)) {}

  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& line) override {
    const std::time_t seconds = spdlog::log_clock::to_time_t(message.time);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 256> text{};
    line.append(text.data(), text.data() + std::strftime(text.data(), text.size(), format_.c_str(), &local));
  }

  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<LocalTime>(format_); }

 private:
  const std::string format_;
};

std::string pattern_of(const LogOptions& options) {
  const std::string time = options.timestamp_format.empty() ? "%Y-%m-%dT%H:%M:%S.%eZ" : "%*";
  if (options.format == LineFormat::text) return (options.timestamps ? time + ' ' : "") + "%-7l %v";
  return "{" + (options.timestamps ? "\"time\":\"" + time + "\"," : "") + R"("level":"%l",%v})";
}

}  // namespace

void LogFile::reopen() {
  const std::lock_guard lock(mutex_);
  file_.reopen(false);
}

void LogFile::sink_it_(const spdlog::details::log_msg& message) {
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  file_.write(line);
  file_.flush();
}

LogSinks sinks_of(const LogOptions& options) {
  LogSinks sinks;
  if (options.to_stderr) sinks.all.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (options.to_stdout) sinks.all.push_back(std::make_shared<spdlog::sinks::stdout_sink_mt>());
  if (options.syslog_facility) {
    // Syslog adds level and time by itself; a JSON object has to be whole.
    const bool whole = options.format == LineFormat::json;
    sinks.all.push_back(
        std::make_shared<spdlog::sinks::syslog_sink_mt>("mqttzoo", LOG_PID, *options.syslog_facility, whole));
  }
  if (!options.file.empty()) {
    sinks.file = std::make_shared<LogFile>(options.file);
    sinks.all.push_back(sinks.file);
  }
  return sinks;
}

std::unique_ptr<spdlog::formatter> formatter_of(const LogOptions& options) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<LocalTime>('*', options.timestamp_format).set_pattern(pattern_of(options));
  return formatter;
}

}  // namespace mqttzoo::ops
