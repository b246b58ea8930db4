#include "broker/auth/user_authenticator.hpp"

#include <gtest/gtest.h>

#include <future>
#include <semaphore>

#include "broker/auth/base64.hpp"
#include "tests/broker/auth/scram_client.hpp"

namespace mqttzoo::auth {
namespace {

using core::ConnectionId;
using core::Credentials;
using mqtt::ReasonCode;

class CountingRandom final : public core::RandomSource {
 public:
  std::uint64_t next() override { return ++last_; }

 private:
  std::uint64_t last_ = 0;
};

std::shared_ptr<const PasswordFile> passwords() {
  const std::string text = "ann:" + PasswordHash::make("secret", "salt", 2).to_text();
  return std::make_shared<PasswordFile>(PasswordFile::parse(text, "users"));
}

std::shared_ptr<const ScramFile> scram() {
  const std::string text =
      "$secret:" + to_base64("0123456789abcdef") + "\nbob:" + ScramCredential::make("pencil", "salt", 2).to_text();
  return std::make_shared<ScramFile>(ScramFile::parse(text, "scram"));
}

/// A shard's authenticator, and the shard.
struct Rig {
  explicit Rig(const Users& users, std::size_t waiting_max = 10)
      : workers({1, waiting_max, 1'000'000}, [] {}),
        authenticator(users, workers, std::make_unique<CountingRandom>(), [this] { woken.release(); }) {}

  /// The one answer that comes.
  core::AuthenticationAnswer wait_answer() {
    woken.acquire();
    EXPECT_TRUE(authenticator.has_answers());
    const auto answers = authenticator.take_answers();
    EXPECT_EQ(answers.size(), 1u);
    EXPECT_FALSE(authenticator.has_answers());
    return answers.empty() ? core::AuthenticationAnswer() : answers[0];
  }

  std::counting_semaphore<> woken{0};
  WorkerPool workers;
  UserAuthenticator authenticator;
};

TEST(UserAuthenticator, Without_files_as_allow_anonymous_says) {
  Rig open({true, nullptr, nullptr});
  EXPECT_EQ(open.authenticator.check({0, 1}, {"c", {}, {}}), ReasonCode::success);
  EXPECT_EQ(open.authenticator.check({0, 1}, {"c", "whoever", "whatever"}), ReasonCode::success);
  Rig closed({false, nullptr, nullptr});
  EXPECT_EQ(closed.authenticator.check({0, 1}, {"c", {}, {}}), ReasonCode::not_authorized);
  EXPECT_EQ(closed.authenticator.check({0, 1}, {"c", "whoever", "whatever"}), ReasonCode::not_authorized);
  EXPECT_EQ(open.authenticator.begin_exchange("SCRAM-SHA-256"), nullptr);
}

TEST(UserAuthenticator, Passwords_are_answered_later) {
  Rig rig({false, passwords(), nullptr});
  EXPECT_EQ(rig.authenticator.check({0, 7}, {"c", "ann", "secret"}), std::nullopt);
  const auto right = rig.wait_answer();
  EXPECT_EQ(right.connection, (ConnectionId{0, 7}));
  EXPECT_EQ(right.reason, ReasonCode::success);
  EXPECT_EQ(rig.authenticator.check({0, 8}, {"c", "ann", "Secret"}), std::nullopt);
  EXPECT_EQ(rig.wait_answer().reason, ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(rig.authenticator.check({0, 9}, {"c", "eve", "secret"}), std::nullopt) << "as if there were an eve";
  EXPECT_EQ(rig.wait_answer().reason, ReasonCode::bad_user_name_or_password);
}

TEST(UserAuthenticator, A_user_name_has_to_be_proved_also_where_anonymous_clients_may_come) {
  Rig rig({true, passwords(), nullptr});
  EXPECT_EQ(rig.authenticator.check({0, 1}, {"c", {}, {}}), ReasonCode::success);
  EXPECT_EQ(rig.authenticator.check({0, 1}, {"c", {}, "secret"}), ReasonCode::success) << "a password of nobody";
  EXPECT_EQ(rig.authenticator.check({0, 1}, {"c", "ann", {}}), ReasonCode::bad_user_name_or_password);
  Rig of_scram({true, nullptr, scram()});
  EXPECT_EQ(of_scram.authenticator.check({0, 1}, {"c", "bob", "pencil"}), ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(of_scram.authenticator.check({0, 1}, {"c", {}, {}}), ReasonCode::success);
}

TEST(UserAuthenticator, Who_has_gone_gets_no_answer) {
  Rig rig({false, passwords(), nullptr});
  EXPECT_EQ(rig.authenticator.check({0, 1}, {"c", "ann", "secret"}), std::nullopt);
  rig.authenticator.forget({0, 1});
  rig.authenticator.forget({0, 99});
  EXPECT_EQ(rig.authenticator.check({0, 2}, {"c", "ann", "secret"}), std::nullopt);
  // The worker may have been quicker than `forget`; then its answer is left out here.
  std::vector<core::AuthenticationAnswer> answers;
  while (answers.empty()) {
    rig.woken.acquire();
    answers = rig.authenticator.take_answers();
  }
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].connection, (ConnectionId{0, 2}));
}

TEST(UserAuthenticator, A_flood_is_told_that_the_server_is_busy) {
  Rig rig({false, passwords(), nullptr}, 1);
  std::promise<void> begun, release;
  EXPECT_TRUE(rig.workers.submit(1, [&] {
    begun.set_value();
    release.get_future().wait();
  }));
  begun.get_future().wait();
  EXPECT_EQ(rig.authenticator.check({0, 1}, {"c", "ann", "secret"}), std::nullopt);
  EXPECT_EQ(rig.authenticator.check({0, 2}, {"c", "ann", "secret"}), ReasonCode::server_busy);
  EXPECT_EQ(rig.authenticator.check({0, 3}, {"c", "ann", {}}), ReasonCode::bad_user_name_or_password);
  release.set_value();
  EXPECT_EQ(rig.wait_answer().connection, (ConnectionId{0, 1}));
}

TEST(UserAuthenticator, Its_end_does_not_wait_for_answers) {
  std::counting_semaphore<> woken{0};
  WorkerPool workers({1, 10, 1'000'000}, [] {});
  {
    UserAuthenticator authenticator({false, passwords(), nullptr}, workers, std::make_unique<CountingRandom>(),
                                    [&] { woken.release(); });
    EXPECT_EQ(authenticator.check({0, 1}, {"c", "ann", "secret"}), std::nullopt);
  }
  std::promise<void> later;
  EXPECT_TRUE(workers.submit(1, [&] { later.set_value(); }));
  later.get_future().wait();
}

TEST(UserAuthenticator, Scram) {
  Rig rig({false, passwords(), scram()});
  EXPECT_EQ(rig.authenticator.begin_exchange("SCRAM-SHA-1"), nullptr);
  EXPECT_EQ(rig.authenticator.begin_exchange(""), nullptr);
  const auto one = rig.authenticator.begin_exchange("SCRAM-SHA-256");
  const auto other = rig.authenticator.begin_exchange("SCRAM-SHA-256");
  ASSERT_NE(one, nullptr);
  test::ScramClient client("bob", "pencil");
  const auto first = one->next(client.first());
  EXPECT_NE(first.data, other->next(client.first()).data) << "another nonce";
  EXPECT_EQ(one->next(client.final(first.data)).data, client.expected());
  EXPECT_EQ(one->user_name(), "bob");
}

}  // namespace
}  // namespace mqttzoo::auth
