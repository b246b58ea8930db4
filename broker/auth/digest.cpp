#include "broker/auth/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "broker/common/ensure.hpp"

namespace mqttzoo::auth {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hash(const EVP_MD* kind, std::string_view first, std::string_view second) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const bool done = context && EVP_DigestInit_ex(context.get(), kind, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), first.data(), first.size()) == 1 &&
                    EVP_DigestUpdate(context.get(), second.data(), second.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), bytes_of(digest), nullptr) == 1;
  ensure(done, "OpenSSL hashes");
  return digest;
}

std::string pbkdf2(const EVP_MD* kind, std::string_view password, std::string_view salt, std::uint32_t iterations) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(kind)), '\0');
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                                     static_cast<int>(salt.size()), static_cast<int>(iterations), kind,
                                     static_cast<int>(digest.size()), bytes_of(digest));
  ensure(done == 1, "OpenSSL stretches a password");
  return digest;
}

}  // namespace

std::string sha256(std::string_view data) { return hash(EVP_sha256(), data, {}); }

std::string sha512(std::string_view first, std::string_view second) { return hash(EVP_sha512(), first, second); }

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::string digest(static_cast<std::size_t>(EVP_MD_get_size(EVP_sha256())), '\0');
  const unsigned char* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(),
                                   bytes_of(digest), nullptr);
  ensure(done != nullptr, "OpenSSL authenticates");
  return digest;
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  return pbkdf2(EVP_sha256(), password, salt, iterations);
}

std::string pbkdf2_sha512(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  return pbkdf2(EVP_sha512(), password, salt, iterations);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::string& secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

}  // namespace mqttzoo::auth
