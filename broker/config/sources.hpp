#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "broker/config/conf_file.hpp"
#include "broker/config/settings.hpp"

namespace mqttzoo::config {

/// What the three sources say. An option wins over the environment, the environment over the file, the file over the
/// default.
struct Sources {
  /// Values of options by the name of their key.
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<std::uint16_t> loopback_ports;  ///< -p
  bool verbose = false;                       ///< -v
  /// Looks up an environment variable; nullptr: not set.
  std::function<const char*(const std::string& name)> environment;
  std::vector<ConfLine> lines;  ///< of the file
};

/// Reads all sources, checks what concerns several keys, and fills in what follows from other keys. Throws ConfigError.
Settings settings_from(const Sources& sources);

}  // namespace mqttzoo::config
