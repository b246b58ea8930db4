#include "tests/simulation/oracle/facts.hpp"

#include <algorithm>

namespace mqttzoo::sim {

std::size_t Facts::last_generation(ClientIndex client) const {
  std::size_t last = 0;
  for (const ConnectionRecord& connection : history.connections) {
    if (connection.client == client) last = std::max(last, connection.generation);
  }
  return last;
}

Verdict judge(const Facts& facts) {
  Verdict verdict = facts.history.protocol_errors;
  judge_delivery(facts, verdict);
  judge_sessions(facts, verdict);
  judge_order(facts, verdict);
  judge_exactly_once(facts, verdict);
  return verdict;
}

}  // namespace mqttzoo::sim
