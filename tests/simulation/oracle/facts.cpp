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

bool Facts::was_removed(const std::string& broker, Milliseconds from, Milliseconds to) const {
  const cluster::View* before = nullptr;
  for (const World::WrittenView& written : views) {
    if (before && written.time >= from && written.time <= to) {
      for (const cluster::Member& member : before->members) {
        if (member.incarnation.name == broker && !written.view->find(member.incarnation)) return true;
      }
    }
    before = written.view.get();
  }
  return false;
}

bool Facts::ran(std::uint64_t process, Milliseconds from, Milliseconds to) const {
  return std::none_of(standstills.begin(), standstills.end(), [&](const World::Standstill& one) {
    return one.process == process && one.from <= to && one.to >= from;
  });
}

bool Facts::is_member(const std::string& broker, Milliseconds when) const {
  const cluster::View* last = nullptr;
  for (const World::WrittenView& written : views)
    if (written.time <= when) last = written.view.get();
  return last && std::any_of(last->members.begin(), last->members.end(),
                             [&](const cluster::Member& member) { return member.incarnation.name == broker; });
}

Milliseconds Facts::clock_gained(Milliseconds from, Milliseconds to) const {
  Milliseconds gained = 0;
  for (const World::ClockStep& step : clock_steps)
    if (step.time >= from && step.time <= to && step.by > 0) gained += step.by;
  return gained;
}

Verdict judge(const Facts& facts) {
  Verdict verdict = facts.history.protocol_errors;
  Verdict missing;
  judge_delivery(facts, missing);
  judge_sessions(facts, verdict);
  judge_retained(facts, verdict);
  judge_wills(facts, verdict, missing);
  // P9: where a limit drops messages, each one is counted.
  if (missing.size() > facts.dropped_at_full_queues) verdict.insert(verdict.end(), missing.begin(), missing.end());
  judge_order(facts, verdict);
  judge_exactly_once(facts, verdict);
  judge_shares(facts, verdict);
  judge_cut_off(facts, verdict);
  return verdict;
}

}  // namespace mqttzoo::sim
