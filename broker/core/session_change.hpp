#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/core/ids.hpp"
#include "broker/core/message.hpp"
#include "broker/core/subscription.hpp"

namespace mqttzoo::core {

/// What happens to a persistent session, as those who keep a copy of it have to know. Every change may come a second
/// time, or concern a message that is gone: it does nothing then.
namespace session_change {

/// It begins, with nothing; or begins anew.
struct Begun {};
struct Ended {};
/// A connection of this user serves it.
struct Served {
  std::optional<std::string> user_name;
};
/// None does. It ends at this time of the cluster's clock; 0: never. Only messages with lower numbers have been sent.
struct Left {
  ClusterMilliseconds ends_at = 0;
  std::uint64_t sent_below = 0;
};
struct Subscribed {
  std::string filter;  ///< may be a shared one
  SubscriptionOptions options;
};
struct Unsubscribed {
  std::string filter;
};
/// A message of QoS 1 or 2 is for it from now on.
struct Accepted {
  std::uint64_t number = 0;  ///< its delivery number, from 1; 0: `Released` says it
  MessageRef message;
  mqtt::QoS qos = mqtt::QoS::at_least_once;
  bool retain = false;
  SubscriptionIdentifiers identifiers;
  std::string share;  ///< as a member of this Shared Subscription; empty: of none
};
/// Messages without a number are gone: those at these places, which rise.
struct Overtaken {
  std::vector<std::uint32_t> places;
};
/// Messages without a number take the next ones, in their order.
struct Released {};
/// The client has acknowledged the message, or it is not sent for another reason.
struct Gone {
  std::uint64_t number = 0;
};
/// The client has sent PUBREC: only the Packet Identifier is needed from here on.
struct Received {
  std::uint64_t number = 0;
};
/// A QoS 2 PUBLISH of its client with this Packet Identifier was taken; the identifier is free again.
struct Taken {
  std::uint16_t packet_id = 0;
};
struct Freed {
  std::uint16_t packet_id = 0;
};

}  // namespace session_change

using SessionChange =
    std::variant<session_change::Begun, session_change::Ended, session_change::Served, session_change::Left,
                 session_change::Subscribed, session_change::Unsubscribed, session_change::Accepted,
                 session_change::Overtaken, session_change::Released, session_change::Gone, session_change::Received,
                 session_change::Taken, session_change::Freed>;

}  // namespace mqttzoo::core
