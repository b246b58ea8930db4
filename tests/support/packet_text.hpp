#pragma once

#include <string>

#include "proto/mqtt/decode.hpp"

namespace mqttzoo::test {

/// One packet of a server in one line that a test can compare and a person can read:
///
///     CONNACK Success                      PUBLISH a/b hello qos1 #7 retain {Message Expiry Interval=5}
///     SUBACK #2 01 8F                      PUBACK #7 Success
///     DISCONNECT Protocol error            PUBREL #7 Success
///
/// The properties of CONNACK and Reason Strings are left out: few tests are about them.
std::string to_text(const mqtt::Frame& frame, mqtt::ProtocolVersion version);

}  // namespace mqttzoo::test
