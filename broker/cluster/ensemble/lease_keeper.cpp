#include "broker/cluster/ensemble/lease_keeper.hpp"

#include <utility>

#include "broker/cluster/znode_paths.hpp"

namespace mqttzoo::cluster {

using Status = CoordinatorStatus;

LeaseKeeper::LeaseKeeper(Coordinator& coordinator, std::string name, const ControlLimits& limits,
                         LeaseDeadline& deadline)
    : coordinator_(coordinator), path_(znode::under(znode::leases, name)), limits_(limits), deadline_(deadline) {}

void LeaseKeeper::session_began() {
  scope_.renew();
  in_flight_ = 0;
  failed_ = false;
  creating_ = false;
  next_.reset();
  refused_version_.reset();
}

void LeaseKeeper::end() {
  session_began();
  until_ = 0;
  deadline_.end();
}

void LeaseKeeper::step(core::Milliseconds now, const Basis& basis) {
  if (std::exchange(failed_, false)) next_ = now + limits_.retry_ms;
  if (!basis.view_version || !basis.loops_turn || basis.view_version == refused_version_) return;
  if (creating_ || in_flight_ >= in_flight_max || (next_ && now < *next_)) return;
  next_ = now + limits_.heartbeat_interval();
  beat(now, *basis.view_version);
}

void LeaseKeeper::beat(core::Milliseconds now, std::int32_t view_version) {
  ++in_flight_;
  std::vector<MultiOperation> operations(2);
  operations[0] = {.kind = MultiOperation::Kind::check, .path = znode::view, .data = {}, .version = view_version};
  operations[1] = {.kind = MultiOperation::Kind::set, .path = path_, .data = {}};
  coordinator_.multi(std::move(operations),
                     scope_.guard([this, now, view_version](Status status, const std::vector<MultiResult>& parts) {
                       --in_flight_;
                       if (status == Status::bad_version) refused_version_ = view_version;
                       answered(now, status, parts);
                     }));
}

void LeaseKeeper::answered(core::Milliseconds sent, Status status, const std::vector<MultiResult>& parts) {
  if (status == Status::ok) {
    succeeded_ = true;
    refused_version_.reset();
    until_ = std::max(until_, sent + limits_.lease_ms);
    return deadline_.extend_to(until_);
  }
  ++missed_;
  failed_ = true;
  if (status == Status::bad_version) view_changed_ = true;
  const bool no_lease_yet = status == Status::no_node && parts.size() == 2 && parts[1].status == Status::no_node;
  if (status == Status::no_node && !no_lease_yet) view_changed_ = true;
  if (no_lease_yet && !creating_) create_lease();
}

void LeaseKeeper::create_lease() {
  creating_ = true;
  coordinator_.create(path_, "", CreateMode::persistent,
                      scope_.guard([this](Status, const auto&) { creating_ = false; }));
}

}  // namespace mqttzoo::cluster
