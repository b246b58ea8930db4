#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mqttzoo::core {

/// The Topic Aliases that a client has set on its connection (v5 3.3.2.3.4). Bounded by Topic Alias Maximum; the owner
/// checks it.
class TopicAliases {
 public:
  /// `alias` is 1 or more.
  void set(std::uint16_t alias, std::string_view topic) {
    if (topics_.size() < alias) topics_.resize(alias);
    topics_[alias - 1U].assign(topic);
  }
  /// Empty if the alias was never set. Good until the next `set`.
  std::string_view find(std::uint16_t alias) const {
    return alias >= 1 && alias <= topics_.size() ? std::string_view(topics_[alias - 1U]) : std::string_view();
  }

 private:
  std::vector<std::string> topics_;
};

}  // namespace mqttzoo::core
