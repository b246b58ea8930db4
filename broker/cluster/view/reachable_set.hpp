#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace mqttzoo::cluster {

/// Pairs of brokers, by index, that do not reach each other.
using PartedPairs = std::vector<std::pair<std::size_t, std::size_t>>;

/// The largest set of `count` brokers in which everyone reaches everyone, as one flag per broker.
///
/// `badness[b]` decides between sets of the same size: the sum over the set is to be the lowest; then the set with the
/// lower ranks wins, compared from the lowest `rank[b]` on. Exact for what happens in practice; a graph that would take
/// more than some 100,000 steps is answered by leaving out, time and again, whoever lacks most others.
std::vector<bool> largest_reachable_set(std::size_t count, const PartedPairs& parted,
                                        const std::vector<std::size_t>& badness, const std::vector<std::size_t>& rank);

}  // namespace mqttzoo::cluster
