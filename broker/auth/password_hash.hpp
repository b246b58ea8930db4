#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mqttzoo::auth {

/// What a password file keeps of a password, in the two forms that mosquitto_passwd writes:
/// `$7$ITERATIONS$SALT$HASH`, PBKDF2 with HMAC-SHA512, and `$6$SALT$HASH`, SHA512 of the password and the salt behind
/// it. Salt and hash in base64.
class PasswordHash {
 public:
  /// Throws BadLine.
  static PasswordHash parse(std::string_view text);
  /// The `$7$` form.
  static PasswordHash make(std::string_view password, std::string_view salt, std::uint32_t iterations);

  std::string to_text() const;

  /// Takes as long for a wrong password as for the right one: about 0.7 µs per iteration.
  bool is_of(std::string_view password) const;

  /// 0 for the `$6$` form.
  std::uint32_t iterations() const { return iterations_; }

 private:
  std::string digest_of(std::string_view password) const;

  std::uint32_t iterations_ = 0;
  std::string salt_;
  std::string digest_;
};

/// What new entries get: OWASP's advice of 2023 for this hash would be 210,000, a tenth of a second for each CONNECT;
/// mosquitto_passwd takes 101. This costs a client that connects 7 ms of one core.
inline constexpr std::uint32_t password_iterations_default = 10'000;
/// mosquitto 2.0 takes no other size.
inline constexpr std::size_t password_salt_bytes = 12;

}  // namespace mqttzoo::auth
