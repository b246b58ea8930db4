#include "tests/zk/integration/zookeeper_rig.hpp"

namespace mqttzoo::support {
namespace {

INSTANTIATE_TEST_SUITE_P(ZooKeeper, CoordinatorContract,
                         testing::Values(CoordinatorRigFactory{
                             "OneServer",
                             []() -> std::unique_ptr<CoordinatorRig> { return std::make_unique<zk::ZooKeeperRig>(); }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace mqttzoo::support
