#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/auth/acl_rules.hpp"
#include "broker/auth/user_name.hpp"

namespace mqttzoo::auth {

/// A pattern with %c (the Client Identifier) or %u (the user name) in it.
struct AclPattern {
  AclRule rule;
  bool names_user = false;
};

/// mosquitto's acl_file:
///
///     topic [read|write|readwrite|deny] FILTER      for clients without a user name; behind a `user` line for that
///     user user NAME pattern [read|write|readwrite|deny] FILTER    for everybody; %c and %u stand for what the client
///     is called
///
/// Never changes; any thread may ask.
class AclFile {
 public:
  /// `name` stands in errors. Throws FileError.
  static AclFile parse(std::string_view text, const std::string& name);
  static AclFile read(const std::string& path) { return parse(read_auth_file(path), path); }

  /// What the file says about this user and about nobody else; null: nothing.
  const AclRules* rules_of(std::optional<std::string_view> user_name) const;
  /// Patterns without %c and %u.
  const AclRules& rules_of_all() const { return rules_of_all_; }
  const std::vector<AclPattern>& patterns() const { return patterns_; }
  bool has_patterns() const { return !patterns_.empty() || !rules_of_all_.empty(); }
  /// Some rights depend on the user name.
  bool names_users() const { return !users_.empty(); }

 private:
  void add_pattern(const AclRule& rule);

  boost::unordered_flat_map<std::string, AclRules, NameHash, std::equal_to<>> users_;
  AclRules anonymous_;
  AclRules rules_of_all_;
  std::vector<AclPattern> patterns_;
};

}  // namespace mqttzoo::auth
