#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The hashes that password files and SCRAM are made of, as strings of bytes. Any thread.
namespace mqttzoo::auth {

std::string sha256(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// Of the two, one behind the other.
std::string sha512(std::string_view first, std::string_view second);
std::string pbkdf2_sha512(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// Takes as long for strings of one size that differ early as for those that differ late.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Overwrites what was secret before its memory goes back.
void wipe(std::string& secret);

}  // namespace mqttzoo::auth
