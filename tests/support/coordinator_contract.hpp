#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/support/coordinator_calls.hpp"
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
class CoordinatorContract : public testing::TestWithParam<CoordinatorRigFactory>, protected CoordinatorCalls {
 protected:
  void SetUp() override { rig_ = GetParam().make(); }

  bool run_until(const std::function<bool()>& condition) override { return rig_->run_until(condition); }
  /// One that is connected.
  std::unique_ptr<Coordinator> open(std::size_t requests_in_flight_max = 10'000);
  /// Keeps the session away until the ensemble has ended it. A znode of the session shows when.
  void expire(Coordinator& coordinator, Coordinator& observer);

  std::unique_ptr<CoordinatorRig> rig_;
};

/// gtest prints it in messages.
void PrintTo(const CoordinatorRigFactory& factory, std::ostream* out);

}  // namespace mqttzoo::support
