#include "broker/auth/password_file.hpp"

#include <gmock/gmock.h>

namespace mqttzoo::auth {
namespace {

using testing::HasSubstr;

// What mosquitto_passwd 2.0.11 wrote for secret, pä:ss and tr0ub (the last with -H sha512).
const std::string alice =
    "alice:$7$101$XQxW2xT9Lz1IOJqS$y/S3o6jNgNV/"
    "XIFdKCK1V99xHgPtE2rptBaYpfzcZo51wB7HklxGeA9xYrgDnJscd5U5HvE6Y256fmuTzdT18g==\n";
const std::string bob =
    "bob x:$7$101$WO3JmJZ+yfNdRyNn$"
    "kZKFRWDV9tck0SzLT8rhbC6YAtDMgN+LoUp4KpUO7BJyPtzzlLwKkpQ7vV9obImr4s+M83oHZymp61B9+SJgag==\n";
const std::string carol =
    "carol:$6$nrprZWioKq6K0OJf$ZUb8IRilxiwW3ONHAFQBrkhVUdTycE36cTLxYMOm"
    "lXYFr9cXTZ1W7sPNAxBcgEJuLHnuXHqEq+tF7tMkPbirtA==\n";

std::string error_of(const std::string& text) {
  try {
    (void)PasswordFile::parse(text, "users");
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

TEST(PasswordFile, What_mosquitto_passwd_writes) {
  const PasswordFile file = PasswordFile::parse("# users\n\n" + alice + bob + carol, "users");
  EXPECT_EQ(file.size(), 3u);
  EXPECT_TRUE(file.accepts("alice", "secret"));
  EXPECT_TRUE(file.accepts("bob x", "pä:ss"));
  EXPECT_TRUE(file.accepts("carol", "tr0ub"));
}

TEST(PasswordFile, Wrong_passwords_and_users) {
  const PasswordFile file = PasswordFile::parse(alice + carol, "users");
  for (const char* password : {"", "Secret", "secret ", "tr0ub"}) EXPECT_FALSE(file.accepts("alice", password));
  EXPECT_FALSE(file.accepts("carol", "secret"));
  EXPECT_FALSE(file.accepts("alic", "secret"));
  EXPECT_FALSE(file.accepts("Alice", "secret"));
  EXPECT_FALSE(file.accepts("", ""));
}

TEST(PasswordFile, Nobody_logs_in_with_the_hash_that_unknown_users_are_compared_with) {
  const PasswordFile none = PasswordFile::parse("", "users");
  EXPECT_EQ(none.size(), 0u);
  EXPECT_FALSE(none.accepts("anybody", ""));
  const PasswordFile one = PasswordFile::parse(alice, "users");
  EXPECT_FALSE(one.accepts("anybody", "secret"));
}

TEST(PasswordFile, Names_may_hold_spaces_but_not_at_their_ends) {
  const std::string hash = PasswordHash::make("p", "salt", 1).to_text();
  EXPECT_TRUE(PasswordFile::parse("  a b  : " + hash + " \r\n", "users").accepts("a b", "p"));
  EXPECT_TRUE(PasswordFile::parse(std::string(user_name_bytes_max, 'n') + ':' + hash, "users")
                  .accepts(std::string(user_name_bytes_max, 'n'), "p"));
}

TEST(PasswordFile, Malformed_lines) {
  EXPECT_EQ(error_of(alice + "bob\n"), "users:2: there is no ':' behind the user name");
  EXPECT_EQ(error_of(":$6$a$b"), "users:1: the user name is missing");
  std::string long_name(user_name_bytes_max + 1, 'n');
  EXPECT_THAT(error_of(long_name.append(":x")), HasSubstr("longer than 65535"));
  EXPECT_EQ(error_of(alice + "\n" + alice), "users:3: the user stands in the file already");
  EXPECT_THAT(error_of("bob:\xff"), HasSubstr("users:1: the line is not UTF-8"));
}

TEST(PasswordFile, An_error_does_not_show_what_stood_there) {
  EXPECT_THAT(error_of("bob:open sesame"), HasSubstr("users:1: the password is not hashed with $6$ or $7$"));
  EXPECT_THAT(error_of("bob:open sesame"), testing::Not(HasSubstr("sesame")));
}

}  // namespace
}  // namespace mqttzoo::auth
