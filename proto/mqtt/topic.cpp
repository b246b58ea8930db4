#include "proto/mqtt/topic.hpp"

#include <algorithm>

namespace mqttzoo::mqtt {

namespace {

bool within(std::string_view text, const TopicLimits& limits) {
  return !text.empty() && text.size() <= limits.bytes_max && count_levels(text) <= limits.levels_max;
}

}  // namespace

bool has_wildcard(std::string_view topic_or_filter) {
  return topic_or_filter.find_first_of("+#") != std::string_view::npos;
}

std::size_t count_levels(std::string_view topic) {
  return 1 + static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
}

bool valid_topic_name(std::string_view topic, const TopicLimits& limits) {
  return within(topic, limits) && !has_wildcard(topic);
}

bool valid_topic_filter(std::string_view filter, const TopicLimits& limits) {
  if (!within(filter, limits)) return false;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] != '+' && filter[i] != '#') continue;
    const bool begins_level = i == 0 || filter[i - 1] == '/';
    const bool ends_filter = i + 1 == filter.size();
    const bool ends_level = ends_filter || (filter[i] == '+' && filter[i + 1] == '/');
    if (!begins_level || !ends_level) return false;
  }
  return true;
}

bool matches(std::string_view filter, std::string_view topic) {
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;
  const TopicLevels filter_levels(filter);
  const TopicLevels topic_levels(topic);
  auto level = topic_levels.begin();
  for (const std::string_view wanted : filter_levels) {
    if (wanted == "#") return true;
    if (level == topic_levels.end() || (wanted != "+" && wanted != *level)) return false;
    ++level;
  }
  return level == topic_levels.end();
}

std::optional<SharedFilter> parse_shared_filter(std::string_view filter) {
  if (!is_shared_filter(filter)) return std::nullopt;
  filter.remove_prefix(std::string_view("$share/").size());
  const std::size_t slash = filter.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == filter.size()) return std::nullopt;
  const SharedFilter shared{filter.substr(0, slash), filter.substr(slash + 1)};
  if (has_wildcard(shared.share_name)) return std::nullopt;
  return shared;
}

}  // namespace mqttzoo::mqtt
