#pragma once

#include <cstddef>

#include "tests/simulation/oracle/facts.hpp"

namespace mqttzoo::sim {

/// P9, and that all brokers agree: when everything is quiet, nothing waits, nothing is in flight, homes know exactly
/// the connections that there are, no client or peer was accused of an error, and nothing was dropped at a limit (but
/// at those of queues, where they are short).
void judge_leftovers(World& world, std::size_t connected_clients, bool queues_are_short, Verdict& verdict);

/// P9, retained values: at every moment the Bank, the blocks of all brokers and all values have the credit that there
/// is; none is made, and none lost.
void judge_bank(const support::FakeEnsemble& ensemble, Verdict& verdict);

}  // namespace mqttzoo::sim
