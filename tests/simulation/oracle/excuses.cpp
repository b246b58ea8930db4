#include "tests/simulation/oracle/excuses.hpp"

namespace mqttzoo::sim::excuses {

namespace {

// A broker enters a view some time after it was written.
constexpr Milliseconds entering_ms = 5'000;

}  // namespace

bool home_changed(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to) {
  const cluster::Incarnation* home = nullptr;
  for (const World::WrittenView& written : facts.views) {
    if (written.time > to) break;
    const cluster::View& view = *written.view;
    const cluster::Incarnation& primary = view.primary_of(view.partition_of(client_id)).incarnation;
    if (home && primary != *home && written.time >= from - entering_ms) return true;
    home = &primary;
  }
  return false;
}

bool home_lost(const Facts& facts, const std::string& client_id, Milliseconds from, Milliseconds to) {
  const cluster::View* before = nullptr;
  for (const World::WrittenView& written : facts.views) {
    if (written.time > to) break;
    const cluster::View& view = *written.view;
    const cluster::PartitionIndex partition = view.partition_of(client_id);
    const cluster::Incarnation& primary = view.primary_of(partition).incarnation;
    if (before && written.time >= from - entering_ms && primary != before->primary_of(partition).incarnation) {
      const cluster::PartitionCopy* const copy = before->copy_at(partition, primary);
      // A learner takes over from a member when it is complete; from one that is gone, with what it has.
      const bool moved = copy && view.find(before->primary_of(partition).incarnation);
      if (!copy || (!copy->in_sync && !moved)) return true;
    }
    before = &view;
  }
  return false;
}

bool will_has_two_homes(const Facts& facts, const ConnectionRecord& connection) {
  const std::string& id = facts.history.clients[connection.client].id;
  return home_changed(facts, id, connection.dialled, the_end) &&
         facts.was_removed(connection.broker, connection.dialled, the_end);
}

bool a_broker_left(const Facts& facts) {
  const cluster::View* before = nullptr;
  for (const World::WrittenView& written : facts.views) {
    for (std::size_t i = 0; before && i < before->members.size(); ++i) {
      if (!written.view->find(before->members[i].incarnation)) return true;
    }
    before = written.view.get();
  }
  return false;
}

}  // namespace mqttzoo::sim::excuses
