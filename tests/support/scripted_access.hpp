#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/core/authenticator.hpp"
#include "broker/core/authorizer.hpp"

namespace mqttzoo::test {

/// Answers passwords when the test says so, and knows the method TWO-STEPS: the client says who it is, then "right".
class ScriptedAuthenticator final : public core::Authenticator {
 public:
  std::optional<mqtt::ReasonCode> at_once;  ///< nothing: `answers` come later
  std::vector<core::AuthenticationAnswer> answers;
  std::vector<core::ConnectionId> asked;
  std::vector<core::ConnectionId> forgotten;
  std::string credentials;  ///< of the last question: "client user password"

  std::optional<mqtt::ReasonCode> check(core::ConnectionId connection, const core::Credentials& given) override {
    asked.push_back(connection);
    credentials = std::string(given.client_id) + ' ' + std::string(given.user_name.value_or("-")) + ' ' +
                  std::string(given.password.value_or("-"));
    return at_once;
  }
  void forget(core::ConnectionId connection) override { forgotten.push_back(connection); }
  bool has_answers() const override { return !answers.empty(); }
  std::vector<core::AuthenticationAnswer> take_answers() override { return std::exchange(answers, {}); }
  std::unique_ptr<core::AuthenticationExchange> begin_exchange(std::string_view method) override {
    return method == "TWO-STEPS" ? std::make_unique<TwoSteps>() : nullptr;
  }

 private:
  class TwoSteps final : public core::AuthenticationExchange {
   public:
    Step next(std::string_view data) override {
      if (user_name_.empty()) {
        user_name_ = data;
        return {mqtt::ReasonCode::continue_authentication, "who says so?", ""};
      }
      if (data == "right") return {mqtt::ReasonCode::success, "welcome", ""};
      return {mqtt::ReasonCode::not_authorized, "", "that was wrong"};
    }
    const std::string& user_name() const override { return user_name_; }

   private:
    std::string user_name_;
  };
};

/// Rights as lists of topics for each user; a subscription is refused when it is one topic that may not be read.
class ScriptedAuthorizer final : public core::Authorizer {
 public:
  struct Topics {
    std::set<std::string, std::less<>> write;
    std::set<std::string, std::less<>> read;
  };
  std::map<std::string, Topics> users;  ///< "": anonymous clients; who is not here may do everything
  mutable std::size_t questions = 0;    ///< about topics

  std::shared_ptr<const core::Rights> rights_of(std::string_view,
                                                std::optional<std::string_view> user_name) const override {
    const auto found = users.find(std::string(user_name.value_or("")));
    return found == users.end() ? nullptr : std::make_shared<Rights>(*this, found->second);
  }

 private:
  class Rights final : public core::Rights {
   public:
    Rights(const ScriptedAuthorizer& owner, const Topics& topics) : owner_(owner), topics_(topics) {}
    bool may_publish(std::string_view topic) const override { return has(topics_.write, topic); }
    bool may_subscribe(std::string_view filter) const override {
      return filter.find_first_of("+#") != std::string_view::npos || has(topics_.read, filter);
    }
    bool may_receive(std::string_view topic) const override { return has(topics_.read, topic); }

   private:
    bool has(const std::set<std::string, std::less<>>& set, std::string_view topic) const {
      ++owner_.questions;
      return set.contains(topic);
    }
    const ScriptedAuthorizer& owner_;
    const Topics topics_;
  };
};

}  // namespace mqttzoo::test
