#pragma once

#include <string_view>

namespace mqttzoo::zk {

/// Why the ensemble would refuse this path, or nullptr when it is one: absolute, no empty, "." or ".." element, no
/// trailing slash, no control character. Characters above ASCII are left to the server's judgement. Checked here too
/// since the C client answers a bad path with an error code that does not say so, and cuts it at the first zero byte.
inline const char* path_error(std::string_view path) {
  if (path.empty() || path.front() != '/') return "a path starts with /";
  if (path == "/") return nullptr;
  if (path.back() == '/') return "a path does not end with /";
  for (const char character : path) {
    const auto code = static_cast<unsigned char>(character);
    if (code < 0x20 || code == 0x7f) return "a path has no control characters";
  }
  for (std::size_t start = 1; start <= path.size();) {
    std::size_t end = path.find('/', start);
    if (end == std::string_view::npos) end = path.size();
    const auto element = path.substr(start, end - start);
    if (element.empty()) return "a path has no empty elements";
    if (element == "." || element == "..") return "a path is absolute: no . or ..";
    start = end + 1;
  }
  return nullptr;
}

}  // namespace mqttzoo::zk
