#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/core/connection_end.hpp"
#include "broker/net/net_events.hpp"
#include "broker/ops/line_limit.hpp"
#include "broker/ops/log.hpp"

namespace mqttzoo {

/// Turns what the edges and control tell into log lines. Lines that anybody on the network can cause are limited by
/// their kind. Any thread.
class NodeEvents final : public net::NetEvents, public cluster::ControlReporter {
 public:
  using OnState = std::function<void(const cluster::ControlStatus&)>;
  using OnHopeless = std::function<void(std::string reason)>;

  /// Without `connection_messages` the ends of clients are not written.
  explicit NodeEvents(bool connection_messages) : connection_messages_(connection_messages) {}

  /// Before any thread runs.
  void listen(OnState on_state, OnHopeless on_hopeless);

  // net::NetEvents
  void client_ended(const core::ConnectionEnd& end) override;
  void client_turned_away(const std::string& address, std::string_view limit) override;
  void peer_refused(const std::string& address, std::string_view reason) override;
  void peer_link(const std::string& address, bool up, std::string_view reason) override;
  void accepting(bool possible, std::string_view reason) override;

  // cluster::ControlReporter
  void report(cluster::ReportLevel level, std::string text) override;
  void state_changed(const cluster::ControlStatus& status) override;
  void cannot_take_part(std::string reason) override;

 private:
  enum Limited : std::size_t { lost, refused, broken_rules, peer, limited_count };

  /// False: the line is not written, only counted; else `suppressed` says how many were not.
  bool passes(Limited kind, std::int64_t& suppressed);

  const bool connection_messages_;
  std::mutex mutex_;
  std::array<ops::LineLimit, limited_count> limits_;  ///< under the mutex
  OnState on_state_;
  OnHopeless on_hopeless_;
};

}  // namespace mqttzoo
