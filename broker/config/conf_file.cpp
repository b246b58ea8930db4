#include "broker/config/conf_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "broker/config/error.hpp"

namespace mqttzoo::config {

namespace {

constexpr std::string_view spaces = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::string read_whole(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) throw ConfigError(path + ": cannot be opened: " + std::strerror(errno));
  std::string text(conf_file_bytes_max + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) throw ConfigError(path + ": cannot be read: " + std::strerror(errno));
  if (text.size() > conf_file_bytes_max) throw ConfigError(path + ": is larger than 1 MiB");
  return text;
}

}  // namespace

std::vector<ConfLine> parse_conf(std::string_view text, const std::string& name) {
  std::vector<ConfLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const auto refuse = [&](const char* why) { throw ConfigError(name + ':' + std::to_string(number) + ": " + why); };
    if (whole.size() > conf_line_bytes_max) refuse("the line is longer than 64 KiB");
    if (whole.find('\0') != std::string_view::npos) refuse("the line holds a NUL byte");

    const std::string_view line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    const auto key_end = line.find_first_of(spaces);
    const std::string_view value = key_end == std::string_view::npos ? std::string_view() : line.substr(key_end);
    lines.push_back({name, number, std::string(line.substr(0, key_end)), std::string(trimmed(value))});
  }
  return lines;
}

std::vector<ConfLine> read_conf_file(const std::string& path) { return parse_conf(read_whole(path), path); }

}  // namespace mqttzoo::config
