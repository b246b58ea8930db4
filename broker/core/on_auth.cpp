#include <utility>

#include "broker/core/connection_send.hpp"
#include "proto/mqtt/decode.hpp"

// Who the client is: v5 3.1.3.5, 3.1.3.6, 3.15, 4.12; v3.1.1 3.1.3.4, 3.1.3.5.
namespace mqttzoo::core {

using mqtt::PropertyId;
using mqtt::ReasonCode;

void Connection::authenticate(const mqtt::Connect& connect) {
  state_ = State::authenticating;
  if (const auto method = connect.properties.find_string(PropertyId::authentication_method)) {
    // User Name and Password may be there too; the method alone decides who it is.
    return begin_exchange(*method, connect.properties.find_string(PropertyId::authentication_data).value_or(""));
  }
  if (connect.user_name) login_->user_name.emplace(*connect.user_name);
  const auto answer = shard_.authenticator.check(
      id_, {connect.client_id, connect.user_name, connect.password, rules_.anonymous_allowed});
  if (answer) {
    on_authenticated(*answer);
  } else {
    pause(Pause::authenticating);
  }
}

void Connection::on_authenticated(ReasonCode reason) {
  if (state_ != State::authenticating || login_->exchange) return;
  if (mqtt::is_error(reason)) return refuse_login(reason, mqtt::to_string(reason));
  register_at_home();
}

void Connection::refuse_login(ReasonCode reason, std::string_view detail) {
  Counters& counters = shard_.counters;
  (reason == ReasonCode::server_busy ? counters.logins_over_limit : counters.logins_refused).add();
  refuse_connect(reason, detail);
}

// ---------------------------------------------------------------- enhanced authentication (v5 4.12)

void Connection::begin_exchange(std::string_view method, std::string_view data) {
  login_->method = method;
  login_->exchange = shard_.authenticator.begin_exchange(method);
  if (!login_->exchange) {  // [MQTT-4.12.0-1]
    return refuse_login(ReasonCode::bad_authentication_method, "the authentication method is not supported");
  }
  go_on(data);
}

void Connection::go_on(std::string_view data) {
  const AuthenticationExchange::Step step = login_->exchange->next(data);
  if (step.reason == ReasonCode::continue_authentication) {
    send_auth(step.reason, step.data);
  } else {
    finish_exchange(step);
  }
}

void Connection::finish_exchange(const AuthenticationExchange::Step& step) {
  const auto exchange = std::move(login_->exchange);
  const bool again = state_ == State::connected;
  if (!mqtt::is_error(step.reason) && again && exchange->user_name() != login_->user_name) {
    shard_.counters.logins_refused.add();
    return end(EndCause::refused, ReasonCode::not_authorized, "it authenticated again as another user");
  }
  if (!exchange->user_name().empty()) login_->user_name = exchange->user_name();
  if (mqtt::is_error(step.reason)) {
    if (!again) return refuse_login(step.reason, step.detail);
    shard_.counters.logins_refused.add();
    return end(EndCause::refused, step.reason, step.detail);  // [MQTT-4.12.1-2]
  }
  if (again) {
    send_auth(ReasonCode::success, step.data);
  } else {
    login_->data = step.data;
    register_at_home();
  }
}

/// False: the connection has ended.
bool Connection::send_auth(ReasonCode reason, std::string_view data) {
  mqtt::PropertyWriter& properties = shard_.properties;
  properties.clear();
  properties.add_string(PropertyId::authentication_method, login_->method);  // [MQTT-4.12.0-5]
  if (!data.empty()) properties.add_string(PropertyId::authentication_data, data);
  const mqtt::Auth auth{.reason = reason, .properties = properties.view()};
  if (!fits(mqtt::encoded_size(auth, version_))) {
    fail(ReasonCode::packet_too_large, "its Maximum Packet Size is too small for AUTH");
    return false;
  }
  send(auth);
  return true;
}

void Connection::on_auth(const mqtt::Frame& frame) {
  const auto auth = mqtt::decode_auth(frame, version_, mqtt::Side::client);
  if (!auth) return fail(auth.error());
  if (!login_ || login_->method.empty()) {
    return fail(ReasonCode::protocol_error, "AUTH, but CONNECT had no authentication method");  // 4.12.1
  }
  if (auth->properties.find_string(PropertyId::authentication_method) != login_->method) {
    return fail(ReasonCode::protocol_error, "AUTH with another authentication method");  // [MQTT-4.12.1-1]
  }
  const bool begins = auth->reason == ReasonCode::re_authenticate;
  if (begins != (login_->exchange == nullptr)) {
    return fail(ReasonCode::protocol_error, begins ? "an authentication is under way" : "AUTH that goes on with none");
  }
  const std::string_view data = auth->properties.find_string(PropertyId::authentication_data).value_or("");
  if (begins) {
    begin_exchange(login_->method, data);
  } else {
    go_on(data);
  }
}

}  // namespace mqttzoo::core
