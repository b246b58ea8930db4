#include "broker/cluster/ensemble/office.hpp"

#include <limits>
#include <utility>
#include <vector>

#include "broker/cluster/view/view_codec.hpp"
#include "broker/cluster/znode_paths.hpp"
#include "broker/common/ensure.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

using Status = CoordinatorStatus;

void Office::session_began() {
  scope_.renew();
  attempt_.reset();
  wanted_ = true;
  watched_ = false;
  held_ = false;
}

void Office::step(core::Milliseconds now, const Basis& basis) {
  if (self_ != basis.self) {
    self_ = basis.self;
    held_ = false;
  }
  if (!attempt_.may_start(now)) return;
  if (wanted_) {
    attempt_.start();
    return read();
  }
  if (held_ && !basis.eligible) return resign();
  if (held_ && now >= *next_renewal_) return renew(now);
  if (!held_ && basis.eligible && is_vacant(now, basis)) {
    next_renewal_ = now + limits_.heartbeat_interval();
    take();
  }
}

// ---------------------------------------------------------------- reading

void Office::read() {
  wanted_ = false;
  Coordinator::WatchCallback watch;
  if (!std::exchange(watched_, true)) {
    watch = scope_.guard([this] {
      watched_ = false;
      if (!held_) wanted_ = true;  // the holder knows what it writes
    });
  }
  coordinator_.get(znode::controller, std::move(watch),
                   scope_.guard([this](Status status, const std::string& data, const ZnodeStat& stat) {
                     if (status != Status::ok && status != Status::no_node) {
                       watched_ = false;
                       wanted_ = true;
                       return attempt_.failed();
                     }
                     attempt_.succeeded();
                     is_read_ = true;
                     if (status == Status::ok) return took(data, stat);
                     version_.reset();
                     holder_ = {};
                     held_ = false;
                   }));
}

void Office::took(const std::string& data, const ZnodeStat& stat) {
  if (stat.modified_zxid != modified_zxid_) unchanged_since_.reset();
  modified_zxid_ = stat.modified_zxid;
  version_ = stat.version;
  proto::ControllerOffice office;
  const bool readable =
      data.size() <= limits_.znode_bytes_max && office.ParseFromArray(data.data(), static_cast<int>(data.size()));
  holder_ = readable ? from_proto(office.holder()) : Incarnation{};
  term_ = readable ? office.term() : 0;
  const bool was_held = std::exchange(held_, !self_.name.empty() && holder_ == self_);
  if (held_ && !was_held) next_renewal_ = 0;  // taken, though the answer was lost
}

bool Office::is_vacant(core::Milliseconds now, const Basis& basis) {
  if (!is_read_) return false;
  if (!version_ || holder_.name.empty()) return true;
  if (!unchanged_since_) unchanged_since_ = now;
  return now - *unchanged_since_ >= limits_.fence_ms() || basis.is_gone(holder_);
}

// ---------------------------------------------------------------- writing

std::string Office::office(const Incarnation& holder) const {
  proto::ControllerOffice office;
  to_proto(holder, *office.mutable_holder());
  office.set_term(term_);
  return office.SerializeAsString();
}

void Office::take() {
  attempt_.start();
  ++term_;
  if (!version_) {
    coordinator_.create(znode::controller, office(self_), CreateMode::persistent,
                        scope_.guard([this](Status status, const auto&) { written(status, 0); }));
  } else {
    coordinator_.set(znode::controller, office(self_), *version_,
                     scope_.guard([this](Status status, const ZnodeStat& stat) { written(status, stat.version); }));
  }
}

void Office::renew(core::Milliseconds now) {
  attempt_.start();
  next_renewal_ = now + limits_.heartbeat_interval();
  coordinator_.set(znode::controller, office(self_), *version_,
                   scope_.guard([this](Status status, const ZnodeStat& stat) { written(status, stat.version); }));
}

void Office::resign() {
  attempt_.start();
  coordinator_.set(znode::controller, office({}), *version_, scope_.guard([this](Status status, const ZnodeStat& stat) {
    written(status, stat.version);
    held_ = false;
    wanted_ = true;
  }));
}

void Office::written(Status status, std::int32_t version) {
  if (status == Status::ok) {
    attempt_.succeeded();
    succeeded_ = true;
    version_ = version;
    holder_ = self_;
    held_ = true;
    return;
  }
  attempt_.failed();
  held_ = false;  // until it is read
  wanted_ = true;
}

void Office::write_view(const View& view, std::optional<std::int32_t> version, core::Milliseconds now) {
  ensure(may_write(), "views are written by the holder of the office");
  attempt_.start();
  next_renewal_ = now + limits_.heartbeat_interval();
  std::vector<MultiOperation> operations(2);
  operations[0] = {
      .kind = MultiOperation::Kind::set, .path = znode::controller, .data = office(self_), .version = *version_};
  operations[1] = {.kind = version ? MultiOperation::Kind::set : MultiOperation::Kind::create,
                   .path = znode::view,
                   .data = serialize(view),
                   .version = version.value_or(any_version)};
  coordinator_.multi(std::move(operations), scope_.guard([this](Status status, const std::vector<MultiResult>& parts) {
    written(status, parts.empty() ? -1 : parts[0].stat.version);
    view_touched_ = true;
  }));
}

}  // namespace mqttzoo::cluster
