#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace mqttzoo::core {

/// The Topic Aliases that the broker has set on a connection (v5 3.3.2.3.4): the first topics get one, and keep it. An
/// alias counts once its PUBLISH was written. Bounded by the client's Topic Alias Maximum and by ours.
class SentTopicAliases {
 public:
  explicit SentTopicAliases(std::uint16_t maximum) : maximum_(maximum) {}

  /// 0: none.
  std::uint16_t find(std::string_view topic) const {
    const auto found = aliases_.find(topic);
    return found == aliases_.end() ? std::uint16_t{0} : found->second;
  }
  /// The alias that a topic without one would get; 0: all are taken.
  std::uint16_t next() const {
    return aliases_.size() < maximum_ ? static_cast<std::uint16_t>(aliases_.size() + 1) : std::uint16_t{0};
  }
  /// The topic has the `next` alias from now on.
  void set_next(std::string_view topic) { aliases_.emplace(std::string(topic), next()); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const std::uint16_t maximum_;
  std::unordered_map<std::string, std::uint16_t, TextHash, std::equal_to<>> aliases_;
};

}  // namespace mqttzoo::core
