#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "broker/core/ids.hpp"
#include "proto/mqtt/byte_buffer.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// Why a connection ended, coarse enough to be counted.
enum class EndCause : std::uint8_t {
  disconnected,        ///< the client sent DISCONNECT
  lost,                ///< the network: closed or reset by the peer
  connect_timeout,     ///< no CONNECT in time
  keep_alive_timeout,  ///< silent for one and a half times its Keep Alive
  refused,             ///< CONNECT, or a new authentication, answered with an error
  protocol_error,      ///< malformed packets and broken rules of the protocol
  taken_over,          ///< another connection with its Client Identifier
  limit,               ///< a limit of the broker: 0x93, 0x95, 0x97
  shutting_down,
  evicted,  ///< closed by the cluster for another reason than a takeover
};
inline constexpr std::size_t end_cause_count = 10;
/// For logs and metrics: "keep_alive_timeout".
const char* to_string(EndCause cause);

struct Traffic {
  std::uint64_t packets_received = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
};

/// All that there is to say in the one log line of a connection's end.
struct ConnectionEnd {
  ConnectionId connection;
  std::string client_id;  ///< empty if there was no CONNECT
  std::string user_name;  ///< of a client that was refused, or that authenticates by a method
  std::string remote_address;
  EndCause cause = EndCause::lost;
  /// What the client was told or told us; for `lost` unspecified_error.
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string detail;  ///< in plain words; never payloads or passwords
  Traffic traffic;
  Milliseconds duration_milliseconds = 0;
};

/// An ended connection as it leaves the shard: the last bytes to send (what was written before its end and a farewell)
/// belong to the edge now.
struct EndedConnection {
  void* edge = nullptr;  ///< as given to Shard::open
  ConnectionEnd end;
  mqtt::ByteBuffer unsent;
};

}  // namespace mqttzoo::core
