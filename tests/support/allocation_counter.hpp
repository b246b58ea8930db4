#pragma once

#include <cstddef>

namespace mqttzoo::test {

/// How often this program has called operator new, from any thread. Whoever links with it has the counting ones.
std::size_t allocations_so_far();

}  // namespace mqttzoo::test
