#pragma once

#include <cstdio>
#include <cstdlib>

namespace mqttzoo {

/// A broken invariant ends the process, in every build: going on would turn a bug into a broken promise.
/// The text goes to standard error because no logger can be trusted at this point.
[[noreturn]] inline void invariant_broken(const char* why, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, why);
  std::abort();
}

inline void ensure(bool condition, const char* why, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!condition) [[unlikely]]
    invariant_broken(why, file, line);
}

}  // namespace mqttzoo
