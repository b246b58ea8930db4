#include "broker/cluster/view/reachable_set.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

namespace {

/// Searches for the smallest set of brokers to leave out such that no parted pair is left inside (a vertex cover).
/// Either the broker that lacks most others is left out, or all those are that it lacks.
class Search {
 public:
  Search(std::size_t count, const PartedPairs& parted, const std::vector<std::size_t>& badness,
         const std::vector<std::size_t>& rank)
      : badness_(badness), rank_(rank), lacks_(count), kept_(count, true) {
    for (const auto& [a, b] : parted) {
      ensure(a < count && b < count && a != b, "a pair of brokers is parted");
      if (std::find(lacks_[a].begin(), lacks_[a].end(), b) != lacks_[a].end()) continue;
      lacks_[a].push_back(b);
      lacks_[b].push_back(a);
    }
  }

  std::vector<bool> run() {
    explore(kept_.size());
    if (steps_left_ == 0) return greedy();
    return *best_;
  }

 private:
  static constexpr std::uint32_t steps_max = 100'000;

  std::size_t lacking(std::size_t broker) const {
    if (!kept_[broker]) return 0;
    return static_cast<std::size_t>(
        std::count_if(lacks_[broker].begin(), lacks_[broker].end(), [&](std::size_t other) { return kept_[other]; }));
  }

  std::size_t worst() const {
    std::size_t worst = 0;
    for (std::size_t broker = 1; broker < kept_.size(); ++broker)
      if (lacking(broker) > lacking(worst)) worst = broker;
    return worst;
  }

  void explore(std::size_t size) {
    if (steps_left_ == 0 || --steps_left_ == 0) return;
    if (best_ && size < best_size_) return;
    const std::size_t broker = kept_.empty() ? 0 : worst();
    if (kept_.empty() || lacking(broker) == 0) return consider(size);

    kept_[broker] = false;
    explore(size - 1);
    kept_[broker] = true;

    std::vector<std::size_t> left_out;
    for (const std::size_t other : lacks_[broker])
      if (kept_[other]) left_out.push_back(other);
    for (const std::size_t other : left_out) kept_[other] = false;
    explore(size - left_out.size());
    for (const std::size_t other : left_out) kept_[other] = true;
  }

  void consider(std::size_t size) {
    std::size_t badness = 0;
    std::vector<std::size_t> ranks;
    for (std::size_t broker = 0; broker < kept_.size(); ++broker) {
      if (!kept_[broker]) continue;
      badness += badness_[broker];
      ranks.push_back(rank_[broker]);
    }
    std::sort(ranks.begin(), ranks.end());
    const bool better =
        !best_ || size > best_size_ || badness < best_badness_ || (badness == best_badness_ && ranks < best_ranks_);
    if (!better) return;
    best_ = kept_;
    best_size_ = size;
    best_badness_ = badness;
    best_ranks_ = std::move(ranks);
  }

  std::vector<bool> greedy() {
    kept_.assign(kept_.size(), true);
    for (std::size_t broker = worst(); lacking(broker) > 0; broker = worst()) kept_[broker] = false;
    return kept_;
  }

  const std::vector<std::size_t>& badness_;
  const std::vector<std::size_t>& rank_;
  std::vector<std::vector<std::size_t>> lacks_;
  std::vector<bool> kept_;
  std::uint32_t steps_left_ = steps_max;
  std::optional<std::vector<bool>> best_;
  std::size_t best_size_ = 0;
  std::size_t best_badness_ = 0;
  std::vector<std::size_t> best_ranks_;
};

}  // namespace

std::vector<bool> largest_reachable_set(std::size_t count, const PartedPairs& parted,
                                        const std::vector<std::size_t>& badness, const std::vector<std::size_t>& rank) {
  return Search(count, parted, badness, rank).run();
}

}  // namespace mqttzoo::cluster
