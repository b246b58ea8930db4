#pragma once

#include <gtest/gtest.h>

#include <string>

#include "proto/mqtt/encode.hpp"
#include "tests/proto/mqtt/wire.hpp"

namespace mqttzoo::mqtt::test {

/// What `encode` writes, in hex; it is as long as encoded_size says.
template <class Packet>
std::string encoded(const Packet& packet, ProtocolVersion version) {
  ByteBuffer out;
  encode(out, packet, version);
  EXPECT_EQ(encoded_size(packet, version), out.size());
  return hex(out.view());
}

}  // namespace mqttzoo::mqtt::test
