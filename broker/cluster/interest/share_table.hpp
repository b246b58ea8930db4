#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "broker/cluster/interest/targets.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/core/entry_list.hpp"
#include "broker/core/match_cache.hpp"
#include "broker/core/topic_tree.hpp"

namespace mqttzoo::cluster {

/// One Shared Subscription of the whole cluster, as a shard knows it: who has members.
class SharedInterest {
 public:
  explicit SharedInterest(std::string_view name) : name_(name) {}
  const std::string& name() const { return name_; }

 private:
  friend class ShareTable;
  friend void intrusive_ptr_add_ref(SharedInterest* share) { ++share->references_; }
  friend void intrusive_ptr_release(SharedInterest* share) { share->release(); }
  void release();

  const std::string name_;
  std::uint32_t references_ = 0;
  struct Place {
    core::ShareMembers members;
    core::Milliseconds unable_until = 0;
    std::uint32_t able(core::Milliseconds now) const { return now < unable_until ? 0 : members.able; }
  };
  core::EntryList<InterestOwner, Place> owners_;
  std::uint64_t turn_ = 0;  ///< goes round
};
using SharedInterestRef = boost::intrusive_ptr<SharedInterest>;

/// All Shared Subscriptions of the cluster (v5 4.8.2), and the choice of who gets a message: each shard has a table of
/// its own and chooses for the messages that begin there. Owners are all shards of this broker, its own too, and the
/// other brokers. How many of their members are able to take a message may be a little out of date; whoever was chosen
/// and has none declines. Bounded by what the owners subscribe to. One thread.
class ShareTable {
 public:
  ShareTable();

  /// The owner has these members from now on. True: it had none before, or has none any more. The name is valid.
  bool set(InterestOwner owner, std::string_view name, core::ShareMembers members);
  /// The owner declined: it is not chosen for its able members until then, or until it tells of some.
  void set_unable(InterestOwner owner, std::string_view name, core::Milliseconds until);
  /// Everything of one owner. Linear in all Shared Subscriptions.
  void forget(InterestOwner owner);

  bool empty() const { return shares_.empty(); }
  std::size_t size() const { return shares_.size(); }

  using Matches = std::vector<SharedInterestRef>;
  /// Good until the next call of anything.
  const Matches& match(std::string_view topic) {
    if (const Matches* const known = cache_.find(topic)) return *known;
    return look_up(topic);
  }
  /// Null: nobody has members.
  SharedInterest* find(std::string_view name) const;
  struct Choice {
    InterestOwner owner;
    bool able = false;  ///< it has members who would not be kept waiting
  };
  /// Whose turn it is: by the number of their able members among those who have some, else by the number of all.
  /// `peers`: the other brokers that come into question. Nobody, if nobody but `except` has members.
  std::optional<Choice> choose(SharedInterest& share, IndexSet peers, core::Milliseconds now,
                               const Targets& except = {});

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const Matches& look_up(std::string_view topic);
  void add(const SharedInterestRef& share);
  void remove(const SharedInterestRef& share);
  void forget_matches(std::string_view filter);

  std::unordered_map<std::string_view, SharedInterestRef, TextHash, std::equal_to<>> shares_;  ///< by their own names
  core::TopicTree<SharedInterestRef, bool> tree_;
  core::MatchCache<Matches> cache_;
  Matches found_;  ///< kept for its memory
};

}  // namespace mqttzoo::cluster
