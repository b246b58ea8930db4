#pragma once

#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "proto/mqtt/types.hpp"

/// Topic Names and Topic Filters (v5 and v3.1.1 4.7). All text here is valid UTF-8 already: the decoder checked it.
namespace mqttzoo::mqtt {

/// What the caller allows beyond the standard's own bounds.
struct TopicLimits {
  std::size_t bytes_max = string_bytes_max;
  std::size_t levels_max = std::numeric_limits<std::size_t>::max();
};

/// 1 to `bytes_max` bytes, at most `levels_max` levels, no wildcard (v5 [MQTT-4.7.0-1], v3.1.1 [MQTT-4.7.1-1]; both
/// [MQTT-4.7.3-1]).
bool valid_topic_name(std::string_view topic, const TopicLimits& limits = {});
/// The same for filters, with '#' only as the last level and '+' only as a whole level (v5 [MQTT-4.7.1-1],
/// [MQTT-4.7.1-2], v3.1.1 [MQTT-4.7.1-2], [MQTT-4.7.1-3]). For a shared subscription give the inner filter.
bool valid_topic_filter(std::string_view filter, const TopicLimits& limits = {});

bool has_wildcard(std::string_view topic_or_filter);

/// The number of levels: one more than there are slashes.
std::size_t count_levels(std::string_view topic);

/// Whether a valid filter matches a valid topic. Filters that begin with a wildcard never match a topic that begins
/// with
/// '$' [MQTT-4.7.2-1]; "a/#" matches "a" as well.
bool matches(std::string_view filter, std::string_view topic);

/// A Shared Subscription, "$share/ShareName/filter" (v5 4.8.2).
struct SharedFilter {
  std::string_view share_name;
  std::string_view filter;
};

inline bool is_shared_filter(std::string_view filter) { return filter.starts_with("$share/"); }
/// Takes a shared filter apart. Nothing if the ShareName is empty or has a wildcard, or no filter follows
/// ([MQTT-4.8.2-1], [MQTT-4.8.2-2]). Whether the inner filter is valid remains to be checked.
std::optional<SharedFilter> parse_shared_filter(std::string_view filter);

/// The levels of a topic or filter, for a range-based for: "a//b" has "a", "" and "b".
class TopicLevels {
 public:
  class Iterator {
   public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const std::string_view*;
    using reference = const std::string_view&;

    Iterator() = default;
    explicit Iterator(std::string_view topic) : rest_(topic), at_end_(false) { cut(); }
    reference operator*() const { return level_; }
    pointer operator->() const { return &level_; }
    Iterator& operator++() {
      if (level_.size() == rest_.size()) {
        at_end_ = true;
      } else {
        rest_.remove_prefix(level_.size() + 1);
        cut();
      }
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    /// Whether this is the last level.
    bool last() const { return level_.size() == rest_.size(); }
    /// Iterators of one topic.
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.at_end_ == b.at_end_ && (a.at_end_ || a.rest_.size() == b.rest_.size());
    }

   private:
    void cut() { level_ = rest_.substr(0, rest_.find('/')); }
    std::string_view rest_;
    std::string_view level_;
    bool at_end_ = true;
  };

  explicit TopicLevels(std::string_view topic) : topic_(topic) {}
  Iterator begin() const { return Iterator(topic_); }
  Iterator end() const { return {}; }

 private:
  std::string_view topic_;
};

}  // namespace mqttzoo::mqtt
