#include "tests/support/coordinator_contract.hpp"

#include <ostream>

namespace mqttzoo::cluster {

void PrintTo(CoordinatorStatus status, std::ostream* out) { *out << to_string(status); }

}  // namespace mqttzoo::cluster

namespace mqttzoo::support {

using cluster::MultiOperation;

void PrintTo(const CoordinatorRigFactory& factory, std::ostream* out) { *out << factory.name; }

std::vector<cluster::CoordinatorStatus> CoordinatorContract::Parts::statuses() const {
  std::vector<Status> statuses;
  for (const auto& part : parts) statuses.push_back(part.status);
  return statuses;
}

std::unique_ptr<cluster::Coordinator> CoordinatorContract::open(std::size_t requests_in_flight_max) {
  auto coordinator = rig_->open(requests_in_flight_max);
  EXPECT_TRUE(wait_for(*coordinator, State::connected));
  return coordinator;
}

bool CoordinatorContract::wait_for(Coordinator& coordinator, State state) {
  return run_until([&] { return coordinator.session_state() == state; });
}

CoordinatorContract::Value CoordinatorContract::get(Coordinator& coordinator, const std::string& path,
                                                    Coordinator::WatchCallback watch) {
  std::optional<Value> answer;
  coordinator.get(path, std::move(watch), [&](Status status, std::string data, const cluster::ZnodeStat& stat) {
    answer = Value{status, std::move(data), stat};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "get " << path;
  return answer.value_or(Value{});
}

CoordinatorContract::Names CoordinatorContract::children(Coordinator& coordinator, const std::string& path,
                                                         Coordinator::WatchCallback watch) {
  std::optional<Names> answer;
  coordinator.children(path, std::move(watch), [&](Status status, std::vector<std::string> names) {
    answer = Names{status, std::move(names)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "children of " << path;
  return answer.value_or(Names{});
}

CoordinatorContract::Created CoordinatorContract::create(Coordinator& coordinator, const std::string& path,
                                                         const std::string& data, Mode mode) {
  std::optional<Created> answer;
  coordinator.create(path, data, mode, [&](Status status, std::string created) {
    answer = Created{status, std::move(created)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "create " << path;
  return answer.value_or(Created{});
}

CoordinatorContract::Value CoordinatorContract::set(Coordinator& coordinator, const std::string& path,
                                                    const std::string& data, std::int32_t version) {
  std::optional<Value> answer;
  coordinator.set(path, data, version, [&](Status status, const cluster::ZnodeStat& stat) {
    answer = Value{status, {}, stat};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "set " << path;
  return answer.value_or(Value{});
}

cluster::CoordinatorStatus CoordinatorContract::remove(Coordinator& coordinator, const std::string& path,
                                                       std::int32_t version) {
  std::optional<Status> answer;
  coordinator.remove(path, version, [&](Status status) { answer = status; });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "remove " << path;
  return answer.value_or(Status::not_tried);
}

CoordinatorContract::Parts CoordinatorContract::multi(Coordinator& coordinator, Operations operations) {
  std::optional<Parts> answer;
  coordinator.multi(std::move(operations), [&](Status status, std::vector<cluster::MultiResult> parts) {
    answer = Parts{status, std::move(parts)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "multi";
  return answer.value_or(Parts{});
}

bool CoordinatorContract::close(Coordinator& coordinator, std::int32_t deadline_ms) {
  bool closed = false;
  coordinator.close(deadline_ms, [&] { closed = true; });
  EXPECT_FALSE(closed) << "called back from inside close";
  return run_until([&] { return closed; });
}

void CoordinatorContract::expire(Coordinator& coordinator, Coordinator& observer) {
  const auto mark = create(coordinator, "/of-the-session", {}, Mode::ephemeral);
  ASSERT_EQ(mark.status, Status::ok);
  rig_->disconnect(coordinator);
  ASSERT_TRUE(run_until([&] { return get(observer, mark.path).status == Status::no_node; }));
  rig_->heal(coordinator);
}

MultiOperation CoordinatorContract::creation(std::string path, std::string data, Mode mode) {
  return {.kind = Kind::create, .path = std::move(path), .data = std::move(data), .version = 0, .mode = mode};
}

MultiOperation CoordinatorContract::setting(std::string path, std::string data, std::int32_t version) {
  return {.kind = Kind::set, .path = std::move(path), .data = std::move(data), .version = version};
}

MultiOperation CoordinatorContract::removal(std::string path, std::int32_t version) {
  return {.kind = Kind::remove, .path = std::move(path), .data = {}, .version = version};
}

MultiOperation CoordinatorContract::check(std::string path, std::int32_t version) {
  return {.kind = Kind::check, .path = std::move(path), .data = {}, .version = version};
}

}  // namespace mqttzoo::support
