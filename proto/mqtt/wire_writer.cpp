#include "proto/mqtt/wire_writer.hpp"

#include <stdexcept>

namespace mqttzoo::mqtt {

void throw_string_too_long() { throw std::length_error("a string is longer than the 65,535 bytes MQTT allows"); }

void throw_packet_too_long() { throw std::length_error("a packet is longer than the 268,435,455 bytes MQTT allows"); }

}  // namespace mqttzoo::mqtt
