#include "tests/support/coordinator_contract.hpp"

#include <ostream>

namespace mqttzoo::support {

void PrintTo(const CoordinatorRigFactory& factory, std::ostream* out) { *out << factory.name; }

std::unique_ptr<cluster::Coordinator> CoordinatorContract::open(std::size_t requests_in_flight_max) {
  auto coordinator = rig_->open(requests_in_flight_max);
  EXPECT_TRUE(wait_for(*coordinator, State::connected));
  return coordinator;
}

void CoordinatorContract::expire(Coordinator& coordinator, Coordinator& observer) {
  const auto mark = create(coordinator, "/of-the-session", {}, Mode::ephemeral);
  ASSERT_EQ(mark.status, Status::ok);
  rig_->disconnect(coordinator);
  ASSERT_TRUE(run_until([&] { return get(observer, mark.path).status == Status::no_node; }));
  rig_->heal(coordinator);
}

}  // namespace mqttzoo::support
