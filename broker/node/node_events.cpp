#include "broker/node/node_events.hpp"

#include <vector>

#include "broker/net/clock.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo {

namespace {

ops::Level level_of(cluster::ReportLevel level) {
  switch (level) {
    case cluster::ReportLevel::debug:
      return ops::Level::debug;
    case cluster::ReportLevel::info:
      return ops::Level::info;
    case cluster::ReportLevel::warning:
      return ops::Level::warning;
    case cluster::ReportLevel::error:
      break;
  }
  return ops::Level::error;
}

void log_limited(ops::Level level, std::string_view message, std::vector<ops::Field> fields, std::int64_t suppressed) {
  if (suppressed > 0) fields.push_back({"lines_suppressed", suppressed});
  ops::log(level, message, fields);
}

}  // namespace

void NodeEvents::listen(OnState on_state, OnHopeless on_hopeless) {
  on_state_ = std::move(on_state);
  on_hopeless_ = std::move(on_hopeless);
}

bool NodeEvents::passes(Limited kind, std::int64_t& suppressed) {
  const std::lock_guard lock(mutex_);
  if (!limits_[kind].passes(net::steady_now())) return false;
  suppressed = static_cast<std::int64_t>(limits_[kind].take_suppressed());
  return true;
}

void NodeEvents::client_ended(const core::ConnectionEnd& end) {
  if (!connection_messages_ || !ops::logs(ops::Level::info)) return;
  std::int64_t suppressed = 0;
  switch (end.cause) {
    case core::EndCause::lost:
    case core::EndCause::connect_timeout:
      // Whoever has not even connected is a port scanner, a health check of a load balancer, or an attacker.
      if (end.client_id.empty() && !passes(lost, suppressed)) return;
      break;
    case core::EndCause::refused:
      if (!passes(refused, suppressed)) return;
      break;
    case core::EndCause::protocol_error:
    case core::EndCause::limit:
      if (!passes(broken_rules, suppressed)) return;
      break;
    default:
      break;
  }
  std::vector<ops::Field> fields = {{"client", end.client_id},
                                    {"address", end.remote_address},
                                    {"cause", core::to_string(end.cause)},
                                    {"reason", mqtt::to_string(end.reason)},
                                    {"duration_ms", end.duration_milliseconds},
                                    {"bytes_received", static_cast<std::int64_t>(end.traffic.bytes_received)},
                                    {"bytes_sent", static_cast<std::int64_t>(end.traffic.bytes_sent)}};
  if (!end.user_name.empty()) fields.push_back({"user", end.user_name});
  if (!end.detail.empty() && end.detail != mqtt::to_string(end.reason)) fields.push_back({"detail", end.detail});
  log_limited(ops::Level::info, "client ended", std::move(fields), suppressed);
}

void NodeEvents::client_turned_away(const std::string& address, std::string_view limit) {
  std::int64_t suppressed = 0;
  if (!passes(refused, suppressed)) return;
  log_limited(ops::Level::warning, "client turned away", {{"address", address}, {"limit", limit}}, suppressed);
}

void NodeEvents::peer_refused(const std::string& address, std::string_view reason) {
  std::int64_t suppressed = 0;
  if (!passes(peer, suppressed)) return;
  log_limited(ops::Level::warning, "peer refused", {{"address", address}, {"reason", reason}}, suppressed);
}

void NodeEvents::peer_link(const std::string& address, bool up, std::string_view reason) {
  if (up) return ops::log(ops::Level::debug, "peer link up", {{"address", address}});
  ops::log(ops::Level::debug, "peer link down", {{"address", address}, {"reason", reason}});
}

void NodeEvents::accepting(bool possible, std::string_view reason) {
  if (possible) return ops::log(ops::Level::info, "accepting clients again");
  ops::log(ops::Level::error, "no client can be accepted", {{"reason", reason}});
}

void NodeEvents::report(cluster::ReportLevel level, std::string text) { ops::log(level_of(level), text); }

void NodeEvents::state_changed(const cluster::ControlStatus& status) { on_state_(status); }

void NodeEvents::cannot_take_part(std::string reason) { on_hopeless_(std::move(reason)); }

}  // namespace mqttzoo
