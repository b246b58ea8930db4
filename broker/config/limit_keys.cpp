#include "broker/config/key_readers.hpp"
#include "broker/config/keys.hpp"

namespace mqttzoo::config {

namespace {

// Below the 256 MiB of v5 and v3.1.1 2.1.4, which what is sent on must keep to as well: a v5 subscriber's copy has
// properties of its own (at most 100,000 Subscription Identifiers), the topic where the publisher sent an alias, and
// between brokers it shares a frame with what else one turn wrote.
constexpr std::uint64_t packet_bytes_max = 255ULL << 20;

template <class Read>
auto limit(Read read) {
  return within(&Settings::limits, read);
}

const Key table[] = {
    {"max_packet_size", "BYTES", "16MiB", "The largest packet from a client, 20 bytes to 255 MiB.",
     "More than any firmware image that goes through a broker; some hundred fit into memory.",
     limit(bytes(&LimitSettings::packet_bytes_max, 20, packet_bytes_max))},

    {"message_size_limit", "BYTES", "0", "The longest payload; 0: whatever max_packet_size leaves room for.",
     "As mosquitto does.", bytes(&Settings::payload_bytes_max, 0, 268'435'455)},

    {"max_topic_length", "BYTES", "65535", "The longest topic or filter.", "As MQTT allows.",
     limit(bytes(&LimitSettings::topic_bytes_max, 1, 65'535))},

    {"max_topic_levels", "NUMBER", "128", "Levels of a topic or filter, 1024 at most.",
     "Matching goes down one level after the other; nobody's topics are so deep.",
     limit(integer(&LimitSettings::topic_levels_max, 1, 1024))},

    {"max_clientid_length", "BYTES", "1024", "The longest Client Identifier; 23 or more.",
     "Identifiers are kept by their home and stand in log lines.",
     limit(bytes(&LimitSettings::client_id_bytes_max, 23, 65'535))},

    {"connect_timeout", "SECONDS", "10", "How long a client may take from its socket to its CONNECT.",
     "Enough for the slowest link; sockets that say nothing must not add up.",
     limit(integer(&LimitSettings::connect_timeout_seconds, 1, 3600))},

    {"max_keepalive", "SECONDS", "0", "The longest Keep Alive, 10 or more; 0: as long as clients like.",
     "Clients know their networks.", limit(parsed(&LimitSettings::keep_alive_seconds_max, parse_keep_alive))},

    {"receive_maximum", "NUMBER", "1024", "QoS 1 and 2 messages from a client that are not acknowledged yet.",
     "Keeps a fast link busy; bounds what one client can leave unfinished.",
     limit(integer(&LimitSettings::receive_maximum, 1, 65'535))},

    {"max_inflight_messages", "NUMBER", "1024",
     "QoS 1 and 2 messages to a client that are not acknowledged yet; 0: 65535. A client's own Receive Maximum counts "
     "too.",
     "mosquitto's 20 bound a client to 20 messages per round trip.",
     limit(integer(&LimitSettings::in_flight_max, 0, 65'535))},

    {"max_inflight_bytes", "BYTES", "0",
     "Bytes of their payloads: once so many are under way further messages wait; 0: no limit.", "As mosquitto does.",
     limit(bytes(&LimitSettings::in_flight_bytes_max, 0, 1ULL << 40))},

    {"max_queued_messages", "NUMBER", "100000",
     "Messages that wait for a client; 0: no limit. One more of QoS 1 or 2 ends its connection.",
     "mosquitto drops messages beyond 1000, acknowledged as they are; here such a queue is for bursts.",
     limit(integer(&LimitSettings::queue_messages_max, 0, 4'000'000'000))},

    {"max_queued_bytes", "BYTES", "64MiB", "Their bytes; 0: no limit.",
     "A queue without a limit would let one slow client take all memory.",
     limit(bytes(&LimitSettings::queue_bytes_max, 0, 1ULL << 40))},

    {"queue_qos0_messages", "true|false", "false", "Keep QoS 0 messages, too, for a client that is away.",
     "QoS 0 promises nothing; mosquitto does not either.", limit(flag(&LimitSettings::queue_qos0_messages))},

    {"upgrade_outgoing_qos", "true|false", "false",
     "Send a message with the QoS of the subscription, also above that of its PUBLISH.", "MQTT forbids it.",
     limit(flag(&LimitSettings::upgrade_outgoing_qos))},

    {"persistent_client_expiration", "TIME", "never",
     "End a session this long after its client has gone, at the latest: 12h, 14d, 2w, 6m or 1y.",
     "MQTT 3 has no other end for it; whoever has devices that never come back sets one.",
     limit(parsed(&LimitSettings::session_expiry_seconds_max, parse_long_time))},

    {"max_subscriptions", "NUMBER", "100000", "Subscriptions of a client.",
     "More than a bridge or a gateway needs; each is known to every broker.",
     limit(integer(&LimitSettings::subscriptions_max, 1, 10'000'000))},

    {"max_subscription_bytes", "BYTES", "16MiB", "The bytes of their filters.", "160 bytes for each of them.",
     limit(bytes(&LimitSettings::subscription_bytes_max, 1, 1ULL << 30))},
};

}  // namespace

std::span<const Key> limit_keys() { return table; }

}  // namespace mqttzoo::config
