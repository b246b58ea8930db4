#include "broker/core/subscription_index.hpp"

#include <algorithm>
#include <limits>

#include "broker/core/session.hpp"
#include "proto/mqtt/topic.hpp"

namespace mqttzoo::core {

SubscriptionIndex::SubscriptionIndex(const Limits& limits, Router& router, Counters& counters)
    : limits_(limits),
      router_(router),
      counters_(counters),
      cache_({limits.match_cache_topics, limits.match_cache_topic_bytes_max, limits.match_cache_deliveries_max}) {}

bool SubscriptionIndex::add(std::string_view filter, Session& session, const SubscriptionOptions& options) {
  const auto inserted = tree_.insert(filter, &session, options);
  forget_matches(filter);
  if (inserted.is_new) counters_.subscriptions.add();
  if (inserted.first_of_filter) {
    filter_bytes_ += limits_.cost_of_filter(filter);
    router_.interest_added(filter);
  }
  return inserted.is_new;
}

void SubscriptionIndex::remove(std::string_view filter, Session& session) {
  const auto erased = tree_.erase(filter, &session);
  if (!erased.existed) return;
  forget_matches(filter);
  counters_.subscriptions.subtract();
  if (erased.last_of_filter) {
    filter_bytes_ -= limits_.cost_of_filter(filter);
    router_.interest_removed(filter);
  }
}

void SubscriptionIndex::forget_matches(std::string_view filter) {
  if (mqtt::has_wildcard(filter)) {
    cache_.forget_all();
  } else {
    cache_.forget(filter);
  }
}

const Deliveries& SubscriptionIndex::look_up(std::string_view topic) {
  found_.clear();
  hits_.clear();
  std::size_t filters = 0;
  tree_.match(topic, [&](const auto& entries) {
    ++filters;
    for (const auto& [session, options] : entries) hits_.push_back({session, options});
  });
  if (filters > 1) {
    // By serial, not by address: the simulator replays a run.
    std::sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) { return a.session->id() < b.session->id(); });
  }
  merge_hits(topic);
  return cache_.keep(topic, found_, found_.list.size() + found_.identifiers.size());
}

void SubscriptionIndex::merge_hits(std::string_view topic) {
  const std::span<const Hit> hits(hits_);
  for (std::size_t begin = 0, end = 0; begin < hits.size(); begin = end) {
    while (end < hits.size() && hits[end].session == hits[begin].session) ++end;
    const auto of_session = hits.subspan(begin, end - begin);
    if (!hits[begin].session->may_receive(topic)) {
      ++found_.denied;
      continue;
    }
    const auto no_local =
        std::count_if(of_session.begin(), of_session.end(), [](const Hit& hit) { return hit.options.no_local; });
    if (no_local == 0) {
      add_delivery(of_session, Audience::anybodys_messages, false);
    } else {
      add_delivery(of_session, Audience::others_messages, false);
      if (static_cast<std::size_t>(no_local) < of_session.size()) {
        add_delivery(of_session, Audience::own_messages, true);
      }
    }
  }
}

void SubscriptionIndex::add_delivery(std::span<const Hit> hits, Audience audience, bool skip_no_local) {
  Delivery delivery;
  delivery.session = hits.front().session;
  delivery.audience = audience;
  delivery.identifiers_begin = static_cast<std::uint32_t>(found_.identifiers.size());
  for (const Hit& hit : hits) {
    if (skip_no_local && hit.options.no_local) continue;
    delivery.qos = std::max<mqtt::QoS>(delivery.qos, hit.options.qos);
    if (hit.options.retain_as_published) delivery.retain_as_published = true;
    if (hit.options.identifier != 0 && delivery.identifiers_size < std::numeric_limits<std::uint16_t>::max()) {
      found_.identifiers.push_back(hit.options.identifier);
      ++delivery.identifiers_size;
    }
  }
  found_.list.push_back(delivery);
}

}  // namespace mqttzoo::core
