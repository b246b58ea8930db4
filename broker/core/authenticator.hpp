#pragma once

#include <optional>
#include <string_view>

#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// Who may connect. Asked once per CONNECT, on the shard of the connection; must answer at once.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// success, bad_user_name_or_password, not_authorized or banned. `client_id` is empty when the client leaves the
  /// choice to the broker. Nothing that is passed outlives the call, the password least of all.
  virtual mqtt::ReasonCode check(std::string_view client_id, std::optional<std::string_view> user_name,
                                 std::optional<std::string_view> password) = 0;
};

/// mosquitto's allow_anonymous without a password file: everybody may connect, with whatever user name, or nobody.
class AnonymousAuthenticator final : public Authenticator {
 public:
  explicit AnonymousAuthenticator(bool allow_anonymous) : allow_anonymous_(allow_anonymous) {}

  mqtt::ReasonCode check(std::string_view, std::optional<std::string_view>, std::optional<std::string_view>) override {
    return allow_anonymous_ ? mqtt::ReasonCode::success : mqtt::ReasonCode::not_authorized;
  }

 private:
  bool allow_anonymous_;
};

}  // namespace mqttzoo::core
