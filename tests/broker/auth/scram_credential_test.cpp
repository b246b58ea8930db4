#include "broker/auth/scram_credential.hpp"

#include <gmock/gmock.h>

#include "broker/auth/base64.hpp"
#include "broker/auth/text_file.hpp"

namespace mqttzoo::auth {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text) {
  try {
    (void)ScramCredential::parse(text);
  } catch (const BadLine& bad) {
    return bad.what();
  }
  return "none";
}

const std::string key = to_base64(std::string(32, 'k'));

TEST(ScramCredential, Round_trip) {
  const ScramCredential credential = ScramCredential::make("pencil", "0123456789abcdef", 5);
  EXPECT_THAT(credential.to_text(), testing::StartsWith("SCRAM-SHA-256$5:MDEyMzQ1Njc4OWFiY2RlZg==$"));
  EXPECT_EQ(ScramCredential::parse(credential.to_text()), credential);
  EXPECT_NE(ScramCredential::make("pencils", "0123456789abcdef", 5), credential);
}

TEST(ScramCredential, The_form_of_PostgreSQL) {
  EXPECT_EQ(error_of("SCRAM-SHA-256$4096:UunGvPETiX/JNGBvjOgW9A==$" + key + ':' + key), "none");
}

TEST(ScramCredential, Malformed) {
  const std::string salt = to_base64("salt");
  EXPECT_EQ(error_of("SCRAM-SHA-256$1:" + salt + '$' + key + ':' + key), "none");
  for (const char* text : {"", "SCRAM-SHA-1$4096:", "scram-sha-256$", "$7$101$"}) {
    EXPECT_THAT(error_of(text), HasSubstr("SCRAM-SHA-256$ITERATIONS")) << text;
  }
  for (const char* iterations : {"", "0", "x", "-1", "10000001", "4096 "}) {
    EXPECT_THAT(error_of(std::string("SCRAM-SHA-256$") + iterations + ':' + salt + '$' + key + ':' + key),
                HasSubstr("iterations"))
        << iterations;
  }
  EXPECT_THAT(error_of("SCRAM-SHA-256$1"), HasSubstr("the salt"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:$" + key + ':' + key), HasSubstr("the salt"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:" + to_base64(std::string(1025, 's')) + '$'), HasSubstr("the salt"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:" + salt + '$'), HasSubstr("StoredKey"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:" + salt + '$' + to_base64("short") + ':' + key), HasSubstr("StoredKey"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:" + salt + '$' + key), HasSubstr("ServerKey"));
  EXPECT_THAT(error_of("SCRAM-SHA-256$1:" + salt + '$' + key + ':' + key + ':'), HasSubstr("ServerKey"));
}

}  // namespace
}  // namespace mqttzoo::auth
