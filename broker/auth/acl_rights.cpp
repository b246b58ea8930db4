#include "broker/auth/acl_rights.hpp"

#include <string>
#include <utility>

#include "proto/mqtt/topic.hpp"

namespace mqttzoo::auth {

namespace {

std::string filled_in(std::string_view pattern, std::string_view client_id, std::string_view user_name) {
  std::string filter;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view place = pattern.substr(i, 2);
    if (place == "%c" || place == "%u") {
      filter += place == "%c" ? client_id : user_name;
      ++i;
    } else {
      filter += pattern[i];
    }
  }
  return filter;
}

}  // namespace

AclRights::AclRights(std::shared_ptr<const AclFile> file, std::string_view client_id,
                     std::optional<std::string_view> user_name)
    : file_(std::move(file)), own_(file_->rules_of(user_name)), of_all_(&file_->rules_of_all()) {
  if (mqtt::has_wildcard(client_id) || mqtt::has_wildcard(user_name.value_or(""))) {
    of_all_ = nullptr;
    return;
  }
  for (const AclPattern& pattern : file_->patterns()) {
    if (pattern.names_user && !user_name) continue;
    std::string filter = filled_in(pattern.rule.filter, client_id, user_name.value_or(""));
    // No name opens the topics that the broker keeps for itself.
    const bool became_reserved = filter.starts_with('$') && !pattern.rule.filter.starts_with('$');
    if (!filter.empty() && !became_reserved) mine_.push_back({std::move(filter), pattern.rule.access});
  }
}

bool AclRights::may(std::string_view topic, Access wanted) const {
  const Verdict own = own_ ? verdict_of(own_->said_of(topic), wanted) : Verdict::unsaid;
  if (own != Verdict::unsaid) return own == Verdict::granted;
  Access said = of_all_ ? of_all_->said_of(topic) : Access{0};
  for (const AclRule& rule : mine_) {
    if (mqtt::matches(rule.filter, topic)) said = static_cast<Access>(said | rule.access);
  }
  return verdict_of(said, wanted) == Verdict::granted;
}

bool AclRights::may_subscribe(std::string_view filter) const {
  if (!mqtt::has_wildcard(filter)) return may_receive(filter);
  const Verdict own = own_ ? verdict_of_subscription(own_->list(), filter) : Verdict::unsaid;
  if (own != Verdict::unsaid) return own == Verdict::granted;
  const Verdict of_all = of_all_ ? verdict_of_subscription(of_all_->list(), filter) : Verdict::unsaid;
  const Verdict mine = verdict_of_subscription(mine_, filter);
  if (of_all == Verdict::denied || mine == Verdict::denied) return false;
  return of_all == Verdict::granted || mine == Verdict::granted;
}

}  // namespace mqttzoo::auth
