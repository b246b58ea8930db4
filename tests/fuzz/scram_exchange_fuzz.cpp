#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "broker/auth/base64.hpp"
#include "broker/auth/scram_exchange.hpp"
#include "proto/mqtt/utf8.hpp"

/// The messages of a SCRAM client, one per line, from a stranger: nobody gets in without the password.
namespace mqttzoo::auth {
namespace {

void check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

std::shared_ptr<const ScramFile> users() {
  const std::string text = "$secret:" + to_base64("0123456789abcdef") +
                           "\nuser:" + ScramCredential::make("nobody guesses it", "salt", 1).to_text();
  return std::make_shared<ScramFile>(ScramFile::parse(text, "scram"));
}

void run(std::string_view input) {
  static const std::shared_ptr<const ScramFile> known = users();
  ScramExchange exchange(known, "servernonce");
  for (int messages = 0; messages < 4; ++messages) {
    const auto end = input.find('\n');
    const auto step = exchange.next(input.substr(0, end));
    check(step.reason != mqtt::ReasonCode::success, "somebody got in");
    check(mqtt::valid_utf8(step.data), "an answer is not text");
    if (mqtt::is_error(step.reason)) {
      check(step.data.empty() && step.detail[0] != '\0', "a refusal says too much or nothing");
      return;
    }
    if (end == std::string_view::npos) return;
    input.remove_prefix(end + 1);
  }
  check(false, "the exchange does not end");
}

}  // namespace
}  // namespace mqttzoo::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttzoo::auth::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
