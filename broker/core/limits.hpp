#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "broker/core/session_quota.hpp"

namespace mqttzoo::core {

/// Every limit of the core with its default and its reason. What happens at a limit stands with it; each answer is
/// tested and counted. The same for all shards of a broker; never changes while a shard lives.
struct Limits {
  // What one packet may hold.

  /// Largest packet from a client, Fixed Header included; told as Maximum Packet Size. Beyond it: 0x95. Larger than any
  /// firmware image that anybody sends through a broker, small enough to hold some hundred in memory.
  std::size_t packet_bytes_max = 16 * 1024 * 1024;
  /// Largest CONNECT: five strings of 64 KiB and some User Properties. Whoever has not proved who he is gets no more.
  std::size_t connect_packet_bytes_max = 512 * 1024;
  /// Longest Topic Name and Topic Filter: what the standard allows. Beyond it: 0x90, 0x8F.
  std::size_t topic_bytes_max = 65'535;
  /// Most levels of a Topic Name or Topic Filter: matching recurses once per level. Beyond it: 0x90, 0x8F.
  std::size_t topic_levels_max = 128;
  /// Longest Client Identifier: it is kept by its home and copied into log lines. Beyond it: 0x85.
  std::size_t client_id_bytes_max = 1024;

  // What one connection may hold.

  /// Sockets of a shard. Beyond it a socket is closed at once.
  std::size_t connections_max = 1'000'000;
  /// From the opened socket to a whole CONNECT. Beyond it the connection is closed.
  std::uint32_t connect_timeout_milliseconds = 10'000;
  /// Longest Keep Alive; 0 for none. A v5 client that asks for more (or for none) is told so. The default leaves it to
  /// the client.
  std::uint16_t keep_alive_seconds_max = 0;
  /// QoS 1 and 2 PUBLISH packets of a client that are not yet acknowledged (QoS 2: not yet released); told as Receive
  /// Maximum. Beyond it: 0x93; a v3 client, which cannot be told, is read again when its publishes are answered.
  std::uint16_t receive_maximum = 1024;
  /// SUBSCRIBE packets that wait for the cluster. Beyond it the connection is not read; where earlier connections of
  /// the session left as many, 0x97 in SUBACK.
  std::size_t unsettled_subscribes_max = 16;
  /// Bytes that a client sends on while its CONNECT waits for its home, beyond one read. Its socket is not read then,
  /// so only an edge with buffers of its own (TLS) gets here. Beyond it: 0x97.
  std::size_t pipelined_bytes_max = 256 * 1024;
  /// Unsent output at which QoS 0 is dropped, QoS 1 and 2 wait in the session's queue, and the client is not read: a
  /// client that does not take its answers gets no more of them.
  std::size_t output_bytes_max = 8 * 1024 * 1024;

  // What one session may hold.

  /// Subscriptions, the bytes of their Topic Filters (bytes_of_filter), and Topic Filters in one SUBSCRIBE packet (each
  /// one waits for its retained messages). Beyond one of them: 0x97 in SUBACK.
  std::size_t subscriptions_max = 100'000;
  std::size_t subscription_bytes_max = 16 * 1024 * 1024;
  std::size_t filters_per_subscribe_max = 10'000;
  /// What each level of a Topic Filter with wildcards counts beside its bytes: it may need a node of the tree, and each
  /// of these nodes may have to be visited for a message. A few kilobytes of deep filters must not cost everybody's
  /// messages milliseconds.
  std::size_t filter_level_bytes = 64;
  std::size_t bytes_of_filter(std::string_view filter) const;
  /// Of those the Shared Subscriptions: each is told when the client is able to take messages, and when not. Beyond it:
  /// 0x97 in SUBACK.
  std::size_t shared_subscriptions_max = 100;
  /// Longest Topic Filter of a Shared Subscription, "$share/" included: it travels with each message to another broker,
  /// and with each word of who is able. Beyond it: 0x8F.
  std::size_t shared_filter_bytes_max = 1024;
  /// PUBLISH packets to a client that are not yet acknowledged, also where its Receive Maximum allows more.
  std::uint16_t in_flight_max = 1024;
  /// Bytes of their payloads; 0 for none. Once so many are under way, further messages wait: one may be larger.
  std::size_t in_flight_bytes_max = 0;
  /// Messages that wait for the in-flight window, for room in the output or for a connection, and their bytes. Beyond
  /// either one the connection of a clean session ends with 0x97 (a clean session that lost a message would be worth
  /// nothing); in a persistent session the new message is dropped, and QoS 0 everywhere.
  std::size_t queue_messages_max = 100'000;
  std::size_t queue_bytes_max = 64 * 1024 * 1024;
  /// Whether QoS 0 messages wait, too, for a client that is away.
  bool queue_qos0_messages = false;
  /// Whether a message goes out with the QoS of the subscription, also above that of its PUBLISH. (Not what the
  /// standard says: v5 [MQTT-3.8.4-8], v3.1.1 [MQTT-3.8.4-6].)
  bool upgrade_outgoing_qos = false;
  /// Longest Session Expiry Interval; a client that asks for more gets this one, and v5 is told.
  std::uint32_t session_expiry_seconds_max = 0xFFFF'FFFF;
  /// Whether a retained message is sent only where who published it still has the right to.
  bool check_retain_source = true;
  /// Retained messages of new subscriptions that wait for room in the output, beside those: as many as a store keeps.
  /// Beyond it the connection ends with 0x97.
  std::size_t retained_waiting_max = 1'000'000;

  /// Sessions of all shards of the broker together, clean ones and persistent ones; null for as many as there may be.
  /// Beyond it: 0x97 (v3: 3).
  std::shared_ptr<SessionQuota> session_quota;

  // What all sessions of one shard may hold.

  /// Persistent sessions. Beyond it: 0x97.
  std::size_t sessions_max = 1'000'000;
  /// Bytes of their distinct Topic Filters (bytes_of_filter), and filter_overhead_bytes for each: every other broker of
  /// the cluster keeps them too, and parts with a broker that has more than one peer may have. Beyond it: 0x97 in
  /// SUBACK.
  std::size_t filter_bytes_max = 192 * 1024 * 1024;
  std::size_t filter_overhead_bytes = 64;
  std::size_t cost_of_filter(std::string_view filter) const { return bytes_of_filter(filter) + filter_overhead_bytes; }

  // What one shard keeps to be fast. Beyond these it is only slower.

  /// Topics whose subscribers are remembered (a power of two), how long such a topic may be, and how many subscribers
  /// are remembered in all (16 bytes each).
  std::size_t match_cache_topics = 16'384;
  std::size_t match_cache_topic_bytes_max = 256;
  std::size_t match_cache_deliveries_max = 1'000'000;
  /// Memory of output buffers that wait to be used again, and the largest such buffer.
  std::size_t pooled_bytes_max = 16 * 1024 * 1024;
  std::size_t pooled_buffer_bytes_max = 256 * 1024;
};

}  // namespace mqttzoo::core
