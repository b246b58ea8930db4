#pragma once

#include <string>
#include <vector>

#include "tests/simulation/clients/history.hpp"
#include "tests/simulation/world/world.hpp"

namespace mqttzoo::sim {

/// What the oracle goes by: what clients saw, and which views there were.
struct Facts {
  const History& history;
  const std::vector<World::WrittenView>& views;

  /// The session that the client has at the end.
  std::size_t last_generation(ClientIndex client) const;
};

/// Broken promises, a line each.
using Verdict = std::vector<std::string>;

/// P1 and P2: what was acknowledged reached every subscription that was granted before it was sent.
void judge_delivery(const Facts& facts, Verdict& verdict);
/// P2: a persistent session is lost for the reasons in excuses.hpp alone.
void judge_sessions(const Facts& facts, Verdict& verdict);
/// P6.
void judge_order(const Facts& facts, Verdict& verdict);
/// P7.
void judge_exactly_once(const Facts& facts, Verdict& verdict);

Verdict judge(const Facts& facts);

}  // namespace mqttzoo::sim
