#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/router.hpp"
#include "proto/mqtt/reason_code.hpp"

/// What the frontend of a connection and the home of its Client Identifier say to each other: between shards of one
/// broker as they stand here, between brokers as proto::HomeRequest and proto::HomeAnswer (home_codec.hpp). Each one
/// may be repeated: the second arrival changes nothing.
namespace mqttzoo::cluster {

/// Orders the connections of one Client Identifier in the whole cluster: the later one wins. `frontend`, `shard` and
/// `serial` also say which connection it is.
struct ConnectionEpoch {
  core::ClusterMilliseconds connected_at_ms = 0;
  Incarnation frontend;
  core::ShardIndex shard = 0;
  std::uint64_t serial = 0;
  auto operator<=>(const ConnectionEpoch&) const = default;
};

// ---------------------------------------------------------------- frontend to home

struct RegisterRequest {
  ConnectionEpoch epoch;
  PartitionIndex partition = 0;
  /// The view in which the frontend takes the receiver for the home.
  ViewNumber view_number = 0;
  /// The connection stands already: its home moved, or it was admitted while no home was in reach.
  bool established = false;
  core::Registration registration;
};

struct UnregisterRequest {
  ConnectionEpoch epoch;
  PartitionIndex partition = 0;
  std::string client_id;
  core::ConnectionFate fate = core::ConnectionFate::lost;
  /// How long a persistent session goes on; nothing: as the connection registered.
  std::optional<std::uint32_t> session_expiry_seconds;
};

// ---------------------------------------------------------------- home to frontend

/// End this connection. Answered by Unregister, also when it is gone already or never was.
struct EvictRequest {
  ConnectionEpoch epoch;
  PartitionIndex partition = 0;
  std::string client_id;
  mqtt::ReasonCode reason = mqtt::ReasonCode::session_taken_over;
  Incarnation home;  ///< who asks, and gets the Unregister
};

struct RegisteredAnswer {
  ConnectionEpoch epoch;
  Incarnation home;  ///< who answers
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  /// Not, or not yet, the home of this Client Identifier: nothing is decided. The frontend asks again in the next view;
  /// if the answering broker becomes the home in this one it gives the decision of itself.
  bool not_home = false;
  bool session_present = false;
  /// The persistent session, if it lives in the shard of the connection; not told to others. Good until the end of the
  /// turn.
  core::SessionInlet* session = nullptr;
};

struct UnregisteredAnswer {
  ConnectionEpoch epoch;
  Incarnation home;  ///< who answers
};

using HomeRequest = std::variant<RegisterRequest, UnregisterRequest, EvictRequest>;
using HomeAnswer = std::variant<RegisteredAnswer, UnregisteredAnswer>;

}  // namespace mqttzoo::cluster
