#include "proto/mqtt/types.hpp"

#include <array>

namespace mqttzoo::mqtt {

const char* to_string(PacketType type) {
  static constexpr std::array<const char*, 16> names = {
      "reserved",  "CONNECT", "CONNACK",     "PUBLISH",  "PUBACK",  "PUBREC",   "PUBREL",     "PUBCOMP",
      "SUBSCRIBE", "SUBACK",  "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"};
  return names[static_cast<std::size_t>(type) & 0x0F];
}

}  // namespace mqttzoo::mqtt
