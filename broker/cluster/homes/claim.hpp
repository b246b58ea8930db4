#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/cluster/homes/home_messages.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

enum class ClaimState : std::uint8_t {
  waiting,  ///< for older claims to end, for the view to act, for a fence
  granted,
  ending,  ///< a newer one came: its frontend was told to end it
};

/// What a registered connection has on its Client Identifier, at the home of that.
struct Claim {
  ConnectionEpoch epoch;
  ClaimState state = ClaimState::waiting;
  bool established = false;
  bool clean_start = true;
  bool has_will = false;
  bool refusable = true;
  bool session_opened = false;   ///< the connection was told that it serves a persistent session
  bool session_present = false;  ///< what it was told
  bool given_up = false;         ///< ending, and not waited for
  std::uint16_t receive_maximum = 65'535;
  std::uint32_t session_expiry_seconds = 0;
  std::optional<std::string> user_name;
  core::Will will;

  bool persistent() const { return !clean_start || session_expiry_seconds != 0; }
};

}  // namespace mqttzoo::cluster
