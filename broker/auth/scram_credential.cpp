#include "broker/auth/scram_credential.hpp"

#include <charconv>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/limits.hpp"
#include "broker/auth/text_file.hpp"

namespace mqttzoo::auth {

namespace {

constexpr std::string_view prefix = "SCRAM-SHA-256$";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t salt_bytes_max = 1024;

/// Cuts off what stands before `end`, or all.
std::string_view take_until(std::string_view& rest, char end) {
  const auto place = rest.find(end);
  const std::string_view field = rest.substr(0, place);
  rest.remove_prefix(place == std::string_view::npos ? rest.size() : place + 1);
  return field;
}

std::string parse_key(std::string_view text, const char* refusal) {
  auto key = from_base64(text);
  if (!key || key->size() != key_bytes) throw BadLine(refusal);
  return std::move(*key);
}

}  // namespace

ScramCredential ScramCredential::parse(std::string_view text) {
  if (!text.starts_with(prefix)) throw BadLine("behind the user name SCRAM-SHA-256$ITERATIONS:SALT$... is expected");
  text.remove_prefix(prefix.size());
  ScramCredential credential;
  const std::string_view iterations = take_until(text, ':');
  const auto [end, error] =
      std::from_chars(iterations.data(), iterations.data() + iterations.size(), credential.iterations);
  if (error != std::errc() || end != iterations.data() + iterations.size() || credential.iterations == 0 ||
      credential.iterations > iterations_max) {
    throw BadLine("the number of iterations is not one from 1 to 10000000");
  }
  auto salt = from_base64(take_until(text, '$'));
  if (!salt || salt->empty() || salt->size() > salt_bytes_max) throw BadLine("the salt is not base64 of up to 1 KiB");
  credential.salt = std::move(*salt);
  credential.stored_key = parse_key(take_until(text, ':'), "StoredKey is not base64 of 32 bytes");
  credential.server_key = parse_key(text, "ServerKey is not base64 of 32 bytes");
  return credential;
}

/// RFC 5802, section 3.
ScramCredential ScramCredential::make(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  ScramCredential credential;
  credential.iterations = iterations;
  credential.salt = salt;
  std::string salted = pbkdf2_sha256(password, salt, iterations);
  credential.stored_key = sha256(hmac_sha256(salted, "Client Key"));
  credential.server_key = hmac_sha256(salted, "Server Key");
  wipe(salted);
  return credential;
}

std::string ScramCredential::to_text() const {
  return std::string(prefix) + std::to_string(iterations) + ':' + to_base64(salt) + '$' + to_base64(stored_key) + ':' +
         to_base64(server_key);
}

}  // namespace mqttzoo::auth
