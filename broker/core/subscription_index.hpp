#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "broker/core/counters.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/match_cache.hpp"
#include "broker/core/router.hpp"
#include "broker/core/subscription.hpp"
#include "broker/core/topic_tree.hpp"

namespace mqttzoo::core {

class Session;

/// Whom a delivery is for: differs only where overlapping subscriptions of one session disagree on No Local.
enum class Audience : std::uint8_t {
  anybodys_messages,  ///< whoever published
  others_messages,    ///< not what the session's own client published (v5 [MQTT-3.8.3-3])
  own_messages,       ///< only what it published
};

/// One message to one session, whatever number of its subscriptions match: the highest QoS, all identifiers
/// (v5 3.3.4, v3.1.1 3.3.5). 16 bytes.
struct Delivery {
  Session* session = nullptr;
  std::uint32_t identifiers_begin = 0;
  std::uint16_t identifiers_size = 0;
  mqtt::QoS qos : 2 = mqtt::QoS::at_most_once;
  Audience audience : 2 = Audience::anybodys_messages;
  bool retain_as_published : 1 = false;
};

struct Deliveries {
  std::vector<Delivery> list;
  std::vector<std::uint32_t> identifiers;
  std::uint32_t denied = 0;  ///< sessions that match and may not receive the topic

  std::span<const std::uint32_t> identifiers_of(const Delivery& delivery) const {
    return {identifiers.data() + delivery.identifiers_begin, delivery.identifiers_size};
  }
  void clear() {
    list.clear();
    identifiers.clear();
    denied = 0;
  }
};

/// All subscriptions of one shard. Tells the router when the shard's first subscription on a filter comes and its last
/// one goes. Matching is remembered per topic: a subscription without wildcards disturbs its own topic only.
class SubscriptionIndex {
 public:
  SubscriptionIndex(const Limits& limits, Router& router, Counters& counters);

  /// True if the session did not have the filter; else its options are replaced.
  bool add(std::string_view filter, Session& session, const SubscriptionOptions& options);
  void remove(std::string_view filter, Session& session);
  bool has(std::string_view filter) const { return tree_.has(filter); }
  /// Of all its filters, for Limits::filter_bytes_max.
  std::size_t filter_bytes() const { return filter_bytes_; }

  /// Who gets a message on this topic, in an order that is the same in every run. Good until the next call of anything.
  const Deliveries& match(std::string_view topic) {
    if (const Deliveries* const known = cache_.find(topic)) return *known;
    return look_up(topic);
  }

  /// The rights of a session have changed.
  void forget_all_matches() { cache_.forget_all(); }

 private:
  struct Hit {
    Session* session;
    SubscriptionOptions options;
  };

  const Deliveries& look_up(std::string_view topic);
  void merge_hits(std::string_view topic);
  void add_delivery(std::span<const Hit> hits, Audience audience, bool skip_no_local);
  void forget_matches(std::string_view filter);

  const Limits& limits_;
  Router& router_;
  Counters& counters_;
  TopicTree<Session*, SubscriptionOptions> tree_;
  std::size_t filter_bytes_ = 0;
  MatchCache<Deliveries> cache_;
  Deliveries found_;       ///< kept for its memory
  std::vector<Hit> hits_;  ///< kept for its memory
};

}  // namespace mqttzoo::core
