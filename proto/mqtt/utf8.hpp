#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mqttzoo::mqtt {

/// Whether `text` is a valid MQTT UTF-8 Encoded String: well-formed UTF-8 without surrogates, overlong forms and U+0000
/// (v5 [MQTT-1.5.4-1], [MQTT-1.5.4-2]; v3.1.1 [MQTT-1.5.3-1], [MQTT-1.5.3-2]). Any length; the byte order mark and
/// other control characters are allowed.
bool valid_utf8(std::string_view text);

/// The number of characters of a valid UTF-8 text.
std::size_t utf8_length(std::string_view text);

}  // namespace mqttzoo::mqtt
