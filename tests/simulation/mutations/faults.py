"""Deliberate faults of the protocol between brokers: a piece of code and what takes its place. Each one has to be found
by one of the first `seeds` seeds, or, where that would be luck, by a `scenario`. A piece of code must stand exactly
once in its file (a test checks it), so that a change of the code cannot make a fault disappear."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    what: str
    file: str
    old: str
    new: str
    seeds: int = 0
    scenario: str = ""

    @property
    def name(self):
        return f"{self.what} ({self.file})"


_ROUTER = "broker/cluster/router/shard_router"
_HOME = "broker/cluster/homes/home_registry"
_FRONTEND = "broker/cluster/homes/frontend_registrations"

FAULTS = [
    Fault("acknowledge without a lease", _ROUTER + ".cpp", "const bool permitted = may_act(fresh);",
          "const bool permitted = acting_;", 600),
    Fault("match under a lease that has lapsed", _ROUTER + ".cpp", "  may_match_ = may_act(now);",
          "  may_match_ = acting_;", scenario="Leases.AWillWaitsForTheRightToPublishIt"),
    Fault("heartbeats without the check of the view", "broker/cluster/ensemble/lease_keeper.cpp",
          ".path = znode::view, .data = {}, .version = view_version};",
          ".path = znode::view, .data = {}, .version = view_version < 0 ? view_version : any_version};",
          scenario="Leases.ALostWatchDoesNotProlongTheLeaseOfARemovedBroker"),
    Fault("acknowledge when the first of several has answered", "broker/cluster/links/unfinished_window.cpp",
          "entry.pending.remove(peer);\n    finish_if_done(entry);",
          "entry.pending = {};\n    finish_if_done(entry);", 200),
    Fault("match nothing again in a new view", _ROUTER + "_view.cpp", "return interest_.match(topic).peers;",
          "return topic.empty() ? interest_.match(topic).peers : IndexSet{};", 300),
    Fault("forget the marks", _ROUTER + "_peers.cpp", "const bool repeated = !mark.take(message.number);",
          "const bool repeated = !mark.take(message.number) && message.number == 0;", 100),
    Fault("act before all members are Ready", "broker/cluster/view/view_entry.cpp",
          "!shards_have_entered() || !awaited().empty()", "!shards_have_entered()", 1500),
    Fault("SUBACK before the others have confirmed", "broker/cluster/interest/interest_board.cpp",
          "confirmed != confirmed_.end() && confirmed->second >= delta",
          "confirmed == confirmed_.end() || confirmed->second > 0 || delta > 0", 600),
    Fault("a fence that takes no time", "broker/cluster/view/fences.cpp", "now - *fence.since < fence_ms_",
          "now - *fence.since + fence_ms_ < fence_ms_", 600),
    Fault("take over without waiting for the fence", _HOME + "_views.cpp",
          "return fences_over_.contains(frontend) || !view_->lists_removed(frontend);", "return true;", 600),
    Fault("the older connection wins", _HOME + ".cpp", "if (!request.established && !same_clock) return true;",
          "if (!request.established && !same_clock) return false;", 50),
    Fault("forget a refused connection before its frontend has", _HOME + ".cpp",
          "      if (!last.established) drop_will(client, last);\n      last.state = ClaimState::ending;\n"
          "      note_change(client);\n      send_evict(client, last);\n",
          "      answer(last.epoch, ReasonCode::session_taken_over);\n      last.state = ClaimState::ending;\n"
          "      if (!last.established) end_claim(client, client.claims.size() - 1, ConnectionFate::disconnected);\n",
          scenario="Homes.ALateRequestOfARefusedConnectionDoesNotWin"),
    Fault("keep connections whose session is out of reach", _FRONTEND + ".cpp",
          "if (record.state == State::registered) bereft.push_back(&record);",
          "if (record.state == State::unregistering) bereft.push_back(&record);", 100),
    Fault("keep connections whose session has moved until all act", _FRONTEND + ".cpp",
          "if (record.serves_session()) bereft.push_back(&record);",
          "if (record.serves_session() && record.ending) bereft.push_back(&record);",
          scenario="Homes.AConnectionWhoseSessionMovesEndsBeforeTheNextHomeActs"),
    Fault("forget the end of a connection whose home has died", _FRONTEND + ".cpp",
          "      if (record.serves_session()) {",
          "      if (record.registration.persistent() && record.admitted) {", 100),
    Fault("publish a will although the client has said DISCONNECT", _HOME + ".cpp",
          "if (fate == ConnectionFate::disconnected || !admitted) {",
          "if (fate == ConnectionFate::disconnected && !admitted) {", 100),
    Fault("publish a delayed will although its session goes on", _HOME + ".cpp",
          "    end_delay(client, claim.clean_start);", "    end_delay(client, true);", 300),
    Fault("drop messages at a full queue and do not count them", "broker/core/session.cpp",
          "    shard_.counters.dropped(DropReason::queue_full).add();\n    // Who", "    // Who", 400),
    Fault("lose the wills of removed brokers", _HOME + "_views.cpp",
          "end_claim(*client, place, ConnectionFate::lost);",
          "end_claim(*client, place, ConnectionFate::disconnected);", 100),
    Fault("store a retained value whatever its version is", "broker/cluster/retained/retained_commit.cpp",
          ".data = item.value, .version = item.known_version});\n      break;",
          ".data = item.value, .version = item.known_version < 0 ? item.known_version : any_version});\n      break;",
          300),
    Fault("a clock that follows ZooKeeper's back", "broker/cluster/cluster_clock.cpp",
          "if (!has_contact_ || target > offset_.load(std::memory_order_relaxed)) publish(target);", "publish(target);",
          scenario="Retained.AStepBackOfZooKeepersClockBringsNoExpiredValueBack"),
    Fault("a newcomer that believes ZooKeeper's clock alone", "broker/cluster/retained/time_keeper.cpp",
          "if (stamp.at_least > clock.now() + noise_ms)", "if (stamp.at_least > clock.now() + noise_ms && had_contact)",
          scenario="Retained.NorDoesARestartOfEverythingAfterIt"),
    Fault("read retained values without ZooKeeper's word", "broker/cluster/retained/retained_reads.cpp",
          "  log_.catch_up([this, run = run_] {",
          "  const auto at_once = [](const auto& done) { done(); };\n  at_once([this, run = run_] {", 600),
]
