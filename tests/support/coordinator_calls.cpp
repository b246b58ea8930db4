#include "tests/support/coordinator_calls.hpp"

#include <optional>
#include <ostream>

namespace mqttzoo::cluster {

void PrintTo(CoordinatorStatus status, std::ostream* out) { *out << to_string(status); }

}  // namespace mqttzoo::cluster

namespace mqttzoo::support {

using cluster::MultiOperation;

std::vector<cluster::CoordinatorStatus> CoordinatorCalls::Parts::statuses() const {
  std::vector<Status> statuses;
  for (const auto& part : parts) statuses.push_back(part.status);
  return statuses;
}

bool CoordinatorCalls::wait_for(Coordinator& coordinator, State state) {
  return run_until([&] { return coordinator.session_state() == state; });
}

CoordinatorCalls::Value CoordinatorCalls::get(Coordinator& coordinator, const std::string& path,
                                              Coordinator::WatchCallback watch) {
  std::optional<Value> answer;
  coordinator.get(path, std::move(watch), [&](Status status, std::string data, const cluster::ZnodeStat& stat) {
    answer = Value{status, std::move(data), stat};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "get " << path;
  return answer.value_or(Value{});
}

CoordinatorCalls::Names CoordinatorCalls::children(Coordinator& coordinator, const std::string& path,
                                                   Coordinator::WatchCallback watch) {
  std::optional<Names> answer;
  coordinator.children(path, std::move(watch), [&](Status status, std::vector<std::string> names) {
    answer = Names{status, std::move(names)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "children of " << path;
  return answer.value_or(Names{});
}

CoordinatorCalls::Created CoordinatorCalls::create(Coordinator& coordinator, const std::string& path,
                                                   const std::string& data, Mode mode) {
  std::optional<Created> answer;
  coordinator.create(path, data, mode, [&](Status status, std::string created) {
    answer = Created{status, std::move(created)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "create " << path;
  return answer.value_or(Created{});
}

CoordinatorCalls::Value CoordinatorCalls::set(Coordinator& coordinator, const std::string& path,
                                              const std::string& data, std::int32_t version) {
  std::optional<Value> answer;
  coordinator.set(path, data, version, [&](Status status, const cluster::ZnodeStat& stat) {
    answer = Value{status, {}, stat};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "set " << path;
  return answer.value_or(Value{});
}

cluster::CoordinatorStatus CoordinatorCalls::remove(Coordinator& coordinator, const std::string& path,
                                                    std::int32_t version) {
  std::optional<Status> answer;
  coordinator.remove(path, version, [&](Status status) { answer = status; });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "remove " << path;
  return answer.value_or(Status::not_tried);
}

CoordinatorCalls::Parts CoordinatorCalls::multi(Coordinator& coordinator, Operations operations) {
  std::optional<Parts> answer;
  coordinator.multi(std::move(operations), [&](Status status, std::vector<cluster::MultiResult> parts) {
    answer = Parts{status, std::move(parts)};
  });
  EXPECT_TRUE(run_until([&] { return answer.has_value(); })) << "multi";
  return answer.value_or(Parts{});
}

bool CoordinatorCalls::close(Coordinator& coordinator, std::int32_t deadline_ms) {
  bool closed = false;
  coordinator.close(deadline_ms, [&] { closed = true; });
  EXPECT_FALSE(closed) << "called back from inside close";
  return run_until([&] { return closed; });
}

MultiOperation CoordinatorCalls::creation(std::string path, std::string data, Mode mode) {
  return {.kind = Kind::create, .path = std::move(path), .data = std::move(data), .version = 0, .mode = mode};
}

MultiOperation CoordinatorCalls::setting(std::string path, std::string data, std::int32_t version) {
  return {.kind = Kind::set, .path = std::move(path), .data = std::move(data), .version = version};
}

MultiOperation CoordinatorCalls::removal(std::string path, std::int32_t version) {
  return {.kind = Kind::remove, .path = std::move(path), .data = {}, .version = version};
}

MultiOperation CoordinatorCalls::check(std::string path, std::int32_t version) {
  return {.kind = Kind::check, .path = std::move(path), .data = {}, .version = version};
}

}  // namespace mqttzoo::support
