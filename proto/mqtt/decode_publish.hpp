#pragma once

#include "proto/mqtt/decode_error.hpp"
#include "proto/mqtt/frame_splitter.hpp"
#include "proto/mqtt/packets.hpp"

namespace mqttzoo::mqtt {

/// The hottest decoder. `sender` is the client at a broker: it may not send Subscription Identifiers [MQTT-3.3.4-6].
/// A Topic Name with wildcards, or an empty one where it is not allowed, gives 0x90 (v5 without alias: 0x82).
DecodeResult<Publish> decode_publish(const Frame& frame, ProtocolVersion version, Side sender);

}  // namespace mqttzoo::mqtt
