#pragma once

#include <memory>

#include "broker/config/settings.hpp"

namespace mqttzoo {

/// One broker process: makes all parts from the settings, joins them, and takes them apart again. The only place that
/// knows them all.
class Node {
 public:
  /// Opens every port. Throws std::runtime_error with one line when the broker cannot start.
  explicit Node(const config::Settings& settings);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Serves until SIGTERM or SIGINT. Returns the exit code: 0, or 1 when the broker cannot take part in its cluster.
  int run();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mqttzoo
