#include "broker/auth/scram_exchange.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/limits.hpp"
#include "proto/mqtt/utf8.hpp"

namespace mqttzoo::auth {

namespace {

constexpr const char* malformed = "a malformed SCRAM message";

/// "=2C" and "=3D" stand for ',' and '='; a bare '=' is an error.
std::optional<std::string> decode_name(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      name += text[i];
    } else if (text.substr(i, 3) == "=2C" || text.substr(i, 3) == "=3D") {
      name += text[i + 1] == '2' ? ',' : '=';
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return name;
}

/// Takes "x=VALUE" off the front of a message, and the ',' behind it. Nothing if there is another attribute.
std::optional<std::string_view> take_attribute(std::string_view& rest, char letter) {
  if (rest.size() < 2 || rest[0] != letter || rest[1] != '=') return std::nullopt;
  const auto comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == std::string_view::npos ? comma : comma - 2);
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  return value;
}

bool is_nonce(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

std::string exclusive_or(std::string_view a, std::string_view b) {
  std::string result(a);
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<char>(result[i] ^ b[i]);
  return result;
}

}  // namespace

ScramExchange::ScramExchange(std::shared_ptr<const ScramFile> users, std::string nonce)
    : users_(std::move(users)), nonce_(std::move(nonce)) {}

core::AuthenticationExchange::Step ScramExchange::fail(const char* detail) {
  state_ = State::ended;
  return {mqtt::ReasonCode::not_authorized, {}, detail};
}

core::AuthenticationExchange::Step ScramExchange::next(std::string_view data) {
  if (data.size() > scram_message_bytes_max || !mqtt::valid_utf8(data)) return fail(malformed);
  if (state_ == State::awaiting_final) return take_final(data);
  if (state_ == State::ended) return fail("the SCRAM exchange has ended");
  if (data.empty() && !asked_for_first_) {  // RFC 4422, section 5: the client begins when it is asked to
    asked_for_first_ = true;
    return {mqtt::ReasonCode::continue_authentication, {}, ""};
  }
  return take_first(data);
}

/// gs2-header = ("n" / "y") "," ["a=" saslname] ","; then "n=" saslname ",r=" nonce ["," extensions].
core::AuthenticationExchange::Step ScramExchange::take_first(std::string_view message) {
  const auto first = message.find(',');
  const auto second = first == std::string_view::npos ? first : message.find(',', first + 1);
  if (second == std::string_view::npos) return fail(malformed);
  const std::string_view binding = message.substr(0, first);
  if (binding.starts_with("p=")) return fail("SCRAM with channel binding is not supported");
  if (binding != "n" && binding != "y") return fail(malformed);
  const std::string_view other_identity = message.substr(first + 1, second - first - 1);
  const std::string_view bare = message.substr(second + 1);

  std::string_view rest = bare;
  const auto encoded_name = take_attribute(rest, 'n');  // "m=", a mandatory extension, is none of ours
  const auto name = encoded_name ? decode_name(*encoded_name) : std::nullopt;
  const auto client_nonce = take_attribute(rest, 'r');
  if (!name || name->empty() || !client_nonce || !is_nonce(*client_nonce)) return fail(malformed);
  if (!other_identity.empty() && other_identity != "a=" + std::string(*encoded_name)) {
    return fail("SCRAM on behalf of another user is not supported");
  }
  user_name_ = *name;
  credential_ = users_->credential_of(user_name_);
  header_ = message.substr(0, second + 1);
  nonce_.insert(0, *client_nonce);
  std::string answer = "r=" + nonce_ + ",s=" + to_base64(credential_.salt) + ",i=";
  answer += std::to_string(credential_.iterations);
  auth_message_ = std::string(bare) + ',' + answer + ',';
  state_ = State::awaiting_final;
  return {mqtt::ReasonCode::continue_authentication, std::move(answer), ""};
}

/// "c=" base64 of the GS2 header ",r=" nonce ["," extensions] ",p=" base64 of the proof.
core::AuthenticationExchange::Step ScramExchange::take_final(std::string_view message) {
  const auto proof_begins = message.rfind(",p=");
  if (proof_begins == std::string_view::npos) return fail(malformed);
  const auto proof = from_base64(message.substr(proof_begins + 3));
  const std::string_view without_proof = message.substr(0, proof_begins);
  std::string_view rest = without_proof;
  const auto header = take_attribute(rest, 'c');
  const auto nonce = take_attribute(rest, 'r');
  if (!header || !nonce || !proof || proof->size() != credential_.stored_key.size()) return fail(malformed);
  if (from_base64(*header) != header_ || *nonce != nonce_) return fail("the SCRAM messages do not belong together");

  auth_message_ += without_proof;
  const std::string client_key = exclusive_or(*proof, hmac_sha256(credential_.stored_key, auth_message_));
  if (!equal_in_constant_time(sha256(client_key), credential_.stored_key)) {
    return fail("wrong SCRAM proof or unknown user");
  }
  state_ = State::ended;
  return {mqtt::ReasonCode::success, "v=" + to_base64(hmac_sha256(credential_.server_key, auth_message_)), ""};
}

}  // namespace mqttzoo::auth
