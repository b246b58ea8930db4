#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/cluster/letters.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// What this shard's sessions want, on its way to everybody else: changes are gathered during a turn, numbered and told
/// to control at its end; a SUBSCRIBE is settled when everybody knows all changes up to its own (P1). A filter whose
/// last subscription goes and comes back within a turn is no change. How many members of a Shared Subscription are able
/// to take a message changes all the time: that is told now and then only, so a little late. Bounded by the SUBSCRIBEs
/// that sessions may have waiting (core::Limits::unsettled_subscribes_max). Lives on one shard.
class OwnInterest {
 public:
  struct Settling {
    core::SubscribeTicket ticket;
    std::vector<std::string> retained_filters;
  };

  void added(std::string_view filter) { change(filter, true); }
  void removed(std::string_view filter) { change(filter, false); }

  /// `began_or_ended`: the first member of this shard came, or its last one went.
  void share_changed(std::string_view name, core::ShareMembers members, bool began_or_ended);

  /// Changes that cancelled each other are still numbered if a SUBSCRIBE waits for them.
  bool has_changes() const {
    return !changes_.empty() || shares_began_or_ended_ || (!settling_.empty() && settling_.back().sequence > sequence_);
  }
  /// Changes that can wait for a while.
  bool has_member_changes() const { return !shares_.empty(); }
  /// They have waited for a while. False: there is nothing to tell after all.
  bool settle_member_changes();
  /// All changes since the last call.
  InterestChanged take_changes();

  /// True: everybody knows already. Else it comes out of a later `settled`.
  bool settle(core::SubscribeTicket ticket, std::vector<std::string>& retained_filters);
  /// Everybody knows the changes up to `sequence`.
  std::vector<Settling> settled(std::uint64_t sequence);

  std::size_t settling() const { return settling_.size(); }
  /// The sessions that asked are gone; what the shard wants stays numbered as it is.
  void forget_settling() { settling_.clear(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Waiting {
    std::uint64_t sequence = 0;
    Settling subscribe;
  };

  void change(std::string_view filter, bool wanted);
  void drop_told_shares();

  std::unordered_map<std::string, bool, TextHash, std::equal_to<>> changes_;  ///< filter, whether it is wanted now
  std::unordered_map<std::string, core::ShareMembers, TextHash, std::equal_to<>> shares_;       ///< as they are now
  std::unordered_map<std::string, core::ShareMembers, TextHash, std::equal_to<>> told_shares_;  ///< those there are
  bool shares_began_or_ended_ = false;
  std::uint64_t needed_ = 0;    ///< of the last changes that a SUBSCRIBE may wait for
  std::uint64_t sequence_ = 0;  ///< of the last changes that were told
  std::uint64_t settled_ = 0;
  std::deque<Waiting> settling_;  ///< sequences rise
};

}  // namespace mqttzoo::cluster
