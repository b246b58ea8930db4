#pragma once

#include <string>

namespace mqttzoo::config {

/// The page that --help prints: what to type first, all options, the file, the environment, exit codes.
std::string help_page();

}  // namespace mqttzoo::config
