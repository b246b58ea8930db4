#pragma once

#include <string>
#include <string_view>

#include "proto/mqtt/reason_code.hpp"

namespace mqttzoo::core {

/// One exchange of an Authentication Method with one client (v5 4.12), from the first Authentication Data to the
/// verdict. Answers at once, on the shard of the connection.
class AuthenticationExchange {
 public:
  struct Step {
    /// continue_authentication: send `data` and wait for the client's next; success: `data` goes with it; else the
    /// exchange has failed.
    mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized;
    std::string data;
    const char* detail = "";  ///< why it failed, in words that tell a stranger nothing
  };

  virtual ~AuthenticationExchange() = default;

  /// Takes what the client sent. Not called again after an end.
  virtual Step next(std::string_view data) = 0;

  /// Who the client says it is; proved after success.
  virtual const std::string& user_name() const = 0;
};

}  // namespace mqttzoo::core
