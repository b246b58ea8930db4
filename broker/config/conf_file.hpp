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

/// Bounds of a configuration file, and how many files one directory may hold.
inline constexpr std::size_t conf_file_bytes_max = 1 << 20;
inline constexpr std::size_t conf_line_bytes_max = 64 * 1024;
inline constexpr std::size_t included_files_max = 1000;

/// Splits a file into its settings. Lines that are empty or begin with `#` (after spaces) say nothing. `name` is
/// the file's. Throws ConfigError for a line with NUL or one that is longer than `conf_line_bytes_max`.
std::vector<ConfLine> parse_conf(std::string_view text, const std::string& name);

/// The lines of a file, and in the place of each `include_dir` those of the files in that directory whose names end in
/// ".conf": as mosquitto has it in the order of the alphabet, upper case before lower. Files that are included include
/// no others: there such a line stays what it is. Throws ConfigError when a file cannot be read, when one is larger
/// than `conf_file_bytes_max`, or when there are more than `included_files_max`.
std::vector<ConfLine> read_conf_file(const std::string& path);

}  // namespace mqttzoo::config
