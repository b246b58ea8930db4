#pragma once

#include <span>
#include <string>
#include <string_view>

#include "broker/config/settings.hpp"

namespace mqttzoo::config {

/// One key of the configuration: the only place that knows its name, its default with the reason for it, and how its
/// value is read. A key with one value is also an option (`--broker-name`) and an environment variable
/// (`MQTTZOO_BROKER_NAME`); a repeatable one stands in the file only.
struct Key {
  std::string_view name;
  std::string_view value;  ///< what its value looks like, for help
  std::string_view default_text;
  std::string_view help;
  std::string_view reason;  ///< why this default
  bool repeatable = false;
  void (*apply)(Settings&, std::string_view value) = nullptr;  ///< throws BadValue
};

std::span<const Key> all_keys();
const Key* find_key(std::string_view name);

/// "broker_name": "--broker-name" and "MQTTZOO_BROKER_NAME".
std::string option_name(const Key& key);
std::string environment_name(const Key& key);

/// A key that mosquitto 2 knows and MQTTZoo does not yet.
bool is_mosquitto_key(std::string_view name);

}  // namespace mqttzoo::config
