#pragma once

#include <cstddef>

#include "broker/common/backoff.hpp"
#include "broker/core/ids.hpp"

/// Every bound of the network edges with its reason. Times in milliseconds.
namespace mqttzoo::net {

/// The one buffer that all sockets of a thread read into. One read per socket and turn: large enough that a system call
/// is small beside the messages that it brings, small enough to stay in the cache of a core.
inline constexpr std::size_t read_buffer_bytes = 256 * 1024;

/// Bytes that wait to be sent, over all clients of a shard, at which they are sent in the middle of a turn: a burst to
/// many subscribers stays in the cache and is on its way while the rest is matched.
inline constexpr std::size_t flush_early_bytes = 1 * 1024 * 1024;
/// The least that is read at once, however many each byte goes to.
inline constexpr std::size_t read_bytes_min = 2 * 1024;

/// Bytes of letters in a mailbox that its receiver has not taken at which the sending shard stops reading from clients
/// and peers: some turns of a busy shard.
inline constexpr std::size_t mailbox_bytes_max = 16 * 1024 * 1024;
/// Retained messages for new subscriptions that a shard takes in one turn: some 50 ms. The mail behind them waits for
/// the next one.
inline constexpr std::size_t retained_per_turn = 100'000;
/// How often a shard that has stopped reading looks again, beside being woken.
inline constexpr core::Milliseconds blocked_look_ms = 10;

/// Sockets taken from one listener in one turn: accepting must not hold up what else the control thread does.
inline constexpr int accepts_per_turn = 64;
/// How long accepting pauses when the process has no file descriptor or memory left.
inline constexpr core::Milliseconds accept_pause_ms = 500;
/// Connections that wait to be accepted; the kernel cuts it to net.core.somaxconn.
inline constexpr int listen_backlog = 4096;
/// File descriptors that are not for clients: logs, ZooKeeper, peer links, HTTP.
inline constexpr std::size_t reserved_files = 256;

/// How long the last bytes of a connection that the broker ended may take to reach its client.
inline constexpr core::Milliseconds farewell_ms = 5'000;

/// From an accepted peer socket to its Hello, and from a Hello to its answer.
inline constexpr core::Milliseconds hello_ms = 2'000;
/// From the start of an attempt to the connected socket, name service included.
inline constexpr core::Milliseconds connect_ms = 3'000;
/// The longest Hello or HelloAnswer: two names of 64 bytes, a cluster's id and a reason fit many times.
inline constexpr std::size_t hello_bytes_max = 4096;
/// Peer sockets that have not said Hello; a further one takes the place of the oldest. Brokers say it at once, port
/// scanners never.
inline constexpr std::size_t strangers_max = 64;
/// Between two attempts to reach a peer. The cluster removes a broker that cannot be reached for a second.
inline constexpr Backoff::Limits peer_backoff{.first_ms = 50, .longest_ms = 1'000};
/// A link that stood this long starts again with the shortest back-off.
inline constexpr core::Milliseconds link_proved_ms = 2'000;
/// Unacknowledged bytes end a peer link after this: before it, TCP's own patience would be many minutes.
inline constexpr int peer_user_timeout_ms = 5'000;
/// Reads of one peer link in one turn.
inline constexpr int peer_reads_per_turn = 4;
/// A link's empty output buffer gives memory above this back.
inline constexpr std::size_t idle_link_buffer_bytes = 256 * 1024;

}  // namespace mqttzoo::net
