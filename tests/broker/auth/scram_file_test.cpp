#include "broker/auth/scram_file.hpp"

#include <gmock/gmock.h>

#include "broker/auth/base64.hpp"

namespace mqttzoo::auth {
namespace {

using testing::HasSubstr;

const std::string secret = "$secret:" + to_base64("0123456789abcdef") + '\n';

std::string line_of(const std::string& name, std::uint32_t iterations = 1) {
  return name + ':' + ScramCredential::make(name + "'s password", "salt of " + name, iterations).to_text() + '\n';
}

std::string error_of(const std::string& text) {
  try {
    (void)ScramFile::parse(text, "scram");
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

TEST(ScramFile, Finds_its_users) {
  const ScramFile file = ScramFile::parse("# users\n" + line_of("ann") + secret + line_of("bob, the b=ilder"), "scram");
  EXPECT_EQ(file.size(), 2u);
  EXPECT_EQ(file.credential_of("ann"), ScramCredential::make("ann's password", "salt of ann", 1));
  EXPECT_EQ(file.credential_of("bob, the b=ilder").salt, "salt of bob, the b=ilder");
}

TEST(ScramFile, Who_does_not_exist_looks_as_if) {
  const std::string users = line_of("a", 4096) + line_of("b", 5000) + line_of("c", 5000);
  const ScramFile file = ScramFile::parse(secret + users, "scram");
  const ScramCredential eve = file.credential_of("eve");
  EXPECT_EQ(eve.salt.size(), scram_salt_bytes);
  EXPECT_EQ(eve.iterations, 5000u) << "as most have";
  EXPECT_EQ(eve, file.credential_of("eve")) << "the same each time";
  EXPECT_NE(eve.salt, file.credential_of("eva").salt);
  EXPECT_EQ(ScramFile::parse(secret + users + line_of("d", 5000), "scram").credential_of("eve"), eve)
      << "also when other users come";
  const std::string other = "$secret:" + to_base64("0123456789abcdeX") + '\n';
  EXPECT_NE(ScramFile::parse(other + users, "scram").credential_of("eve").salt, eve.salt) << "nobody can foretell it";
}

TEST(ScramFile, Malformed) {
  EXPECT_EQ(error_of(secret), "none");
  EXPECT_EQ(error_of(""), "scram: a line $secret:BASE64 is missing; mqttzoo_passwd adds it");
  EXPECT_EQ(error_of(secret + line_of("a") + line_of("a")), "scram:3: the user stands in the file already");
  EXPECT_EQ(error_of(secret + secret), "scram:2: the secret stands in the file already");
  EXPECT_THAT(error_of("$secret:" + to_base64("0123456789abcde")), HasSubstr("scram:1: the secret is not"));
  EXPECT_THAT(error_of("$secret:?"), HasSubstr("scram:1: the secret is not"));
  EXPECT_THAT(error_of(secret + "a\n"), HasSubstr("scram:2: there is no ':'"));
  EXPECT_THAT(error_of(secret + "a:$7$101$x$y\n"), HasSubstr("scram:2: behind the user name SCRAM-SHA-256$"));
}

}  // namespace
}  // namespace mqttzoo::auth
