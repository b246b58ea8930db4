#pragma once

#include <stdexcept>
#include <string>

namespace mqttzoo::config {

/// The value of a key cannot be used. Whoever knows where the value came from makes a ConfigError of it.
struct BadValue : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What stops a start before anything was opened: one line that names the place ("mosquitto.conf:12",
/// "MQTTZOO_THREADS", "--threads"), the key and the reason.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace mqttzoo::config
