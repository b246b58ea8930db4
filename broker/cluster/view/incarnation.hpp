#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace mqttzoo::cluster {

/// One process start of a broker, `name#epoch`. Once removed from the view it never returns: its process rejoins as a
/// new one. So an acknowledgement, a copy or a connection of a dead process is never mistaken for one of its successor.
struct Incarnation {
  std::string name;
  std::uint64_t epoch = 0;

  std::string text() const { return name + '#' + std::to_string(epoch); }
  auto operator<=>(const Incarnation&) const = default;
};

}  // namespace mqttzoo::cluster
