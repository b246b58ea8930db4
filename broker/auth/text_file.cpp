#include "broker/auth/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "broker/auth/limits.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::auth {

std::string read_auth_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw FileError(path + ": cannot be opened: " + std::strerror(errno));
  std::string text;
  char part[64 * 1024];
  while (const std::size_t size = std::fread(part, 1, sizeof part, file.get())) {
    text.append(part, size);
    if (text.size() > file_bytes_max) throw FileError(path + ": is larger than 64 MiB");
  }
  if (std::ferror(file.get()) != 0) throw FileError(path + ": cannot be read: " + std::strerror(errno));
  return text;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r";
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

void for_each_line(std::string_view text, const std::string& name,
                   const std::function<void(int number, std::string_view line)>& visit) {
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    try {
      if (whole.size() > line_bytes_max) throw BadLine("the line is longer than 256 KiB");
      const std::string_view line = trimmed(whole);
      if (line.empty() || line.front() == '#') continue;
      if (!mqtt::valid_utf8(line)) throw BadLine("the line is not UTF-8 text");
      visit(number, line);
    } catch (const BadLine& bad) {
      throw FileError(name + ':' + std::to_string(number) + ": " + bad.what());
    }
  }
}

}  // namespace mqttzoo::auth
