#include "broker/config/conf_file.hpp"

#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

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

/// "A.conf", "a.conf", "B.conf": letters before their case.
bool in_alphabet_before(const std::string& a, const std::string& b) {
  const int order = ::strcasecmp(a.c_str(), b.c_str());
  return order != 0 ? order < 0 : a < b;
}

std::vector<std::string> included_files(const ConfLine& line) {
  constexpr std::string_view ending = ".conf";
  const auto refuse = [&](const std::string& why) { throw ConfigError(line.where() + ": include_dir: " + why); };
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(line.value, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.size() > ending.size() && name.ends_with(ending)) names.push_back(name);
    if (names.size() > included_files_max) refuse(line.value + " holds more than 1000 files");
  }
  if (error) refuse(line.value + " cannot be read: " + error.message());
  std::sort(names.begin(), names.end(), in_alphabet_before);
  for (std::string& name : names) name = std::filesystem::path(line.value) / name;
  return names;
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

std::vector<ConfLine> read_conf_file(const std::string& path) {
  std::vector<ConfLine> lines;
  for (ConfLine& line : parse_conf(read_whole(path), path)) {
    if (line.key != "include_dir" || line.value.empty()) {
      lines.push_back(std::move(line));
      continue;
    }
    for (const std::string& included : included_files(line)) {
      auto more = parse_conf(read_whole(included), included);
      std::move(more.begin(), more.end(), std::back_inserter(lines));
    }
  }
  return lines;
}

}  // namespace mqttzoo::config
