#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "broker/config/settings.hpp"

namespace mqttzoo::config {

/// Where a key may stand. One that may stand anywhere is also an option (`--broker-name`) and an environment variable
/// (`MQTTZOO_BROKER_NAME`).
enum class Place : std::uint8_t { anywhere, file, file_repeatedly };

/// What reads the value of a key, and thereby what it belongs to: the broker, who may come in, or the `listener` that
/// it follows in its file. Throws BadValue.
using ForBroker = std::function<void(Settings&, std::string_view value)>;
using ForAccess = std::function<void(AccessSettings&, std::string_view value)>;
using ForListener = std::function<void(ListenerSettings&, std::string_view value)>;

/// One key of the configuration: the only place that knows its name, its default with the reason for it, and how its
/// value is read.
struct Key {
  std::string_view name;
  std::string_view value;  ///< what its value looks like, for help
  std::string_view default_text;
  std::string_view help;
  std::string_view reason;  ///< why this default
  std::variant<ForBroker, ForAccess, ForListener> apply;
  Place place = Place::anywhere;

  /// It stands in files alone, behind each `listener` that it is for.
  bool of_listener() const { return std::holds_alternative<ForListener>(apply); }
  /// With `per_listener_settings` it stands in files alone, behind each listener, too.
  bool of_access() const { return std::holds_alternative<ForAccess>(apply); }
  bool only_in_file() const { return of_listener() || place != Place::anywhere; }
};

/// Keys of one subject, in the order of the help page.
struct KeyGroup {
  std::string_view title;
  std::span<const Key> keys;
};

// The tables, each in a file of its own.
std::span<const Key> listener_keys();
std::span<const Key> limit_keys();
std::span<const Key> access_keys();
std::span<const Key> cluster_keys();
std::span<const Key> retained_keys();
std::span<const Key> process_keys();
std::span<const Key> log_keys();

std::span<const KeyGroup> key_groups();
/// Null: no key of MQTTZoo's.
const Key* find_key(std::string_view name);

/// "broker_name": "--broker-name" and "MQTTZOO_BROKER_NAME".
std::string option_name(const Key& key);
std::string environment_name(const Key& key);

}  // namespace mqttzoo::config
