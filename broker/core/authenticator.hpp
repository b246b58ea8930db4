#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/core/authentication_exchange.hpp"
#include "broker/core/ids.hpp"
#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// What a CONNECT says of who it is. Views into the packet.
struct Credentials {
  std::string_view client_id;  ///< empty when the client leaves the choice to the broker
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;
  bool anonymous_allowed = true;  ///< at the listener
};

struct AuthenticationAnswer {
  ConnectionId connection;
  mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized;
};

/// Who may connect. Asked on the shard of the connection, which it must not keep waiting: what takes time is answered
/// later. One for each shard.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// Asked once per CONNECT without an Authentication Method. success, bad_user_name_or_password, not_authorized or
  /// server_busy; or nothing, and the answer comes out of `take_answers` unless it is forgotten before. Nothing that is
  /// passed outlives the call but in copies that are wiped.
  virtual std::optional<mqtt::ReasonCode> check(ConnectionId connection, const Credentials& credentials) = 0;
  /// The connection has ended before its answer came.
  virtual void forget(ConnectionId) {}

  /// There are answers to take.
  virtual bool has_answers() const { return false; }
  virtual std::vector<AuthenticationAnswer> take_answers() { return {}; }

  /// v5 4.12. Null: the method is not supported.
  virtual std::unique_ptr<AuthenticationExchange> begin_exchange(std::string_view) { return nullptr; }
};

/// mosquitto's allow_anonymous without any file with users: everybody may connect, with whatever user name, or nobody.
class AnonymousAuthenticator final : public Authenticator {
 public:
  explicit AnonymousAuthenticator(bool allow_anonymous) : allow_anonymous_(allow_anonymous) {}

  std::optional<mqtt::ReasonCode> check(ConnectionId, const Credentials& credentials) override {
    return allow_anonymous_ && credentials.anonymous_allowed ? mqtt::ReasonCode::success
                                                             : mqtt::ReasonCode::not_authorized;
  }

 private:
  bool allow_anonymous_;
};

}  // namespace mqttzoo::core
