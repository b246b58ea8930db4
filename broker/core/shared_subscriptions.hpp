#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "broker/core/counters.hpp"
#include "broker/core/entry_list.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/publish_encoder.hpp"
#include "broker/core/router.hpp"
#include "broker/core/subscription.hpp"

namespace mqttzoo::core {

class Session;

/// What a member can do with a message. The order is the one in which members are asked.
enum class MemberState : std::uint8_t {
  able,       ///< it would be sent a message of QoS 1 now
  connected,  ///< it would be kept waiting for it
  away,       ///< its client is not connected
};

/// One Shared Subscription in one shard: a ShareName with a Topic Filter, and the sessions that are members (v5 4.8.2).
/// A message that waits for one of them keeps it, so that it can go to another one.
class Share : public boost::intrusive_ref_counter<Share, boost::thread_unsafe_counter> {
 public:
  explicit Share(std::string_view name) : name_(name) {}

  /// The whole of it: "$share/ShareName/filter".
  const std::string& name() const { return name_; }
  ShareMembers members() const { return {static_cast<std::uint32_t>(members_.size()), able_}; }

 private:
  friend class SharedSubscriptions;

  MemberState state_at(std::size_t place) const;
  void move(std::size_t place, MemberState state);
  std::pair<std::size_t, std::size_t> places_of(MemberState state) const;

  const std::string name_;
  EntryList<Session*, SubscriptionOptions> members_;  ///< the able ones first, then the connected ones
  std::uint32_t able_ = 0;
  std::uint32_t here_ = 0;  ///< able and connected ones
  std::uint32_t turn_ = 0;  ///< goes round
};
using ShareRef = boost::intrusive_ptr<Share>;

/// The Shared Subscriptions of one shard. Which messages are for them, and whether for a member in this shard, is the
/// router's to decide: it is told how many members there are and how many of them are able to take a message now.
/// Bounded by the subscriptions of the sessions. One thread.
class SharedSubscriptions {
 public:
  SharedSubscriptions(const Limits& limits, Router& router, Counters& counters)
      : limits_(limits), router_(router), counters_(counters) {}

  /// `name` is valid. A member again has its options replaced.
  Share& add(std::string_view name, Session& session, const SubscriptionOptions& options, MemberState state);
  void remove(Share& share, Session& session);
  void set_state(Share& share, Session& session, MemberState state);
  ShareMembers members_of(std::string_view name) const {
    const auto found = shares_.find(name);
    return found == shares_.end() ? ShareMembers() : found->second->members();
  }

  /// To one member: in turn to those that are able, as long as there is one; unless `able_only` then to one whose queue
  /// has room, rather one that is connected. `encoder` has started the message.
  SharedDelivery deliver(std::string_view name, RoutedMessage& message, PublishEncoder& encoder, bool able_only);

  /// As SubscriptionIndex counts them.
  std::size_t filter_bytes() const { return filter_bytes_; }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  bool deliver_among(Share& share, MemberState state, RoutedMessage& message, PublishEncoder& encoder,
                     bool& any_may_receive);

  const Limits& limits_;
  Router& router_;
  Counters& counters_;
  std::unordered_map<std::string_view, ShareRef, TextHash, std::equal_to<>> shares_;  ///< by their own names
  std::size_t filter_bytes_ = 0;
};

}  // namespace mqttzoo::core
