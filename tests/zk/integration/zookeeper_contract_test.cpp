#include "tests/zk/integration/zookeeper_rig.hpp"

// Two handles of the C client share the buffer in which it writes addresses for its log (format_endpoint_info).
extern "C" const char* __tsan_default_suppressions() { return "race:libzookeeper_mt.so\n"; }

namespace mqttzoo::support {
namespace {

INSTANTIATE_TEST_SUITE_P(ZooKeeper, CoordinatorContract,
                         testing::Values(CoordinatorRigFactory{
                             "OneServer",
                             []() -> std::unique_ptr<CoordinatorRig> { return std::make_unique<zk::ZooKeeperRig>(); }}),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace mqttzoo::support
