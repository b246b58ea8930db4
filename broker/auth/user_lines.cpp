#include "broker/auth/user_lines.hpp"

#include <algorithm>

#include "broker/auth/text_file.hpp"
#include "broker/auth/user_name.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::auth {

namespace {

/// Where the line of a user stands, its end of line included; a size of 0: nowhere.
struct Place {
  std::size_t begin = 0;
  std::size_t size = 0;
};

Place place_of(std::string_view text, std::string_view name) {
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    const std::size_t size = end == std::string_view::npos ? text.size() - begin : end + 1 - begin;
    const std::string_view line = text.substr(begin, size);
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && trimmed(line.substr(0, colon)) == name) return {begin, size};
    begin += size;
  }
  return {};
}

}  // namespace

void check_user_name(std::string_view name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (name.empty()) throw BadLine("the user name is empty");
  if (name.size() > user_name_bytes_max) throw BadLine("the user name is longer than 65535 bytes");
  if (!mqtt::valid_utf8(name) || std::any_of(name.begin(), name.end(), is_control)) {
    throw BadLine("the user name is not printable text in UTF-8");
  }
  if (name.find(':') != std::string_view::npos) throw BadLine("a user name cannot hold ':'");
  if (name.front() == '#') throw BadLine("a user name cannot begin with '#'");
  if (trimmed(name) != name) throw BadLine("a user name cannot begin or end with a space");
}

std::string with_user(std::string_view text, std::string_view name, std::string_view known) {
  std::string changed(text);
  const Place place = place_of(text, name);
  if (place.size == 0 && !changed.empty() && changed.back() != '\n') changed += '\n';
  const std::string line = std::string(name) + ':' + std::string(known) + '\n';
  return changed.replace(place.size == 0 ? changed.size() : place.begin, place.size, line);
}

std::string without_user(std::string_view text, std::string_view name) {
  const Place place = place_of(text, name);
  return std::string(text).erase(place.begin, place.size);
}

bool has_user(std::string_view text, std::string_view name) { return place_of(text, name).size != 0; }

}  // namespace mqttzoo::auth
