#include "broker/auth/digest.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace mqttzoo::auth {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(c));
    text += two;
  }
  return text;
}

TEST(Digest, Known_answers) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha512("a", "bc")).substr(0, 32), "ddaf35a193617abacc417349ae204131");
  EXPECT_EQ(sha512("abc", ""), sha512("", "abc"));
  // RFC 4231, case 2.
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  // RFC 7914, section 11.
  EXPECT_EQ(hex(pbkdf2_sha256("passwd", "salt", 1)).substr(0, 32), "55ac046e56e3089fec1691c22544b605");
  EXPECT_EQ(hex(pbkdf2_sha512("password", "salt", 1)).substr(0, 32), "867f70cf1ade02cff3752599a3a53dc4");
}

TEST(Digest, Empty_strings) {
  EXPECT_EQ(sha256("").size(), 32u);
  EXPECT_EQ(hmac_sha256("", "").size(), 32u);
  EXPECT_EQ(pbkdf2_sha512("", "s", 1).size(), 64u);
}

TEST(Digest, Comparison) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Digest, A_wiped_secret_is_gone) {
  std::string secret = "secret";
  wipe(secret);
  EXPECT_EQ(secret, std::string(6, '\0'));
}

}  // namespace
}  // namespace mqttzoo::auth
