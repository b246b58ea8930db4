#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "broker/common/backoff.hpp"
#include "zk/connect_string.hpp"

namespace mqttzoo::zk {

/// Hands a function to the control thread. Callable from any thread; must return before the function runs (as
/// asio::post does), and must stay callable until the coordinator is destroyed.
using Post = std::function<void(std::function<void()>)>;

enum class LogLevel : std::uint8_t { debug, info, warning, error };
/// Called on the control thread. The C client's own words arrive as debug.
using Log = std::function<void(LogLevel, std::string_view text)>;

struct Options {
  ConnectString ensemble;
  /// Asked for; the ensemble grants what lies between its minSessionTimeout and maxSessionTimeout.
  std::int32_t session_timeout_ms = 4'000;
  /// "user:password" of ZooKeeper's digest scheme; then only this user may touch what is created. Empty: anyone.
  std::string auth;
  std::size_t requests_in_flight_max = 10'000;
  /// How long to wait before a session that ended, or could not be started, is followed by another.
  Backoff::Limits reopen{.first_ms = 100, .longest_ms = 5'000};
  /// No server for this long: one line in the log, and another one each outage_notice_every_ms.
  std::int64_t outage_notice_after_ms = 1'000;
  std::int64_t outage_notice_every_ms = 30'000;
};

}  // namespace mqttzoo::zk
