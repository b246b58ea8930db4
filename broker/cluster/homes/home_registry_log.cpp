#include <algorithm>
#include <utility>

#include "broker/cluster/homes/client_image.hpp"
#include "broker/cluster/homes/home_registry.hpp"

// What the log of a partition has of its clients, and what follows when it is committed.
namespace mqttzoo::cluster {

using core::ConnectionFate;
using mqtt::ReasonCode;

// ---------------------------------------------------------------- changes

void HomeRegistry::note_change(Client& client) {
  if (!std::exchange(client.changed, true)) changed_.emplace_back(client.partition, *client.client_id);
}

void HomeRegistry::write_changes() {
  for (const auto& [partition, client_id] : std::exchange(changed_, {})) {
    const auto known = clients_.find(client_id);
    if (known == clients_.end()) {
      port_.append(partition, record_of(client_id, {}, nullptr, 0));
      continue;
    }
    Client& client = known->second;
    client.changed = false;
    const bool delayed = client.delay.scheduled();
    port_.append(partition,
                 record_of(client_id, client.claims, delayed ? &client.delayed_will : nullptr, client.delayed_will_at));
  }
  stamp();
}

/// All that came of this turn's changes waits for the last one.
void HomeRegistry::stamp() {
  const auto stamp_new = [this](auto& follow_ups) {
    for (auto& [partition, queue] : follow_ups)
      for (auto one = queue.rbegin(); one != queue.rend() && !one->after; ++one)
        one->after = port_.end_of_log(partition);
  };
  stamp_new(grants_to_tell_);
  stamp_new(follow_ups_);
}

void HomeRegistry::follow_up(PartitionIndex partition, std::variant<UnregisteredAnswer, core::Will> what) {
  follow_ups_[partition].push_back({std::nullopt, std::move(what)});
}

void HomeRegistry::grant(Client& client, const Claim& claim) {
  grants_[claim.epoch] = {&client, false};
  grants_to_tell_[client.partition].push_back({std::nullopt, claim.epoch});
}

// ---------------------------------------------------------------- what follows

void HomeRegistry::run(const std::variant<UnregisteredAnswer, core::Will>& what) {
  if (const auto* const answer = std::get_if<UnregisteredAnswer>(&what)) {
    port_.answer(*answer);
  } else {
    port_.publish_will(std::get<core::Will>(what));
  }
}

void HomeRegistry::tell(bool permitted) {
  const auto next = [this](PartitionIndex partition, const auto& queue) {
    return !queue.empty() && queue.front().after && port_.is_committed(partition, *queue.front().after);
  };
  for (auto& [partition, queue] : follow_ups_) {
    while (next(partition, queue)) {
      run(queue.front().what);
      queue.pop_front();
    }
  }
  if (!permitted) return tell_to_wait();
  for (auto& [partition, queue] : grants_to_tell_) {
    while (next(partition, queue)) {
      const ConnectionEpoch epoch = queue.front().what;
      queue.pop_front();
      const auto grant = grants_.extract(epoch);
      if (!grant.empty()) tell_grant(epoch, *grant.mapped().client);
    }
  }
}

void HomeRegistry::tell_to_wait() {
  for (auto& [epoch, grant] : grants_) {
    if (!std::exchange(grant.told_to_wait, true)) answer_not_home(epoch);
  }
}

bool HomeRegistry::has_to_tell() const {
  const auto any = [this](const auto& follow_ups) {
    return std::any_of(follow_ups.begin(), follow_ups.end(), [this](const auto& one) {
      const auto& [partition, queue] = one;
      return !queue.empty() && (!queue.front().after || port_.is_committed(partition, *queue.front().after));
    });
  };
  return any(grants_to_tell_) || any(follow_ups_);
}

void HomeRegistry::tell_grant(const ConnectionEpoch& epoch, Client& client) {
  Claim& claim = client.claims.back();  // only the newest is granted
  RegisteredAnswer granted{epoch, self_, ReasonCode::success, false, false, nullptr};
  if (!claim.persistent()) {
    port_.discard_session(*client.client_id);  // v5 [MQTT-3.1.2-4], v3.1.1 [MQTT-3.1.2-6]
  } else if (!claim.established) {
    const core::SessionOpened opened = open_session(client, claim);
    if (mqtt::is_error(opened.reason)) {
      end_claim(client, client.claims.size() - 1, ConnectionFate::disconnected);
      forget_if_empty(client);
      return answer(epoch, opened.reason);
    }
    granted.session_present = claim.session_present;
    granted.session = opened.session;
  }
  port_.answer(granted);
}

core::SessionOpened HomeRegistry::open_session(Client& client, Claim& claim) {
  const bool first = !claim.session_opened;
  const core::SessionOpened opened = port_.open_session(
      claim.epoch, client.partition,
      {*client.client_id, first && claim.clean_start, claim.receive_maximum, claim.refusable, claim.user_name});
  if (mqtt::is_error(opened.reason)) return opened;
  if (!first) return opened;
  claim.session_present = opened.present;
  claim.session_opened = true;
  note_change(client);
  return opened;
}

// ---------------------------------------------------------------- partitions come and go

std::vector<std::string> HomeRegistry::clients_of(PartitionIndex partition) const {
  std::vector<std::string> found;
  for (const auto& [client_id, client] : clients_)
    if (client.partition == partition) found.push_back(client_id);
  return found;
}

std::string HomeRegistry::image_of(const std::string& client_id) const {
  const auto known = clients_.find(client_id);
  if (known == clients_.end()) return {};
  const Client& client = known->second;
  const bool delayed = client.delay.scheduled();
  return record_of(client_id, client.claims, delayed ? &client.delayed_will : nullptr, client.delayed_will_at)
      .SerializeAsString();
}

void HomeRegistry::adopt(PartitionIndex partition, ClientCopies clients, ViewNumber begun_without) {
  if (begun_without != 0) begun_without_[partition] = begun_without;
  for (auto& [client_id, client] : clients) {
    const bool has_session = client.session && port_.restore_session(client_id, std::move(*client.session));
    if (!client.image.empty()) adopt(client.image, has_session);
  }
  counters_.registrations_now.set(claims_);
}

void HomeRegistry::adopt(const std::string& image, bool has_session) {
  std::optional<ClientState> state = state_of(image);
  if (!state) return counters_.protocol_errors.add();
  const auto place = clients_.try_emplace(state->client_id).first;
  Client& client = place->second;
  client.client_id = &place->first;
  client.partition = view_->partition_of(place->first);
  client.claims = std::move(state->claims);
  claims_ += client.claims.size();
  for (Claim& claim : client.claims) {
    bytes_ += footprint_bytes(place->first, claim);
    claim.session_opened &= has_session;
  }
  if (state->delayed_will) {
    client.delayed_will = std::move(*state->delayed_will);
    client.delayed_will_at = state->delayed_will_at;
    const core::Milliseconds left = std::max<core::Milliseconds>(client.delayed_will_at - now_.cluster, 0);
    delays_.schedule(client, now_.steady + left);
  }
  unsettled_.insert(&client);  // to be reviewed when all have been adopted
}

ClientCopies HomeRegistry::release(PartitionIndex partition, bool committed) {
  if (const auto queue = follow_ups_.extract(partition); committed && !queue.empty()) {
    for (const auto& one : queue.mapped()) run(one.what);
  }
  grants_to_tell_.erase(partition);
  begun_without_.erase(partition);
  std::erase_if(changed_, [&](const auto& change) { return change.first == partition; });
  ClientCopies copies;
  for (const std::string& client_id : clients_of(partition)) {
    Client& client = clients_.find(client_id)->second;
    proto::LogRecord record;
    record.ParseFromString(image_of(client_id));
    copies[client_id].image = record.client().SerializeAsString();
    for (const Claim& claim : client.claims) {
      --claims_;
      bytes_ -= footprint_bytes(client_id, claim);
      grants_.erase(claim.epoch);
      if (claim.session_opened) port_.part_from_session(claim.epoch);
    }
    if (client.delay.scheduled()) delays_.cancel(client);
    forget(client);
  }
  counters_.registrations_now.set(claims_);
  return copies;
}

}  // namespace mqttzoo::cluster
