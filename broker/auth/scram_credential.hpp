#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mqttzoo::auth {

/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802, RFC 7677): enough to check a client's proof and to
/// prove itself, not enough to log in with. As text: `SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY`, the form in
/// which PostgreSQL keeps them; the last three in base64.
struct ScramCredential {
  std::uint32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;

  /// Throws BadLine.
  static ScramCredential parse(std::string_view text);
  /// `password` as the client normalizes it: for ASCII there is nothing to normalize.
  static ScramCredential make(std::string_view password, std::string_view salt, std::uint32_t iterations);

  std::string to_text() const;

  bool operator==(const ScramCredential&) const = default;
};

/// RFC 7677 asks for at least 4096; the client pays for them, not the broker. PostgreSQL takes 4096 too.
inline constexpr std::uint32_t scram_iterations_default = 4096;
inline constexpr std::size_t scram_salt_bytes = 16;

}  // namespace mqttzoo::auth
