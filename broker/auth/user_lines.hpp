#pragma once

#include <string>
#include <string_view>

/// Changing files with users, `NAME:WHAT_IS_KNOWN` per line. Everything else in them stays as it is.
namespace mqttzoo::auth {

/// Throws BadLine for a name that such a line cannot hold: empty, with ':' or a control character, with a space at one
/// end, beginning with '#', not UTF-8, or longer than a CONNECT can carry.
void check_user_name(std::string_view name);

/// Replaces the line of the user, or appends one.
std::string with_user(std::string_view text, std::string_view name, std::string_view known);

/// Without the line of the user; the same text if there is none.
std::string without_user(std::string_view text, std::string_view name);

bool has_user(std::string_view text, std::string_view name);

}  // namespace mqttzoo::auth
