#pragma once

#include <spdlog/common.h>
#include <spdlog/details/file_helper.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/ops/log.hpp"

/// How spdlog is told what LogOptions say.
namespace mqttzoo::ops {

/// A file that can be opened again while it is written to. Each line is in the file when it is written: whoever reads
/// it sees them come, and a process that dies loses none.
class LogFile final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  /// Throws spdlog::spdlog_ex.
  explicit LogFile(const std::string& path) { file_.open(path); }
  void reopen();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override { file_.flush(); }

 private:
  spdlog::details::file_helper file_;
};

struct LogSinks {
  std::vector<spdlog::sink_ptr> all;
  std::shared_ptr<LogFile> file;  ///< one of them, or null
};

/// Throws spdlog::spdlog_ex.
LogSinks sinks_of(const LogOptions& options);

std::unique_ptr<spdlog::formatter> formatter_of(const LogOptions& options);

}  // namespace mqttzoo::ops
