#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/topic_tree.hpp"

namespace mqttzoo::auth {

/// What a line of an acl_file says about a topic; a set of them is what several lines say.
using Access = std::uint8_t;
inline constexpr Access access_read = 1;
inline constexpr Access access_write = 2;
inline constexpr Access access_deny = 4;

/// One topic of an acl_file.
struct AclRule {
  std::string filter;
  Access access = 0;
};

enum class Verdict : std::uint8_t { unsaid, granted, denied };

/// `deny` wins wherever it stands.
inline Verdict verdict_of(Access said, Access wanted) {
  if ((said & access_deny) != 0) return Verdict::denied;
  return (said & wanted) != 0 ? Verdict::granted : Verdict::unsaid;
}

/// Rules in any order. A topic is looked up in a tree, however many rules there are. Never changes once it is filled.
class AclRules {
 public:
  /// The filter must be valid.
  void add(std::string_view filter, Access access);

  bool empty() const { return rules_.empty(); }
  /// All that the rules say about a topic.
  Access said_of(std::string_view topic) const;
  const std::vector<AclRule>& list() const { return rules_; }

 private:
  struct Nothing {};

  core::TopicTree<Access, Nothing> tree_;
  std::vector<AclRule> rules_;  ///< the same again, to be compared with the filters of subscriptions
};

/// What rules say about a subscription: denied if one rule denies all that the filter matches, granted if some of it
/// may be read.
Verdict verdict_of_subscription(const std::vector<AclRule>& rules, std::string_view filter);

}  // namespace mqttzoo::auth
