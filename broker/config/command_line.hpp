#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "broker/config/settings.hpp"

namespace mqttzoo::config {

/// The process ends here: --help, --version, --test-config or a wrong option.
struct EndNow {
  int exit_code = 0;
  std::string text;  ///< for standard output when the code is 0, else for standard error
  std::optional<Settings>
      tested{};  ///< by --test-config as far as they tell: the files that they name are not read yet
};

inline constexpr int exit_code_usage = 2;

/// Reads options, environment and, with -c, the file. `environment` looks up a variable. Throws ConfigError for values
/// that cannot be used; wrong options give EndNow with `exit_code_usage`.
std::variant<Settings, EndNow> read_command_line(int argc, const char* const* argv,
                                                 const std::function<const char*(const std::string&)>& environment);

}  // namespace mqttzoo::config
