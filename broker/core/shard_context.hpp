#pragma once

#include <string>
#include <vector>

#include "broker/core/authenticator.hpp"
#include "broker/core/authorizer.hpp"
#include "broker/core/buffer_pool.hpp"
#include "broker/core/connection.hpp"
#include "broker/core/counters.hpp"
#include "broker/core/deadline_queue.hpp"
#include "broker/core/limits.hpp"
#include "broker/core/publish_encoder.hpp"
#include "broker/core/random_source.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"
#include "broker/core/session_table.hpp"
#include "broker/core/shared_subscriptions.hpp"
#include "broker/core/subscription_index.hpp"
#include "broker/core/work_list.hpp"
#include "proto/mqtt/property_writer.hpp"

namespace mqttzoo::core {

/// What the connections and sessions of one shard share. Belongs to Shard.
struct ShardContext {
  ShardContext(const Limits& limits_of_broker, Router& router_of_shard, Authenticator& authenticator_of_shard,
               const Authorizer& authorizer_of_broker, RandomSource& random_source)
      : limits(limits_of_broker),
        router(router_of_shard),
        authenticator(authenticator_of_shard),
        authorizer(authorizer_of_broker),
        random(random_source),
        buffers(limits.pooled_bytes_max, limits.pooled_buffer_bytes_max),
        subscriptions(limits, router, counters),
        shared_subscriptions(limits, router, counters),
        sessions(*this) {}
  ShardContext(const ShardContext&) = delete;
  ShardContext& operator=(const ShardContext&) = delete;

  /// Whether one more filter keeps Limits::filter_bytes_max.
  bool has_room_for(std::string_view filter) const {
    return subscriptions.filter_bytes() + shared_subscriptions.filter_bytes() + limits.cost_of_filter(filter) <=
           limits.filter_bytes_max;
  }

  const Limits limits;
  Router& router;
  Authenticator& authenticator;
  const Authorizer& authorizer;
  RandomSource& random;
  Counters counters;
  Now now;  ///< of the event that is handled

  BufferPool buffers;
  SubscriptionIndex subscriptions;
  SharedSubscriptions shared_subscriptions;
  SessionTable sessions;
  PublishEncoder encoder;
  mqtt::PropertyWriter properties;             ///< for packets that are encoded at once
  mqtt::PropertyWriter travelling_properties;  ///< of the message that is being routed
  std::string travelling_source;               ///< the same

  // What is left to do: for the edge,
  WorkList<Connection, &Connection::dirty_slot> dirty;
  WorkList<Connection, &Connection::pause_slot> pause_changes;
  Ring<Connection*> closed;
  // and for the shard, at the end of the event.
  std::vector<Connection*> ending;
  WorkList<Connection, &Connection::continue_slot> continuing;
  WorkList<Connection, &Connection::router_pause_slot> paused_by_router;
  DeadlineQueue<Connection, &Connection::deadline_slot> deadlines;
};

}  // namespace mqttzoo::core
