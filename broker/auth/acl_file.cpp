#include "broker/auth/acl_file.hpp"

#include <utility>

#include "broker/auth/limits.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::auth {

namespace {

constexpr mqtt::TopicLimits filter_limits{.bytes_max = mqtt::string_bytes_max, .levels_max = rule_levels_max};

/// Cuts the first word off.
std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find_first_of(" \t");
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : trimmed(rest.substr(end));
  return word;
}

Access parse_access(std::string_view word) {
  if (word == "read") return access_read;
  if (word == "write") return access_write;
  if (word == "readwrite") return access_read | access_write;
  if (word == "deny") return access_deny;
  throw BadLine('"' + std::string(word.substr(0, 64)) +
                "\" is not read, write, readwrite or deny (one of them must stand before a topic with spaces)");
}

/// "[ACCESS] FILTER". One word alone is the filter, whatever it is.
AclRule parse_rule(std::string_view rest) {
  AclRule rule{"", access_read | access_write};
  const std::string_view word = take_word(rest);
  if (!rest.empty()) rule.access = parse_access(word);
  rule.filter = rest.empty() ? word : rest;
  if (rule.filter.empty()) throw BadLine("the topic is missing");
  if (!mqtt::valid_topic_filter(rule.filter, filter_limits)) throw BadLine("the topic is not a valid Topic Filter");
  return rule;
}

}  // namespace

AclFile AclFile::parse(std::string_view text, const std::string& name) {
  AclFile file;
  std::string user;
  bool of_user = false;
  for_each_line(text, name, [&](int, std::string_view line) {
    const std::string_view key = take_word(line);
    if (key == "topic") {
      const AclRule rule = parse_rule(line);
      (of_user ? file.users_[user] : file.anonymous_).add(rule.filter, rule.access);
    } else if (key == "user") {
      if (line.empty()) throw BadLine("the user name is missing");
      if (line.size() > user_name_bytes_max) throw BadLine("the user name is longer than 65535 bytes");
      user = line;
      of_user = true;
      file.users_.try_emplace(user);
    } else if (key == "pattern") {
      file.add_pattern(parse_rule(line));
    } else {
      throw BadLine("the line does not begin with topic, user or pattern");
    }
  });
  return file;
}

void AclFile::add_pattern(const AclRule& rule) {
  const bool names_user = rule.filter.find("%u") != std::string::npos;
  if (names_user || rule.filter.find("%c") != std::string::npos) {
    patterns_.push_back({rule, names_user});
  } else {
    rules_of_all_.add(rule.filter, rule.access);
  }
}

const AclRules* AclFile::rules_of(std::optional<std::string_view> user_name) const {
  if (!user_name) return &anonymous_;
  const auto found = users_.find(*user_name);
  return found == users_.end() ? nullptr : &found->second;
}

}  // namespace mqttzoo::auth
