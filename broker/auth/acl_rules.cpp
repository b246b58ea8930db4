#include "broker/auth/acl_rules.hpp"

#include "broker/auth/filter_relations.hpp"

namespace mqttzoo::auth {

void AclRules::add(std::string_view filter, Access access) {
  tree_.insert(filter, access, {});
  rules_.push_back({std::string(filter), access});
}

Access AclRules::said_of(std::string_view topic) const {
  Access said = 0;
  tree_.match(topic, [&](const auto& entries) {
    for (const auto& entry : entries) said = static_cast<Access>(said | entry.key);
  });
  return said;
}

Verdict verdict_of_subscription(const std::vector<AclRule>& rules, std::string_view filter) {
  Verdict verdict = Verdict::unsaid;
  for (const AclRule& rule : rules) {
    if ((rule.access & access_deny) != 0 && covers(rule.filter, filter)) return Verdict::denied;
    if ((rule.access & access_read) != 0 && overlap(rule.filter, filter)) verdict = Verdict::granted;
  }
  return verdict;
}

}  // namespace mqttzoo::auth
