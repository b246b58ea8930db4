#include <algorithm>
#include <utility>

#include "broker/cluster/homes/home_registry.hpp"

namespace mqttzoo::cluster {

using core::ConnectionFate;

void HomeRegistry::identify(const Incarnation& self) {
  port_.discard_sessions([](std::string_view) { return false; });
  delays_ = {};
  self_ = self;
  view_.reset();
  acting_ = false;
  fences_over_.clear();
  begun_without_.clear();
  unsettled_.clear();
  clients_.clear();
  grants_.clear();
  changed_.clear();
  grants_to_tell_.clear();
  follow_ups_.clear();
  early_.clear();
  claims_ = 0;
  bytes_ = 0;
  counters_.registrations_now.set(0);
}

void HomeRegistry::enter_view(SharedView view) {
  acting_ = false;
  view_ = std::move(view);
  std::erase_if(fences_over_, [&](const Incarnation& one) { return !view_->find(one) && !view_->lists_removed(one); });
}

void HomeRegistry::act() {
  acting_ = true;
  port_.discard_sessions([this](std::string_view client_id) { return is_home_of(view_->partition_of(client_id)); });
  end_departed();
  const std::vector<Client*> waiting(unsettled_.begin(), unsettled_.end());
  for (Client* const client : waiting) {
    for (const Claim& claim : client->claims)
      if (claim.state == ClaimState::ending) send_evict(*client, claim);
    review(*client);
  }
  take_early();
}

void HomeRegistry::take_early() {
  for (auto& [epoch, early] : std::exchange(early_, {})) {
    if (early.asks) receive(std::move(*early.asks));
    if (early.leaves) receive(*early.leaves);
  }
}

void HomeRegistry::fence_over(const Incarnation& incarnation) {
  if (!fences_over_.insert(incarnation).second) return;
  if (!acting_ || view_->find(incarnation)) return;
  end_departed();
  const std::vector<Client*> waiting(unsettled_.begin(), unsettled_.end());
  for (Client* const client : waiting) review(*client);
}

void HomeRegistry::end_departed() {
  std::vector<Client*> touched;
  for (auto& [client_id, client] : clients_) {
    if (std::any_of(client.claims.begin(), client.claims.end(),
                    [&](const Claim& claim) { return departed(claim.epoch.frontend); }))
      touched.push_back(&client);
  }
  for (Client* const client : touched) {
    for (std::size_t place = 0; place < client->claims.size();) {
      if (departed(client->claims[place].epoch.frontend)) {
        end_claim(*client, place, ConnectionFate::lost);
      } else {
        ++place;
      }
    }
    review(*client);
  }
}

void HomeRegistry::frontend_reached(const Incarnation& frontend) {
  for (const Client* const client : unsettled_) {
    for (const Claim& claim : client->claims) {
      if (claim.state == ClaimState::ending && claim.epoch.frontend == frontend) send_evict(*client, claim);
    }
  }
}

void HomeRegistry::give_up_on(const std::function<bool(const Incarnation& frontend)>& unreachable) {
  const std::vector<Client*> waiting(unsettled_.begin(), unsettled_.end());
  for (Client* const client : waiting) {
    for (Claim& claim : client->claims) {
      if (claim.state != ClaimState::ending || claim.given_up || !unreachable(claim.epoch.frontend)) continue;
      claim.given_up = true;
      if (std::exchange(claim.session_opened, false))
        port_.leave_session(claim.epoch, *client->client_id, claim.session_expiry_seconds);
    }
    review(*client);
  }
}

bool HomeRegistry::is_home_of(PartitionIndex partition) const {
  return partition % shard_count_ == shard_ && view_->primary_of(partition).incarnation == self_;
}

bool HomeRegistry::may_grant(PartitionIndex partition) const {
  return acting_ && is_home_of(partition) && !fenced(partition);
}

bool HomeRegistry::fenced(PartitionIndex partition) const {
  const auto begun = begun_without_.find(partition);
  if (begun == begun_without_.end()) return false;
  return std::any_of(view_->removed.begin(), view_->removed.end(), [&](const RemovedMember& removed) {
    return removed.in_view <= begun->second && !fences_over_.contains(removed.incarnation);
  });
}

/// Of its own connections a removed broker need not hear from a fence: their frontend ends them when it returns.
bool HomeRegistry::departed(const Incarnation& frontend) const {
  if (view_->find(frontend) || frontend == self_) return false;
  return fences_over_.contains(frontend) || !view_->lists_removed(frontend);
}

}  // namespace mqttzoo::cluster
