#include "broker/config/file_reader.hpp"

#include "broker/config/error.hpp"
#include "broker/config/refused_keys.hpp"

namespace mqttzoo::config {

namespace {

std::string refusal(std::string_view key) {
  const auto reason = why_refused(key);
  return reason ? "not supported by MQTTZoo: " + std::string(*reason) : "unknown option";
}

}  // namespace

void apply(const Targets& targets, const Key& key, std::string_view value, const std::string& where) {
  try {
    if (value.empty()) throw BadValue("a value is missing: " + std::string(key.value));
    if (const auto* of_broker = std::get_if<ForBroker>(&key.apply)) {
      (*of_broker)(targets.settings, value);
    } else if (const auto* of_access = std::get_if<ForAccess>(&key.apply)) {
      (*of_access)(targets.access, value);
    } else {
      std::get<ForListener>(key.apply)(targets.listener, value);
    }
  } catch (const BadValue& bad) {
    throw ConfigError(where + ": " + bad.what());
  }
}

void FileReader::take(const ConfLine& line) {
  const std::string where = line.where() + ": " + line.key;
  const Key* key = find_key(line.key);
  if (!key) throw ConfigError(where + ": " + refusal(line.key));

  std::size_t& current = listener_of_file_[line.file];
  const bool of_listener = key->of_listener() || (access_per_listener_ && key->of_access());
  const std::size_t whose = of_listener ? current : the_broker;
  if (key->place != Place::file_repeatedly) refuse_second(*key, whose, line);
  if (whose == the_default_listener && default_listener_line_.empty()) default_listener_line_ = where;
  const std::size_t listeners_before = settings_.listeners.size();
  ListenerSettings& one = listener(whose);
  apply({settings_, access_per_listener_ ? one.access : settings_.access, one}, *key, line.value, where);
  if (access_per_listener_ && one.access.has_files()) {
    throw ConfigError(
        where + ": not supported by MQTTZoo with per_listener_settings: users and rights are everywhere the same");
  }
  taken_.insert(key->name);
  if (settings_.listeners.size() != listeners_before) current = settings_.listeners.size();
}

ListenerSettings& FileReader::listener(std::size_t number) {
  if (number == the_broker || number == the_default_listener) return settings_.default_listener;
  return settings_.listeners[number - 1];
}

void FileReader::refuse_second(const Key& key, std::size_t whose, const ConfLine& line) {
  const auto [first, is_first] = places_.emplace(std::pair(whose, key.name), line.where());
  if (is_first) return;
  throw ConfigError(line.where() + ": " + line.key + ": given twice, first in " + first->second);
}

}  // namespace mqttzoo::config
