#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/auth/password_hash.hpp"
#include "broker/auth/user_name.hpp"

namespace mqttzoo::auth {

/// mosquitto's password_file: a line `NAME:HASH` for each user (PasswordHash says which hashes), as mosquitto_passwd
/// and mqttzoo_passwd write it. Never changes; any thread may ask.
class PasswordFile {
 public:
  /// `name` stands in errors. Throws FileError.
  static PasswordFile parse(std::string_view text, const std::string& name);
  static PasswordFile read(const std::string& path) { return parse(read_auth_file(path), path); }

  std::size_t size() const { return users_.size(); }

  /// Hashes the password, so it may take many milliseconds: not on a shard. It takes as long for a user that does not
  /// exist as for the one with the most iterations.
  bool accepts(std::string_view user_name, std::string_view password) const;

 private:
  boost::unordered_flat_map<std::string, PasswordHash, NameHash, std::equal_to<>> users_;
  PasswordHash nobodys_ = PasswordHash::make("", "salt", 1);
};

}  // namespace mqttzoo::auth
