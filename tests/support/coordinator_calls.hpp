#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "broker/cluster/coordinator.hpp"

namespace mqttzoo::support {

/// For tests with a coordinator: asks and waits for the answer, instead of calling and being called back. A call that
/// is not answered fails the test.
class CoordinatorCalls {
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

  virtual ~CoordinatorCalls() = default;
  /// Lets things happen until the condition holds; false when it does not for a long time.
  virtual bool run_until(const std::function<bool()>& condition) = 0;
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
  static cluster::MultiOperation creation(std::string path, std::string data = {}, Mode mode = Mode::persistent);
  static cluster::MultiOperation setting(std::string path, std::string data,
                                         std::int32_t version = cluster::any_version);
  static cluster::MultiOperation removal(std::string path, std::int32_t version = cluster::any_version);
  static cluster::MultiOperation check(std::string path, std::int32_t version);
};

}  // namespace mqttzoo::support

namespace mqttzoo::cluster {

/// gtest prints it in messages.
void PrintTo(CoordinatorStatus status, std::ostream* out);

}  // namespace mqttzoo::cluster
