"""Deliberate faults of the protocol between brokers: a piece of code and what takes its place. Each one has to be found
by one of the first `seeds` seeds. A piece of code must stand exactly once in its file (a test checks it), so that a
change of the code cannot make a fault disappear."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    what: str
    file: str
    old: str
    new: str
    seeds: int

    @property
    def name(self):
        return f"{self.what} ({self.file})"


_ROUTER = "broker/cluster/router/shard_router"
_HOME = "broker/cluster/homes/home_registry"
_FRONTEND = "broker/cluster/homes/frontend_registrations"

FAULTS = [
    Fault("acknowledge without a lease", _ROUTER + ".cpp", "const bool permitted = may_act(fresh);",
          "const bool permitted = acting_;", 200),
    Fault("acknowledge when the first of several has answered", "broker/cluster/links/unfinished_window.cpp",
          "entry.pending.remove(peer);\n    finish_if_done(entry);",
          "entry.pending = {};\n    finish_if_done(entry);", 200),
    Fault("match nothing again in a new view", _ROUTER + "_view.cpp", "return interest_.match(topic).peers;",
          "return topic.empty() ? interest_.match(topic).peers : IndexSet{};", 300),
    Fault("forget the marks", _ROUTER + "_peers.cpp", "if (!mark.take(message.number)) {",
          "if (!mark.take(message.number) && message.number == 0) {", 100),
    Fault("act before all members are Ready", "broker/cluster/view/view_entry.cpp",
          "!shards_have_entered() || !awaited().empty()", "!shards_have_entered()", 800),
    Fault("SUBACK before the others have confirmed", "broker/cluster/interest/interest_board.cpp",
          "confirmed != confirmed_.end() && confirmed->second >= delta",
          "confirmed == confirmed_.end() || confirmed->second > 0 || delta > 0", 600),
    Fault("a fence that takes no time", "broker/cluster/view/fences.cpp", "now - *fence.since < fence_ms_",
          "now - *fence.since + fence_ms_ < fence_ms_", 600),
    Fault("keep connections whose session is out of reach", _FRONTEND + ".cpp",
          "record.state == State::registered && record.home == home)",
          "record.state == State::unregistering && record.home == home)", 100),
    Fault("keep connections whose session has moved until all act", _FRONTEND + ".cpp",
          "if (record.serves_session() && record.has_home() && record.home != home_of(record))",
          "if (record.serves_session() && record.has_home() && record.ending)", 1000),
    Fault("forget the end of a connection whose home has died", _FRONTEND + ".cpp",
          "      if (record.serves_session()) {",
          "      if (record.registration.persistent() && record.admitted) {", 100),
    Fault("publish a will although the client has said DISCONNECT", _HOME + ".cpp",
          "if (fate == ConnectionFate::disconnected || !admitted) {",
          "if (fate == ConnectionFate::disconnected && !admitted) {", 100),
    Fault("lose the wills of removed brokers", _HOME + "_views.cpp",
          "end_claim(*client, place, ConnectionFate::lost);",
          "end_claim(*client, place, ConnectionFate::disconnected);", 100),
    Fault("read retained values without ZooKeeper's word", "broker/cluster/retained/retained_reads.cpp",
          "  log_.catch_up([this, run = run_] {",
          "  const auto at_once = [](const auto& done) { done(); };\n  at_once([this, run = run_] {", 600),
]
