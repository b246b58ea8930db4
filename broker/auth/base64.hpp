#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mqttzoo::auth {

/// RFC 4648, section 4.
std::string to_base64(std::string_view bytes);

/// Nothing unless it is base64 to the letter: no spaces, padded, and no bits set that do not count.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace mqttzoo::auth
