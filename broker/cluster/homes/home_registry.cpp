#include "broker/cluster/homes/home_registry.hpp"

#include <algorithm>
#include <utility>

namespace mqttzoo::cluster {

using core::ConnectionFate;
using mqtt::ReasonCode;

HomeRegistry::HomeRegistry(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
                           RouterCounters& counters, HomePort& port)
    : shard_(shard), shard_count_(shard_count), limits_(limits), counters_(counters), port_(port) {}

void HomeRegistry::begin_turn(core::Now now) {
  now_ = now;
  while (Client* const client = has_deadline() ? delays_.pop_due(now.steady) : nullptr) {
    note_change(*client);
    publish(*client, std::exchange(client->delayed_will, {}));
    forget_if_empty(*client);
  }
}

// ---------------------------------------------------------------- Register

void HomeRegistry::receive(RegisterRequest&& request) {
  const bool known_frontend = view_ && view_->find(request.epoch.frontend) && request.view_number <= view_->number;
  if (!known_frontend || !is_home_of(view_->partition_of(request.registration.client_id))) {
    return answer_not_home(request.epoch);
  }
  if (!acting_) {
    const ConnectionEpoch epoch = request.epoch;
    early_[epoch].asks = std::move(request);
    return answer_not_home(epoch);
  }
  const auto known = clients_.find(request.registration.client_id);
  if (known != clients_.end()) {
    for (Claim& claim : known->second.claims) {
      if (claim.epoch == request.epoch) return repeat_answer(known->second, claim, request.established);
    }
  }
  if (claims_ >= limits_.registrations_max || bytes_ >= limits_.registration_bytes_max || port_.log_is_full()) {
    counters_.registrations_refused_full.add();
    return answer(request.epoch, ReasonCode::server_busy);
  }
  const auto place = known != clients_.end() ? known : clients_.try_emplace(request.registration.client_id).first;
  Client& client = place->second;
  client.client_id = &place->first;
  client.partition = view_->partition_of(place->first);
  if (client.claims.empty() || is_newer(request, client.claims.back())) {
    add_newest(client, std::move(request));
  } else {
    add_older(client, std::move(request));
  }
  review(client);
}

/// A client that waits for CONNACK at this moment comes after all that stand, whatever the clocks of two frontends say,
/// or of two shards of one: each reads its clock once per turn. Connections that stand already are ordered by their
/// clocks, and those of one shard by its one clock.
bool HomeRegistry::is_newer(const RegisterRequest& request, const Claim& last) {
  const bool same_clock = request.epoch.frontend == last.epoch.frontend && request.epoch.shard == last.epoch.shard;
  if (!request.established && !same_clock) return true;
  return last.epoch < request.epoch;
}

void HomeRegistry::answer(const ConnectionEpoch& epoch, ReasonCode reason) {
  port_.answer(RegisteredAnswer{epoch, self_, reason, false, false, nullptr});
}

void HomeRegistry::answer_not_home(const ConnectionEpoch& epoch) {
  port_.answer(RegisteredAnswer{epoch, self_, ReasonCode::success, true, false, nullptr});
}

void HomeRegistry::repeat_answer(Client& client, Claim& claim, bool established) {
  claim.established |= established;
  switch (claim.state) {
    case ClaimState::granted:
      grant(client, claim);
      break;
    case ClaimState::ending:
      answer(claim.epoch, ReasonCode::session_taken_over);
      break;
    case ClaimState::waiting:
      if (!may_grant(client.partition) || (!claim.persistent() && waits_for_unreachable(client)))
        answer_not_home(claim.epoch);
      break;
  }
}

/// A connection has to end first, at a broker out of reach. That may take as long as ZooKeeper is away: a clean session
/// is admitted without its home meanwhile.
bool HomeRegistry::waits_for_unreachable(const Client& client) const {
  return std::any_of(client.claims.begin(), client.claims.end(), [&](const Claim& claim) {
    return claim.state == ClaimState::ending && !port_.reaches(claim.epoch.frontend);
  });
}

/// Too late. A connection that stands already has to be ended, and its will is kept until it has.
void HomeRegistry::add_older(Client& client, RegisterRequest&& request) {
  counters_.registrations_refused_older.add();
  answer(request.epoch, ReasonCode::session_taken_over);
  if (!request.established) return;
  Claim claim = make_claim(std::move(request));
  claim.state = ClaimState::ending;
  insert_claim(client, client.claims.begin(), std::move(claim));
}

void HomeRegistry::add_newest(Client& client, RegisterRequest&& request) {
  if (!client.claims.empty()) {
    Claim& last = client.claims.back();
    if (last.state == ClaimState::granted) {
      last.state = ClaimState::ending;
      grants_.erase(last.epoch);
      send_evict(client, last);
      note_change(client);
    } else if (last.state == ClaimState::waiting) {
      // It stays until its frontend has confirmed its end: a Register of it that is still on its way here would come as
      // that of a new connection.
      counters_.registrations_refused_older.add();
      if (!last.established) drop_will(client, last);
      last.state = ClaimState::ending;
      note_change(client);
      send_evict(client, last);
    }
  }
  const ConnectionEpoch epoch = request.epoch;
  insert_claim(client, client.claims.end(), make_claim(std::move(request)));
  if (!may_grant(client.partition)) answer_not_home(epoch);
}

void HomeRegistry::send_evict(const Client& client, const Claim& claim) {
  port_.ask_to_evict({claim.epoch, client.partition, *client.client_id, ReasonCode::session_taken_over, self_});
}

/// A connection that is never admitted has none.
void HomeRegistry::drop_will(const Client& client, Claim& claim) {
  bytes_ -= footprint_bytes(*client.client_id, claim);
  claim.has_will = false;
  claim.will = {};
  bytes_ += footprint_bytes(*client.client_id, claim);
}

Claim HomeRegistry::make_claim(RegisterRequest&& request) const {
  Claim claim;
  claim.epoch = std::move(request.epoch);
  claim.established = request.established;
  claim.clean_start = request.registration.clean_start;
  claim.refusable = request.registration.refusable;
  claim.receive_maximum = request.registration.receive_maximum;
  claim.session_expiry_seconds = request.registration.session_expiry_seconds;
  claim.user_name = std::move(request.registration.user_name);
  claim.has_will = request.registration.has_will;
  if (claim.has_will) claim.will = std::move(request.registration.will);
  return claim;
}

void HomeRegistry::insert_claim(Client& client, std::vector<Claim>::iterator place, Claim claim) {
  ++claims_;
  bytes_ += footprint_bytes(*client.client_id, claim);
  client.claims.insert(place, std::move(claim));
  note_change(client);
  counters_.registrations_now.set(claims_);
}

std::size_t HomeRegistry::footprint_bytes(const std::string& client_id, const Claim& claim) {
  return sizeof(Client) + sizeof(Claim) + client_id.size() + (claim.user_name ? claim.user_name->size() : 0) +
         (claim.has_will ? claim.will.message->footprint_bytes() : 0);
}

// ---------------------------------------------------------------- Unregister

void HomeRegistry::receive(const UnregisterRequest& request) {
  if (!view_ || !is_home_of(view_->partition_of(request.client_id))) return;  // it is told to the home of the next view
  if (!acting_) {
    early_[request.epoch].leaves = request;
    return;
  }
  const auto known = clients_.find(request.client_id);
  if (known != clients_.end()) {
    auto& claims = known->second.claims;
    const auto claim =
        std::find_if(claims.begin(), claims.end(), [&](const Claim& one) { return one.epoch == request.epoch; });
    if (claim != claims.end()) {
      if (request.session_expiry_seconds) claim->session_expiry_seconds = *request.session_expiry_seconds;
      end_claim(known->second, static_cast<std::size_t>(claim - claims.begin()), request.fate);
      review(known->second);
    }
  }
  follow_up(view_->partition_of(request.client_id), UnregisteredAnswer{request.epoch, self_});
}

void HomeRegistry::end_claim(Client& client, std::size_t place, ConnectionFate fate) {
  const Claim claim = std::move(client.claims[place]);
  client.claims.erase(client.claims.begin() + static_cast<std::ptrdiff_t>(place));
  --claims_;
  bytes_ -= footprint_bytes(*client.client_id, claim);
  grants_.erase(claim.epoch);
  counters_.registrations_now.set(claims_);
  note_change(client);
  if (claim.session_opened) port_.leave_session(claim.epoch, *client.client_id, claim.session_expiry_seconds);
  if (!claim.has_will) return;
  const bool admitted = claim.state != ClaimState::waiting || claim.established;
  if (fate == ConnectionFate::disconnected || !admitted) {
    counters_.wills_dropped.add();
  } else {
    settle_will(client, claim);
  }
}

/// The connection is gone and its will is wanted: at once if its session has ended with it, else after the delay,
/// unless a new connection of the session comes before (v5 3.1.2.5).
void HomeRegistry::settle_will(Client& client, const Claim& claim) {
  const std::uint32_t delay_seconds = std::min(claim.will.delay_seconds, claim.session_expiry_seconds);
  if (delay_seconds == 0) return publish(client, claim.will);
  end_delay(client, true);
  const core::Milliseconds delay = core::Milliseconds{delay_seconds} * 1000;
  client.delayed_will = claim.will;
  client.delayed_will_at = now_.cluster + delay;
  delays_.schedule(client, now_.steady + delay);
  note_change(client);
  if (!client.claims.empty() && client.claims.back().state == ClaimState::granted)
    end_delay(client, client.claims.back().clean_start);
}

void HomeRegistry::end_delay(Client& client, bool publish_it) {
  if (!client.delay.scheduled()) return;
  delays_.cancel(client);
  note_change(client);
  const core::Will will = std::exchange(client.delayed_will, {});
  if (publish_it) {
    publish(client, will);
  } else {
    counters_.wills_dropped.add();
  }
}

void HomeRegistry::review(Client& client) {
  const bool in_turn = !client.claims.empty() && std::all_of(client.claims.begin(), client.claims.end() - 1,
                                                             [](const Claim& claim) { return claim.given_up; });
  if (in_turn && client.claims.back().state == ClaimState::waiting && may_grant(client.partition)) {
    Claim& claim = client.claims.back();
    claim.state = ClaimState::granted;
    note_change(client);
    counters_.registrations_granted.add();
    // Clean Start ends the session that the delayed will belongs to, and with it the delay; otherwise it goes on, and
    // the will is not sent: v5 [MQTT-3.1.3-9].
    end_delay(client, claim.clean_start);
    grant(client, claim);
  }
  const bool settled = std::all_of(client.claims.begin(), client.claims.end(),
                                   [](const Claim& claim) { return claim.state == ClaimState::granted; });
  if (settled) {
    unsettled_.erase(&client);
  } else {
    unsettled_.insert(&client);
  }
  forget_if_empty(client);
}

void HomeRegistry::forget_if_empty(Client& client) {
  if (client.claims.empty() && !client.delay.scheduled()) forget(client);
}

void HomeRegistry::forget(Client& client) {
  unsettled_.erase(&client);
  clients_.erase(clients_.find(*client.client_id));
}

}  // namespace mqttzoo::cluster
