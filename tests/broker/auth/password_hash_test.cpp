#include "broker/auth/password_hash.hpp"

#include <gmock/gmock.h>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/text_file.hpp"

namespace mqttzoo::auth {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text) {
  try {
    (void)PasswordHash::parse(text);
  } catch (const BadLine& bad) {
    return bad.what();
  }
  return "none";
}

TEST(PasswordHash, Round_trip) {
  const PasswordHash hash = PasswordHash::make("secret", "0123456789abcdef", 3);
  EXPECT_EQ(hash.iterations(), 3u);
  const std::string text = hash.to_text();
  EXPECT_THAT(text, testing::StartsWith("$7$3$MDEyMzQ1Njc4OWFiY2RlZg==$"));
  EXPECT_EQ(PasswordHash::parse(text).to_text(), text);
  EXPECT_TRUE(PasswordHash::parse(text).is_of("secret"));
  EXPECT_FALSE(PasswordHash::parse(text).is_of("secre"));
}

TEST(PasswordHash, The_old_form) {
  const std::string text = "$6$" + to_base64("salt") + '$' + to_base64(sha512("secret", "salt"));
  EXPECT_EQ(PasswordHash::parse(text).iterations(), 0u);
  EXPECT_EQ(PasswordHash::parse(text).to_text(), text);
  EXPECT_TRUE(PasswordHash::parse(text).is_of("secret"));
  EXPECT_FALSE(PasswordHash::parse(text).is_of("secretsalt"));
}

TEST(PasswordHash, Malformed) {
  const std::string digest = to_base64(std::string(64, 'd'));
  const std::string salt = to_base64("salt");
  EXPECT_EQ(error_of("$6$" + salt + '$' + digest), "none");
  EXPECT_EQ(error_of("$7$1$" + salt + '$' + digest), "none");
  EXPECT_EQ(error_of("$7$10000000$" + salt + '$' + digest), "none");
  for (const char* iterations : {"0", "-1", "", "1x", "10000001", "99999999999", " 1"}) {
    EXPECT_THAT(error_of(std::string("$7$") + iterations + '$' + salt + '$' + digest), HasSubstr("iterations"))
        << iterations;
  }
  for (const char* text : {"", "$", "plain", "$5$x$y", "$argon2id$v=19$m=47104", "6$", "$6", "$7"}) {
    EXPECT_THAT(error_of(text), HasSubstr("not hashed with $6$ or $7$")) << text;
  }
  for (const std::string& text : {std::string("$6$"), "$6$" + salt, std::string("$7$"), "$7$1$" + salt}) {
    EXPECT_EQ(error_of(text), "the hash ends too early") << text;
  }
  EXPECT_THAT(error_of("$6$$" + digest), HasSubstr("the salt"));
  EXPECT_THAT(error_of("$6$x$" + digest), HasSubstr("the salt"));
  EXPECT_THAT(error_of("$6$" + to_base64(std::string(1025, 's')) + '$' + digest), HasSubstr("the salt"));
  EXPECT_THAT(error_of("$6$" + salt + '$'), HasSubstr("64 bytes"));
  EXPECT_THAT(error_of("$6$" + salt + '$' + to_base64(std::string(63, 'd'))), HasSubstr("64 bytes"));
  EXPECT_THAT(error_of("$6$" + salt + '$' + digest + '$'), HasSubstr("64 bytes"));
}

}  // namespace
}  // namespace mqttzoo::auth
