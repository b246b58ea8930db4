#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mqttzoo::config {

/// One setting of a file in the syntax of mosquitto.conf: a key, spaces, and the rest of the line as its value.
struct ConfLine {
  std::string file;
  int number = 0;  ///< from 1
  std::string key;
  std::string value;  ///< without spaces at its ends; may be empty

  /// "mosquitto.conf:12"
  std::string where() const { return file + ':' + std::to_string(number); }
  bool operator==(const ConfLine&) const = default;
};

/// Bounds of a configuration file.
inline constexpr std::size_t conf_file_bytes_max = 1 << 20;
inline constexpr std::size_t conf_line_bytes_max = 64 * 1024;

/// Splits a file into its settings. Lines that are empty or begin with `#` (after spaces) say nothing. `name` is
/// the file's. Throws ConfigError for a line with NUL or one that is longer than `conf_line_bytes_max`.
std::vector<ConfLine> parse_conf(std::string_view text, const std::string& name);

/// Throws ConfigError when the file cannot be read or is larger than `conf_file_bytes_max`.
std::vector<ConfLine> read_conf_file(const std::string& path);

}  // namespace mqttzoo::config
