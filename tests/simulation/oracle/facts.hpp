#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/simulation/clients/history.hpp"
#include "tests/simulation/world/world.hpp"

namespace mqttzoo::sim {

/// What the oracle goes by: what clients saw, and which views there were.
struct Facts {
  const History& history;
  const std::vector<World::WrittenView>& views;
  /// Streams with a SUBSCRIBE that was answered without contact with ZooKeeper.
  const std::set<std::uint64_t>& answered_from_memory;
  /// When which process did not run, from and to.
  const std::vector<World::Standstill>& standstills;
  const std::vector<World::ClockStep>& clock_steps;
  /// Queues are so short that messages were dropped at their limit; so many were counted.
  bool queues_are_short = false;
  std::uint64_t dropped_at_full_queues = 0;

  /// The session that the client has at the end.
  std::size_t last_generation(ClientIndex client) const;
  /// An incarnation of this broker left the view in this time.
  bool was_removed(const std::string& broker, Milliseconds from, Milliseconds to) const;
  /// As far as the last view says that was written by then.
  bool is_member(const std::string& broker, Milliseconds when) const;
  /// By how much the cluster's clock went faster than time: it follows ZooKeeper's, but never back.
  Milliseconds clock_gained(Milliseconds from, Milliseconds to) const;
  /// It ran all the time, and all of its threads.
  bool ran(std::uint64_t process, Milliseconds from, Milliseconds to) const;
};

/// The session is there to the end, and has to have what comes from then on at QoS 1 and 2.
bool stands(const Facts& facts, const SubscriptionRecord& subscription);

/// Nobody served the session for as long as it lasts, in this time. Then a connection whose client did not hear of it
/// may have begun another one: the next is told that there is a session.
bool may_have_begun_anew(const Facts& facts, ClientIndex client, Milliseconds since);

/// Broken promises, a line each.
using Verdict = std::vector<std::string>;

/// P1 and P2: what was acknowledged reached every subscription that was granted before it was sent.
void judge_delivery(const Facts& facts, Verdict& verdict);
/// P2: a persistent session is lost for the reasons in excuses.hpp alone.
void judge_sessions(const Facts& facts, Verdict& verdict);
/// P4.
void judge_retained(const Facts& facts, Verdict& verdict);
/// P5. `missing`: those that did not arrive.
void judge_wills(const Facts& facts, Verdict& verdict, Verdict& missing);
/// P6.
void judge_order(const Facts& facts, Verdict& verdict);
/// P7.
void judge_exactly_once(const Facts& facts, Verdict& verdict);
/// P2 and P7 for Shared Subscriptions.
void judge_shares(const Facts& facts, Verdict& verdict);
/// P8: live QoS 0 traffic among the clients of one broker, and clean sessions, go on whatever happens around it.
void judge_cut_off(const Facts& facts, Verdict& verdict);

Verdict judge(const Facts& facts);

}  // namespace mqttzoo::sim
