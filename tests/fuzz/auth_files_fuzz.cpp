#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "broker/auth/acl_rights.hpp"
#include "broker/auth/password_file.hpp"
#include "broker/auth/scram_file.hpp"
#include "broker/auth/user_lines.hpp"
#include "proto/mqtt/topic.hpp"
#include "proto/mqtt/utf8.hpp"

/// Files with users and rights. The first byte chooses the file; what is accepted must make sense.
namespace mqttzoo::auth {
namespace {

void check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

/// Whoever may receive a topic may subscribe to whatever matches it.
void check_rights(const AclRights& rights, std::string_view topic) {
  if (!mqtt::valid_topic_name(topic)) return;
  rights.may_publish(topic);
  const bool readable = rights.may_receive(topic);
  check(readable == rights.may_subscribe(topic), "a subscription to one topic is judged as the topic is");
  if (!readable || topic.front() == '$') return;
  for (const std::string& filter : {std::string("#"), std::string(topic) + "/#"}) {
    check(rights.may_subscribe(filter), "a topic may be received, and what matches it not be subscribed to");
  }
}

/// The first line says who the client is, the second one about which topic it asks.
void run_acl(std::string_view input) {
  const auto cut = [&input] {
    const auto end = input.find('\n');
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return line;
  };
  const std::string_view name = cut();
  const std::string_view topic = cut();
  const auto file = std::make_shared<AclFile>(AclFile::parse(input, "acl"));
  if (!mqtt::valid_utf8(name) || !mqtt::valid_utf8(topic)) return;
  check_rights(AclRights(file, name, std::nullopt), topic);
  check_rights(AclRights(file, "client", name), topic);
}

void run_users(std::string_view input, bool scram) {
  const auto read = [scram](std::string_view text) {
    return scram ? ScramFile::parse(text, "f").size() : PasswordFile::parse(text, "f").size();
  };
  const std::size_t users = read(input);
  const std::string known =
      scram ? ScramCredential::make("x", "salt", 1).to_text() : PasswordHash::make("x", "salt", 1).to_text();
  const bool had = has_user(input, "somebody");
  const std::string more = with_user(input, "somebody", known);
  check(read(more) == users + (had ? 0 : 1), "a line was written that does not count");
  check(read(without_user(more, "somebody")) == users - (had ? 1 : 0), "a line was not taken out");
}

void run(std::string_view input) {
  if (input.empty()) return;
  const int choice = input.front() % 3;
  input.remove_prefix(1);
  try {
    if (choice == 0) {
      run_acl(input);
    } else {
      run_users(input, choice == 1);
    }
  } catch (const FileError& error) {
    check(error.what()[0] != '\0', "a refusal without a reason");
  }
}

}  // namespace
}  // namespace mqttzoo::auth

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mqttzoo::auth::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
