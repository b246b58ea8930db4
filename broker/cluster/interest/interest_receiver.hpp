#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/letters.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// What one peer wants, as it arrives on the control link from it: gathers the parts of a snapshot, so that it replaces
/// what was known before in one step (a filter that is wanted before and after is never missed between), checks that
/// deltas follow without a gap, and holds the peer to its bound. The filters themselves are kept by the shards.
class InterestReceiver {
 public:
  struct Change {
    bool replace = false;
    std::uint64_t sequence = 0;
    std::vector<std::string> added;
    std::vector<std::string> removed;
    std::vector<ShareInterest> shares{};
  };
  /// Nothing in `change`: more parts follow. `refused` is not null: the peer broke the protocol or its bound, and how.
  struct Outcome {
    std::optional<Change> change;
    const char* refused = nullptr;
  };

  explicit InterestReceiver(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// A new link: its first word is a snapshot.
  void restart();
  Outcome snapshot(proto::InterestSnapshot&& part);
  Outcome delta(proto::InterestDelta&& delta);

 private:
  using Shares = google::protobuf::RepeatedPtrField<proto::ShareInterest>;

  bool move_shares(Shares& from, std::vector<ShareInterest>& to);

  const std::size_t bytes_max_;
  std::optional<std::uint64_t> sequence_;  ///< of the last delta; nothing: no whole snapshot yet
  bool gathering_ = false;
  Change gathered_;
  std::size_t bytes_ = 0;
  std::set<std::string, std::less<>> shares_;  ///< of those counted in bytes_
};

}  // namespace mqttzoo::cluster
