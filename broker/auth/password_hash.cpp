#include "broker/auth/password_hash.hpp"

#include <charconv>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/limits.hpp"
#include "broker/auth/text_file.hpp"

namespace mqttzoo::auth {

namespace {

constexpr std::size_t digest_bytes = 64;
constexpr std::size_t salt_bytes_max = 1024;

/// Cuts off what stands before the next '$', which has to be there.
std::string_view take_field(std::string_view& rest) {
  const auto dollar = rest.find('$');
  if (dollar == std::string_view::npos) throw BadLine("the hash ends too early");
  const std::string_view field = rest.substr(0, dollar);
  rest.remove_prefix(dollar + 1);
  return field;
}

std::uint32_t parse_iterations(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > iterations_max) {
    throw BadLine("the number of iterations is not one from 1 to 10000000");
  }
  return number;
}

}  // namespace

PasswordHash PasswordHash::parse(std::string_view text) {
  PasswordHash hash;
  if (text.starts_with("$7$")) {
    text.remove_prefix(3);
    hash.iterations_ = parse_iterations(take_field(text));
  } else if (text.starts_with("$6$")) {
    text.remove_prefix(3);
  } else {
    throw BadLine("the password is not hashed with $6$ or $7$ (mosquitto_passwd -U hashes the passwords of a file)");
  }
  auto salt = from_base64(take_field(text));
  auto digest = from_base64(text);
  if (!salt || salt->empty() || salt->size() > salt_bytes_max) throw BadLine("the salt is not base64 of up to 1 KiB");
  if (!digest || digest->size() != digest_bytes) throw BadLine("the hash is not base64 of 64 bytes");
  hash.salt_ = std::move(*salt);
  hash.digest_ = std::move(*digest);
  return hash;
}

PasswordHash PasswordHash::make(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  PasswordHash hash;
  hash.iterations_ = iterations;
  hash.salt_ = salt;
  hash.digest_ = hash.digest_of(password);
  return hash;
}

std::string PasswordHash::to_text() const {
  const std::string scheme = iterations_ == 0 ? "$6$" : "$7$" + std::to_string(iterations_) + '$';
  return scheme + to_base64(salt_) + '$' + to_base64(digest_);
}

std::string PasswordHash::digest_of(std::string_view password) const {
  return iterations_ == 0 ? sha512(password, salt_) : pbkdf2_sha512(password, salt_, iterations_);
}

bool PasswordHash::is_of(std::string_view password) const {
  return equal_in_constant_time(digest_of(password), digest_);
}

}  // namespace mqttzoo::auth
