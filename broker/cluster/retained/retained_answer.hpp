#pragma once

#include <cstdint>

#include "broker/cluster/letters.hpp"
#include "broker/cluster/retained/retained_counters.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::cluster {

/// Why a retained publish is not stored.
enum class RetainedRefusal : std::uint8_t {
  bank,       ///< the Bank cannot pay
  too_large,  ///< over value_bytes_max, or topic and value together over ZooKeeper's packet
  full,       ///< values_max or waiting_bytes_max
  cut_off,    ///< no contact with ZooKeeper
};

struct RetainedAnswer {
  RetainedStored::Outcome outcome = RetainedStored::Outcome::stored;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
};

/// What the publisher gets, and counts it. Who can be told no is told: 0x97 Quota exceeded, or, without contact, 0x83
/// Implementation specific error ("valid but the receiver is not willing to accept it"; PUBACK and PUBREC know no 0x88
/// Server unavailable, v5 3.4.2.1). The others get their message delivered live.
RetainedAnswer refuse(RetainedRefusal why, bool refusable, RetainedCounters& counters);

}  // namespace mqttzoo::cluster
