#include "broker/auth/scram_exchange.hpp"

#include <gmock/gmock.h>

#include "broker/auth/base64.hpp"
#include "broker/auth/limits.hpp"
#include "tests/broker/auth/scram_client.hpp"

namespace mqttzoo::auth {
namespace {

using mqtt::ReasonCode;
using test::ScramClient;
using testing::HasSubstr;
using testing::StartsWith;

const std::string salt = from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value();

std::shared_ptr<const ScramFile> users() {
  const std::string text = "$secret:" + to_base64("0123456789abcdef") +
                           "\nuser:" + ScramCredential::make("pencil", salt, 4096).to_text() +
                           "\na,b=c:" + ScramCredential::make("quick", salt, 4096).to_text();
  return std::make_shared<ScramFile>(ScramFile::parse(text, "scram"));
}

ScramExchange exchange() { return {users(), "servernonce"}; }

TEST(ScramExchange, Example_of_RFC_7677) {
  ScramExchange server(users(), "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
  const auto first = server.next("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(first.reason, ReasonCode::continue_authentication);
  EXPECT_EQ(first.data, "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  const auto second = server.next(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_EQ(second.reason, ReasonCode::success);
  EXPECT_EQ(second.data, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  EXPECT_EQ(server.user_name(), "user");
}

TEST(ScramExchange, Names_with_the_two_characters_that_are_encoded) {
  ScramExchange server = exchange();
  ScramClient client("a=2Cb=3Dc", "quick");
  EXPECT_EQ(server.next(client.final(server.next(client.first()).data)).data, client.expected());
  EXPECT_EQ(server.user_name(), "a,b=c");
}

TEST(ScramExchange, The_server_asks_for_the_first_message_once) {
  ScramExchange server = exchange();
  const auto asked = server.next("");
  EXPECT_EQ(asked.reason, ReasonCode::continue_authentication);
  EXPECT_EQ(asked.data, "");
  ScramClient client("a=2Cb=3Dc", "quick");
  EXPECT_EQ(server.next(client.final(server.next(client.first()).data)).reason, ReasonCode::success);
  ScramExchange impatient = exchange();
  (void)impatient.next("");
  EXPECT_EQ(impatient.next("").reason, ReasonCode::not_authorized);
}

TEST(ScramExchange, A_wrong_password_and_a_user_that_does_not_exist_look_the_same) {
  ScramExchange known = exchange();
  ScramExchange unknown = exchange();
  ScramClient wrong("user", "pen");
  ScramClient eve("eve", "pen");
  const auto first_known = known.next(wrong.first());
  const auto first_unknown = unknown.next(eve.first());
  EXPECT_EQ(first_unknown.reason, ReasonCode::continue_authentication);
  EXPECT_EQ(first_unknown.data.size(), first_known.data.size());
  const auto end_known = known.next(wrong.final(first_known.data));
  const auto end_unknown = unknown.next(eve.final(first_unknown.data));
  EXPECT_EQ(end_known.reason, ReasonCode::not_authorized);
  EXPECT_EQ(end_known.data, "");
  EXPECT_EQ(end_unknown.reason, end_known.reason);
  EXPECT_STREQ(end_unknown.detail, end_known.detail);
  EXPECT_EQ(unknown.next(eve.final(first_unknown.data)).reason, ReasonCode::not_authorized) << "one try";
}

TEST(ScramExchange, A_proof_is_good_for_its_own_exchange_only) {
  ScramExchange first(users(), "one");
  ScramExchange second(users(), "two");
  ScramClient client("a=2Cb=3Dc", "quick");
  const std::string proof = client.final(first.next(client.first()).data);
  (void)second.next(client.first());
  EXPECT_THAT(second.next(proof).detail, HasSubstr("do not belong together"));
}

TEST(ScramExchange, Extensions_are_looked_over) {
  ScramExchange server = exchange();
  EXPECT_THAT(server.next("y,,n=user,r=abc,x=extension").data, StartsWith("r=abcservernonce,s="));
  EXPECT_THAT(server.next("c=eSws,r=abcservernonce,x=more,p=" + to_base64(std::string(32, 'p'))).detail,
              HasSubstr("wrong SCRAM proof"));
}

TEST(ScramExchange, Malformed_first_messages) {
  for (const char* message : {"n",
                              "n,",
                              "n,,",
                              "n,,n=user",
                              "n,,n=user,",
                              "n,,n=user,r=",
                              "n,,r=abc,n=user",
                              "n,,n=,r=abc",
                              "n,,n=us=er,r=abc",
                              "n,,n=user=2,r=abc",
                              "n,,n=user=,r=abc",
                              "n,,m=must,n=user,r=abc",
                              "x,,n=user,r=abc",
                              ",,n=user,r=abc",
                              "n,,n=user,r=a b",
                              "n,,n=user,r=\xc3\xa4",
                              "n=user,r=abc",
                              "n,,N=user,r=abc",
                              "\xff\xff",
                              "biws"}) {
    ScramExchange server = exchange();
    const auto step = server.next(message);
    EXPECT_EQ(step.reason, ReasonCode::not_authorized) << message;
    EXPECT_EQ(step.data, "") << message;
    EXPECT_STREQ(step.detail, "a malformed SCRAM message") << message;
    EXPECT_EQ(server.next("n,,n=user,r=abc").reason, ReasonCode::not_authorized) << "one try";
  }
  ScramExchange server = exchange();
  EXPECT_EQ(server.next(std::string("n,,n=us\0er,r=abc", 16)).reason, ReasonCode::not_authorized);
}

TEST(ScramExchange, What_is_not_supported) {
  ScramExchange bound = exchange();
  EXPECT_THAT(bound.next("p=tls-exporter,,n=user,r=abc").detail, HasSubstr("channel binding"));
  ScramExchange other = exchange();
  EXPECT_THAT(other.next("n,a=root,n=user,r=abc").detail, HasSubstr("another user"));
  ScramExchange itself = exchange();
  EXPECT_EQ(itself.next("n,a=user,n=user,r=abc").reason, ReasonCode::continue_authentication);
}

TEST(ScramExchange, Malformed_last_messages) {
  const std::string proof = to_base64(std::string(32, 'p'));
  const std::vector<std::string> messages = {"",
                                             "c=biws",
                                             "c=biws,r=abcservernonce",
                                             ",p=" + proof,
                                             "c=biws,r=abcservernonce,p=",
                                             "c=biws,r=abcservernonce,p=" + to_base64("short"),
                                             "c=biws,r=abcservernonce,p=" + to_base64(std::string(33, 'p')),
                                             "c=biws,r=abcservernonce,p=" + proof + ",x=y",
                                             "r=abcservernonce,c=biws,p=" + proof,
                                             "c=biws,r=abcservernonc,p=" + proof,
                                             "c=biws,r=,p=" + proof,
                                             "c=eSws,r=abcservernonce,p=" + proof,
                                             "c=,r=abcservernonce,p=" + proof,
                                             "c=?,r=abcservernonce,p=" + proof};
  for (const std::string& message : messages) {
    ScramExchange server = exchange();
    EXPECT_EQ(server.next("n,,n=user,r=abc").reason, ReasonCode::continue_authentication);
    const auto step = server.next(message);
    EXPECT_EQ(step.reason, ReasonCode::not_authorized) << message;
    EXPECT_EQ(step.data, "") << message;
  }
}

TEST(ScramExchange, Long_messages) {
  const std::string start = "n,,n=user,r=";
  ScramExchange longest = exchange();
  EXPECT_EQ(longest.next(start + std::string(scram_message_bytes_max - start.size(), 'r')).reason,
            ReasonCode::continue_authentication);
  ScramExchange longer = exchange();
  EXPECT_EQ(longer.next(start + std::string(scram_message_bytes_max - start.size() + 1, 'r')).reason,
            ReasonCode::not_authorized);
}

}  // namespace
}  // namespace mqttzoo::auth
