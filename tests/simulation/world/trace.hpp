#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "broker/core/ids.hpp"

namespace mqttzoo::sim {

/// What happened, line by line: time, who, what. Always counted into a hash, so that two runs of one seed can be
/// compared; printed on demand.
class Trace {
 public:
  void print_to(std::FILE* file) { file_ = file; }

  void note(core::Milliseconds time, std::string_view who, std::string_view what) {
    add(std::to_string(time));
    add(who);
    add(what);
    if (file_) {
      std::fprintf(file_, "%8lld  %-10.*s %.*s\n", static_cast<long long>(time), static_cast<int>(who.size()),
                   who.data(), static_cast<int>(what.size()), what.data());
    }
  }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t lines() const { return lines_; }

 private:
  void add(std::string_view text) {
    for (const char byte : text) hash_ = (hash_ ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
    hash_ = (hash_ ^ 0xff) * 0x100000001b3;
    ++lines_;
  }

  std::FILE* file_ = nullptr;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t lines_ = 0;
};

}  // namespace mqttzoo::sim
