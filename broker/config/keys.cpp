#include "broker/config/keys.hpp"

#include <algorithm>
#include <cctype>

namespace mqttzoo::config {

namespace {

std::string spelled(std::string_view name, char (*change)(char)) {
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(), change);
  return text;
}

}  // namespace

std::span<const KeyGroup> key_groups() {
  static const KeyGroup groups[] = {
      {"Listeners", listener_keys()},  {"Users and rights", access_keys()},    {"Limits of a client", limit_keys()},
      {"The cluster", cluster_keys()}, {"Retained messages", retained_keys()}, {"The process", process_keys()},
      {"The log", log_keys()},
  };
  return groups;
}

const Key* find_key(std::string_view name) {
  for (const KeyGroup& group : key_groups()) {
    const auto found =
        std::find_if(group.keys.begin(), group.keys.end(), [&](const Key& key) { return key.name == name; });
    if (found != group.keys.end()) return &*found;
  }
  return nullptr;
}

std::string option_name(const Key& key) {
  return "--" + spelled(key.name, [](char c) { return c == '_' ? '-' : c; });
}

std::string environment_name(const Key& key) {
  return "MQTTZOO_" + spelled(key.name, [](char c) { return static_cast<char>(std::toupper(c)); });
}

}  // namespace mqttzoo::config
