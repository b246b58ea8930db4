#include "tests/broker/auth/scram_client.hpp"

#include <stdexcept>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/scram_credential.hpp"

namespace mqttzoo::test {

std::string ScramClient::final(std::string_view server_first) {
  const auto salt_at = server_first.find(",s=");
  const auto iterations_at = server_first.find(",i=");
  if (!server_first.starts_with("r=" + nonce_) || salt_at == std::string_view::npos ||
      iterations_at == std::string_view::npos) {
    throw std::runtime_error("this is not the server's first message");
  }
  const std::string nonce(server_first.substr(2, salt_at - 2));
  const std::string salt = auth::from_base64(server_first.substr(salt_at + 3, iterations_at - salt_at - 3)).value();
  const auto iterations = static_cast<std::uint32_t>(std::stoul(std::string(server_first.substr(iterations_at + 3))));

  const std::string without_proof = "c=biws,r=" + nonce;
  const std::string signed_text = bare() + ',' + std::string(server_first) + ',' + without_proof;
  const std::string salted = auth::pbkdf2_sha256(password_, salt, iterations);
  const std::string client_key = auth::hmac_sha256(salted, "Client Key");
  std::string proof = auth::hmac_sha256(auth::sha256(client_key), signed_text);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
  expected_ = "v=" + auth::to_base64(auth::hmac_sha256(auth::hmac_sha256(salted, "Server Key"), signed_text));
  return without_proof + ",p=" + auth::to_base64(proof);
}

}  // namespace mqttzoo::test
