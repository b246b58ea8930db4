#include "broker/cluster/control/control.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "broker/cluster/control/control_parts.hpp"
#include "broker/cluster/links/hello.hpp"
#include "broker/cluster/view/view_codec.hpp"
#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

void check(const ControlOptions& options, bool lone) {
  if (!is_broker_name(options.name))
    throw std::invalid_argument("'" + options.name +
                                "' cannot be a broker's name: 1 to 64 letters, digits, dots, underscores and hyphens");
  if (options.shard_count == 0) throw std::invalid_argument("a broker has one shard at least");
  if (options.partitions == 0) throw std::invalid_argument("a cluster has one partition at least");
  if (lone) return;
  if (options.cluster_address.find(':') == std::string::npos)
    throw std::invalid_argument("'" + options.cluster_address +
                                "' is not HOST:PORT: other brokers cannot reach this one");
  if (options.cluster_id.empty()) throw std::invalid_argument("a cluster needs an id");
}

}  // namespace

// ---------------------------------------------------------------- the public face

Control::Control(ControlOptions options, Coordinator* liveness, RetainedStore& retained, LinkTransport& transport,
                 ControlPort& shards, LeaseDeadline& lease, ControlReporter& reporter) {
  check(options, liveness == nullptr);
  parts_ = std::make_unique<Parts>(std::move(options), liveness, retained, transport, shards, lease, reporter);
}

Control::~Control() = default;

void Control::start(core::Milliseconds now) {
  if (parts_->is_lone()) parts_->start_alone();
  tick(now);
}

void Control::receive(core::ShardIndex from, ToControl&& letter) {
  Parts& parts = *parts_;
  std::visit(Overloaded{
                 [&](InterestChanged& changed) { parts.board.changed(from, std::move(changed)); },
                 [&](InterestTaken& taken) { parts.board.taken(taken.token); },
                 [&](ViewEntered& entered) { parts.entry.shard_entered(from, entered.number); },
                 [&](CopyComplete& copy) { parts.copy_is_complete(copy); },
                 [&](DataLinkState& state) { parts.links.data_link(from, state); },
                 [&](StoreRetained& store) { parts.store_retained(from, std::move(store)); },
                 [&](ReadRetained& read) { parts.read_retained(from, std::move(read)); },
             },
             letter);
}

void Control::loops_alive(core::Milliseconds now) { parts_->loops_turned = now; }

void Control::tick(core::Milliseconds now) {
  Parts& parts = *parts_;
  parts.notice_own_stall(now);
  parts.last_tick = now;
  if (parts.leaving) return parts.finish_leaving(now);
  parts.links.step(now);
  if (!parts.is_lone()) parts.follow_ensemble(now);
  parts.step_entry(now);
  parts.follow_contact(now);
  parts.step_fences(now);
  parts.settle(now);
  parts.links.send(parts.is_member() ? parts.entry.view() : nullptr, parts.entry.shards_have_entered(),
                   parts.loops_turn(now), now);
  parts.report_changes(now);
}

core::Milliseconds Control::next_deadline() const {
  if (!parts_->last_tick) return 0;
  return *parts_->last_tick +
         (parts_->links.has_backlog() ? parts_->limits.link_retry_ms : parts_->limits.tick_interval_ms);
}

proto::HelloAnswer Control::check_hello(const proto::Hello& hello) {
  Parts& parts = *parts_;
  const bool known = parts.links.knows(from_proto(hello.from()));
  proto::HelloAnswer answer;
  answer.set_protocol_version(peer_protocol_version);
  answer.set_refused(parts.leaving ? "this broker is leaving" : why_refused(hello, {parts.self, parts.cluster, known}));
  if (!known) parts.stranger_called = true;
  return answer;
}

void Control::link_up(LinkId link, const proto::HelloAnswer& answer) { parts_->links.link_up(link, answer); }
void Control::link_accepted(LinkId link, const proto::Hello& hello) { parts_->links.link_accepted(link, hello); }
bool Control::link_frame(LinkId link, std::string_view frame) { return parts_->links.link_frame(link, frame); }
void Control::link_down(LinkId link) { parts_->links.link_down(link); }

void Control::drain(core::Milliseconds now) {
  parts_->draining = true;
  tick(now);
}

void Control::leave(core::Milliseconds now, std::function<void()> done) {
  ensure(!parts_->leaving, "a broker leaves once");
  Parts& parts = *parts_;
  parts.draining = true;
  parts.leaving = true;
  parts.left = std::move(done);
  parts.lease.end();
  parts.links.send_left();
  if (parts.ensemble) parts.ensemble->withdraw();
  tick(now);
}

Readiness Control::readiness(core::Milliseconds now) const { return parts_->readiness(now); }

ControlStatus Control::status(core::Milliseconds now) const { return parts_->status(now); }

// ---------------------------------------------------------------- the parts

Control::Parts::Parts(ControlOptions given, Coordinator* liveness, RetainedStore& store, LinkTransport& transport,
                      ControlPort& port, LeaseDeadline& deadline, ControlReporter& reports)
    : options(std::move(given)),
      limits(options.limits),
      retained(store),
      shards(port),
      lease(deadline),
      reporter(reports),
      board(options.shard_count, shards, limits),
      links(options.shard_count, limits, transport, shards, board, *this, reporter),
      entry(options.shard_count, limits.ready_grace_ms, shards),
      fences(limits.fence_ms()) {
  if (liveness)
    ensemble = std::make_unique<EnsembleSide>(*liveness, options.name, options.cluster_id, options.partitions, limits,
                                              lease, reporter);
}

/// One member, one view, a lease for ever: the rest is the same code.
void Control::Parts::start_alone() {
  cluster = "lone";
  become({options.name, 1});
  auto view = std::make_shared<View>();
  view->number = 1;
  view->members.push_back({self, options.cluster_address, options.shard_count});
  view->primaries.assign(options.partitions, 0);
  lease.extend_to(LeaseDeadline::for_ever);
  enter(view);
}

void Control::Parts::notice_own_stall(core::Milliseconds now) {
  ensure(!last_tick || now >= *last_tick, "the clock is never set back");
  if (!last_tick || now - *last_tick <= limits.own_stall_ms) return;
  const core::Milliseconds gap = now - *last_tick;
  out_of_contact_since.reset();
  links.forgive(gap);
  entry.forgive(gap);
  if (ensemble) ensemble->forgive(gap);
  reporter.report(ReportLevel::warning, "the control thread stood still for " + std::to_string(gap) + " ms");
}

bool Control::Parts::loops_turn(core::Milliseconds now) const {
  return loops_turned && now - *loops_turned <= limits.loops_silence_max;
}

void Control::Parts::store_retained(core::ShardIndex from, StoreRetained&& letter) {
  retained.store(
      std::move(letter.message), letter.refusable,
      scope.guard([this, from, ticket = letter.ticket](RetainedStored::Outcome outcome, mqtt::ReasonCode reason) {
        shards.send_to_shard(from, RetainedStored{ticket, outcome, reason});
      }));
}

void Control::Parts::read_retained(core::ShardIndex from, ReadRetained&& letter) {
  retained.read(std::move(letter.filters),
                scope.guard([this, from, ticket = letter.ticket](std::vector<core::RetainedMatch> matches) {
                  shards.send_to_shard(from, RetainedRead{ticket, std::move(matches)});
                }));
}

void Control::Parts::tell_all_shards(const ToShard& letter) {
  for (core::ShardIndex shard = 0; shard < options.shard_count; ++shard) shards.send_to_shard(shard, letter);
}

void Control::Parts::finish_leaving(core::Milliseconds now) {
  if (!leaving_since) leaving_since = now;
  if (ensemble && !ensemble->is_withdrawn()) {
    ensemble->step(now,
                   {.entered = entry.view(), .loops_turn = false, .description = description(now), .forgettable = {}});
    if (!ensemble->is_withdrawn() && now - *leaving_since < limits.leave_max_ms) return;
    if (!ensemble->is_withdrawn())
      reporter.report(ReportLevel::warning,
                      "leaving without ZooKeeper's answer: the broker's name goes with its session");
  }
  if (left) std::exchange(left, nullptr)();
}

}  // namespace mqttzoo::cluster
