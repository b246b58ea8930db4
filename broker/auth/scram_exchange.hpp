#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "broker/auth/scram_credential.hpp"
#include "broker/auth/scram_file.hpp"
#include "broker/core/authentication_exchange.hpp"

namespace mqttzoo::auth {

inline constexpr std::string_view scram_method = "SCRAM-SHA-256";

/// The server's side of SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677), one exchange:
///
///     client    n,,n=user,r=NONCE                          in CONNECT, or the first AUTH
///     server    r=NONCEMORE,s=SALT,i=ITERATIONS            AUTH 0x18
///     client    c=biws,r=NONCEMORE,p=PROOF                 AUTH 0x18
///     server    v=SIGNATURE                                CONNACK, or AUTH 0x00
///
/// Whoever asks for a user that does not exist goes the same way up to the wrong proof.
class ScramExchange final : public core::AuthenticationExchange {
 public:
  /// `nonce` is the server's part: printable, without ',', at least 18 bytes of randomness, never used before.
  ScramExchange(std::shared_ptr<const ScramFile> users, std::string nonce);

  Step next(std::string_view data) override;
  const std::string& user_name() const override { return user_name_; }

 private:
  enum class State : std::uint8_t { awaiting_first, awaiting_final, ended };

  Step take_first(std::string_view message);
  Step take_final(std::string_view message);
  Step fail(const char* detail);

  std::shared_ptr<const ScramFile> users_;
  State state_ = State::awaiting_first;
  bool asked_for_first_ = false;
  std::string nonce_;         ///< the server's, later both
  std::string header_;        ///< GS2 header of the client
  std::string auth_message_;  ///< what both sides sign: grows
  std::string user_name_;
  ScramCredential credential_;
};

}  // namespace mqttzoo::auth
