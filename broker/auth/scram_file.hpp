#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/auth/scram_credential.hpp"
#include "broker/auth/user_name.hpp"

namespace mqttzoo::auth {

/// The users of SCRAM-SHA-256: a line `NAME:CREDENTIAL` for each (ScramCredential says what it looks like), and one
/// line `$secret:BASE64` with at least 16 bytes that nobody knows. mqttzoo_passwd writes both. Never changes; any
/// thread may ask.
class ScramFile {
 public:
  /// `name` stands in errors. Throws FileError.
  static ScramFile parse(std::string_view text, const std::string& name);
  static ScramFile read(const std::string& path) { return parse(read_auth_file(path), path); }

  std::size_t size() const { return users_.size(); }

  /// For a user that does not exist: one that no password fits, with a salt that follows from the name and the secret.
  /// So it is the same each time, at each broker with this file and when other users come and go: who asks cannot tell.
  ScramCredential credential_of(std::string_view user_name) const;

 private:
  boost::unordered_flat_map<std::string, ScramCredential, NameHash, std::equal_to<>> users_;
  std::string secret_;
  std::uint32_t usual_iterations_ = scram_iterations_default;  ///< what most users have
};

/// The name of the line with the secret; no user's.
inline constexpr std::string_view scram_secret_name = "$secret";
inline constexpr std::size_t scram_secret_bytes_min = 16;

}  // namespace mqttzoo::auth
