#include "broker/auth/filter_relations.hpp"

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::auth {

namespace {

bool is_wildcard(std::string_view level) { return level == "+" || level == "#"; }

/// A wildcard in the first level matches no topic that begins with '$': v5 and v3.1.1 [MQTT-4.7.2-1].
bool parted_by_dollar(std::string_view a, std::string_view b) {
  return a.starts_with('$') && is_wildcard(*mqtt::TopicLevels(b).begin());
}

}  // namespace

bool overlap(std::string_view a, std::string_view b) {
  if (parted_by_dollar(a, b) || parted_by_dollar(b, a)) return false;
  const mqtt::TopicLevels levels_a(a);
  const mqtt::TopicLevels levels_b(b);
  auto in_a = levels_a.begin();
  auto in_b = levels_b.begin();
  for (;; ++in_a, ++in_b) {
    // "x/#" matches "x" as well: a '#' behind the end of the other one fits.
    if (in_a == levels_a.end()) return in_b == levels_b.end() || *in_b == "#";
    if (*in_a == "#") return true;
    if (in_b == levels_b.end()) return false;
    if (*in_b == "#") return true;
    if (*in_a != *in_b && *in_a != "+" && *in_b != "+") return false;
  }
}

bool covers(std::string_view wide, std::string_view narrow) {
  if (parted_by_dollar(narrow, wide)) return false;
  if (wide == "+/#") wide = "#";  // the same, since every topic has a first level
  const mqtt::TopicLevels levels_wide(wide);
  const mqtt::TopicLevels levels_narrow(narrow);
  auto in_wide = levels_wide.begin();
  auto in_narrow = levels_narrow.begin();
  for (;; ++in_wide, ++in_narrow) {
    if (in_wide == levels_wide.end()) return in_narrow == levels_narrow.end();
    if (*in_wide == "#") return true;
    if (in_narrow == levels_narrow.end() || *in_narrow == "#") return false;
    if (*in_wide != *in_narrow && *in_wide != "+") return false;
  }
}

}  // namespace mqttzoo::auth
