#pragma once

#include <string>
#include <string_view>

namespace mqttzoo::test {

/// The client's side of SCRAM-SHA-256, for tests.
class ScramClient {
 public:
  ScramClient(std::string user_name, std::string password, std::string nonce = "clientnonce")
      : user_name_(std::move(user_name)), password_(std::move(password)), nonce_(std::move(nonce)) {}

  std::string first() const { return "n,," + bare(); }
  /// The answer to the server's first message.
  std::string final(std::string_view server_first);
  /// What the server's last message has to be, after `final`.
  const std::string& expected() const { return expected_; }

 private:
  std::string bare() const { return "n=" + user_name_ + ",r=" + nonce_; }

  std::string user_name_;  ///< encoded
  std::string password_;
  std::string nonce_;
  std::string expected_;
};

}  // namespace mqttzoo::test
