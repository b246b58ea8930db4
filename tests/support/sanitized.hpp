#pragma once

namespace mqttzoo::support {

/// Under a sanitizer everything takes ten times as long: tests that try many seeds try fewer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace mqttzoo::support
