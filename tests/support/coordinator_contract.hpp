#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/coordinator.hpp"
#include "tests/support/fake_coordinator.hpp"

namespace mqttzoo::support {

/// An ensemble and the network to it, real or fake, as the contract tests handle it.
class CoordinatorRig {
 public:
  virtual ~CoordinatorRig() = default;

  /// A session with an ensemble that is empty at first; not connected yet.
  virtual std::unique_ptr<cluster::Coordinator> open(std::size_t requests_in_flight_max) = 0;
  /// Lets things happen until the condition holds; false when it does not for a long time.
  virtual bool run_until(const std::function<bool()>& condition) = 0;

  /// From now on nothing comes back to this one, and with Loss::requests nothing gets there either.
  virtual void lose(cluster::Coordinator& coordinator, Loss loss) = 0;
  /// Its connection breaks for both sides to see, and none can be opened.
  virtual void disconnect(cluster::Coordinator& coordinator) = 0;
  /// Whatever was broken works again.
  virtual void heal(cluster::Coordinator& coordinator) = 0;
};

struct CoordinatorRigFactory {
  std::string name;
  std::function<std::unique_ptr<CoordinatorRig>()> make;
};

/// What every implementation of cluster::Coordinator promises: tests in coordinator_contract_*.cpp, instantiated for
/// the fake as unit tests and for ZooKeeper as integration tests.
class CoordinatorContract : public testing::TestWithParam<CoordinatorRigFactory> {
 protected:
  using Coordinator = cluster::Coordinator;
  using Status = cluster::CoordinatorStatus;
  using State = Coordinator::SessionState;
  using Kind = cluster::MultiOperation::Kind;
  using Mode = cluster::CreateMode;
  using Operations = std::vector<cluster::MultiOperation>;

  struct Value {
    Status status = Status::not_tried;
    std::string data;
    cluster::ZnodeStat stat;
  };
  struct Names {
    Status status = Status::not_tried;
    std::vector<std::string> names;
  };
  struct Created {
    Status status = Status::not_tried;
    std::string path;
  };
  struct Parts {
    Status status = Status::not_tried;
    std::vector<cluster::MultiResult> parts;
    std::vector<Status> statuses() const;
  };

  void SetUp() override { rig_ = GetParam().make(); }

  bool run_until(const std::function<bool()>& condition) { return rig_->run_until(condition); }
  /// One that is connected.
  std::unique_ptr<Coordinator> open(std::size_t requests_in_flight_max = 10'000);
  bool wait_for(Coordinator& coordinator, State state);

  // One request and its answer.
  Value get(Coordinator& coordinator, const std::string& path, Coordinator::WatchCallback watch = {});
  Names children(Coordinator& coordinator, const std::string& path, Coordinator::WatchCallback watch = {});
  Created create(Coordinator& coordinator, const std::string& path, const std::string& data = {},
                 Mode mode = Mode::persistent);
  Value set(Coordinator& coordinator, const std::string& path, const std::string& data,
            std::int32_t version = cluster::any_version);
  Status remove(Coordinator& coordinator, const std::string& path, std::int32_t version = cluster::any_version);
  Parts multi(Coordinator& coordinator, Operations operations);
  /// A round trip: what the ensemble sent before has arrived.
  void round_trip(Coordinator& coordinator) { get(coordinator, "/"); }
  bool close(Coordinator& coordinator, std::int32_t deadline_ms = 10'000);
  /// Keeps the session away until the ensemble has ended it. A znode of the session shows when.
  void expire(Coordinator& coordinator, Coordinator& observer);

  static cluster::MultiOperation creation(std::string path, std::string data = {}, Mode mode = Mode::persistent);
  static cluster::MultiOperation setting(std::string path, std::string data,
                                         std::int32_t version = cluster::any_version);
  static cluster::MultiOperation removal(std::string path, std::int32_t version = cluster::any_version);
  static cluster::MultiOperation check(std::string path, std::int32_t version);

  std::unique_ptr<CoordinatorRig> rig_;
};

/// gtest prints these in messages.
void PrintTo(const CoordinatorRigFactory& factory, std::ostream* out);

}  // namespace mqttzoo::support

namespace mqttzoo::cluster {

void PrintTo(CoordinatorStatus status, std::ostream* out);

}  // namespace mqttzoo::cluster
