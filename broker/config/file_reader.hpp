#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "broker/config/conf_file.hpp"
#include "broker/config/keys.hpp"
#include "broker/config/settings.hpp"

namespace mqttzoo::config {

/// Reads `value` into what the key is for: `settings`, `access` or `listener`. Throws ConfigError, which begins with
/// `where`.
struct Targets {
  Settings& settings;
  AccessSettings& access;
  ListenerSettings& listener;
};
void apply(const Targets& targets, const Key& key, std::string_view value, const std::string& where);

/// Brings the lines of files into settings. What a key of a listener is for depends on what stands before it in the
/// same file: the last `listener`, or with none the default listener.
class FileReader {
 public:
  /// With `access_per_listener` who may come in is told to each listener.
  FileReader(Settings& settings, bool access_per_listener)
      : settings_(settings), access_per_listener_(access_per_listener) {}

  /// Throws ConfigError: for a key that is not known or not supported, a value that cannot be used, and a key that
  /// stands twice where it may stand once.
  void take(const ConfLine& line);

  /// Whether a line with this key was taken.
  bool has_taken(std::string_view key) const { return taken_.contains(key); }
  /// The first line that is for the default listener and does not ask for one; empty if there is none.
  const std::string& default_listener_line() const { return default_listener_line_; }

 private:
  /// What a key is for: the broker, the default listener, or the listener with a number from 1.
  static constexpr std::size_t the_broker = static_cast<std::size_t>(-1);
  static constexpr std::size_t the_default_listener = 0;

  ListenerSettings& listener(std::size_t number);
  void refuse_second(const Key& key, std::size_t whose, const ConfLine& line);

  Settings& settings_;
  const bool access_per_listener_;
  std::map<std::string, std::size_t, std::less<>> listener_of_file_;
  std::map<std::pair<std::size_t, std::string_view>, std::string> places_;  ///< where each key stood
  std::set<std::string_view> taken_;
  std::string default_listener_line_;
};

}  // namespace mqttzoo::config
