#include "broker/auth/scram_file.hpp"

#include <map>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"

namespace mqttzoo::auth {

ScramFile ScramFile::parse(std::string_view text, const std::string& name) {
  ScramFile file;
  std::map<std::uint32_t, std::size_t> users_by_iterations;
  for_each_line(text, name, [&](int, std::string_view line) {
    const std::string_view user_name = take_user_name(line);
    if (user_name == scram_secret_name) {
      auto secret = from_base64(line);
      if (!secret || secret->size() < scram_secret_bytes_min) throw BadLine("the secret is not base64 of 16 bytes");
      if (!file.secret_.empty()) throw BadLine("the secret stands in the file already");
      file.secret_ = std::move(*secret);
      return;
    }
    ScramCredential credential = ScramCredential::parse(line);
    ++users_by_iterations[credential.iterations];
    if (!file.users_.emplace(user_name, std::move(credential)).second) {
      throw BadLine("the user stands in the file already");
    }
  });
  if (file.secret_.empty()) {
    throw FileError(name + ": a line " + std::string(scram_secret_name) + ":BASE64 is missing; mqttzoo_passwd adds it");
  }
  std::size_t most = 0;
  for (const auto& [iterations, users] : users_by_iterations) {
    if (users > most) file.usual_iterations_ = iterations;
    most = std::max(most, users);
  }
  return file;
}

ScramCredential ScramFile::credential_of(std::string_view user_name) const {
  // The same work for all, so that the time tells nothing either.
  const std::string name(user_name);
  ScramCredential nobodys;
  nobodys.iterations = usual_iterations_;
  nobodys.salt = hmac_sha256(secret_, "salt " + name).substr(0, scram_salt_bytes);
  nobodys.stored_key = hmac_sha256(secret_, "stored key " + name);
  nobodys.server_key = hmac_sha256(secret_, "server key " + name);
  const auto found = users_.find(user_name);
  return found == users_.end() ? nobodys : found->second;
}

}  // namespace mqttzoo::auth
