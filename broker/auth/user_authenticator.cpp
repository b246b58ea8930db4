#include "broker/auth/user_authenticator.hpp"

#include <utility>

#include "broker/auth/base64.hpp"
#include "broker/auth/digest.hpp"
#include "broker/auth/scram_exchange.hpp"

namespace mqttzoo::auth {

namespace {

using mqtt::ReasonCode;

std::string make_nonce(core::RandomSource& random) {
  std::string bytes;
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t number = random.next();
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  return to_base64(bytes);
}

}  // namespace

struct UserAuthenticator::Question {
  Question(core::ConnectionId asking, std::string_view name, std::string_view secret)
      : connection(asking), user_name(name), password(secret) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() { wipe(password); }

  const core::ConnectionId connection;
  const std::string user_name;
  std::string password;
  std::atomic<bool> forgotten{false};
};

void UserAuthenticator::Answers::put(const core::AuthenticationAnswer& answer) {
  {
    const std::lock_guard lock(mutex);
    list.push_back(answer);
    any.store(true);
  }
  wake();
}

UserAuthenticator::UserAuthenticator(Users users, WorkerPool& workers, std::unique_ptr<core::RandomSource> random,
                                     std::function<void()> wake)
    : users_(std::move(users)), workers_(workers), random_(std::move(random)), answers_(std::make_shared<Answers>()) {
  answers_->wake = std::move(wake);
}

UserAuthenticator::~UserAuthenticator() {
  for (const auto& [serial, question] : asked_) question->forgotten.store(true);
}

std::optional<ReasonCode> UserAuthenticator::check(core::ConnectionId connection,
                                                   const core::Credentials& credentials) {
  const bool has_users = users_.passwords || users_.scram;
  if (!credentials.user_name || !has_users) {
    return users_.allow_anonymous && credentials.anonymous_allowed ? ReasonCode::success : ReasonCode::not_authorized;
  }
  if (!users_.passwords || !credentials.password) return ReasonCode::bad_user_name_or_password;
  return ask_workers(connection, *credentials.user_name, *credentials.password);
}

std::optional<ReasonCode> UserAuthenticator::ask_workers(core::ConnectionId connection, std::string_view user_name,
                                                         std::string_view password) {
  const auto question = std::make_shared<Question>(connection, user_name, password);
  const auto job = [question, answers = answers_, passwords = users_.passwords] {
    if (question->forgotten.load()) return;
    const bool right = passwords->accepts(question->user_name, question->password);
    answers->put({question->connection, right ? ReasonCode::success : ReasonCode::bad_user_name_or_password});
  };
  const std::size_t bytes = sizeof(Question) + user_name.size() + password.size();
  if (!workers_.submit(bytes, job)) return ReasonCode::server_busy;
  asked_.emplace(connection.serial, question);
  return std::nullopt;
}

void UserAuthenticator::forget(core::ConnectionId connection) {
  const auto found = asked_.find(connection.serial);
  if (found == asked_.end()) return;
  found->second->forgotten.store(true);
  asked_.erase(found);
}

bool UserAuthenticator::has_answers() const { return answers_->any.load(); }

std::vector<core::AuthenticationAnswer> UserAuthenticator::take_answers() {
  std::vector<core::AuthenticationAnswer> taken;
  if (!has_answers()) return taken;
  {
    const std::lock_guard lock(answers_->mutex);
    answers_->any.store(false);
    taken.swap(answers_->list);
  }
  // One that was forgotten while its worker was busy.
  std::erase_if(taken, [this](const auto& answer) { return asked_.erase(answer.connection.serial) == 0; });
  return taken;
}

std::unique_ptr<core::AuthenticationExchange> UserAuthenticator::begin_exchange(std::string_view method) {
  if (!users_.scram || method != scram_method) return nullptr;
  return std::make_unique<ScramExchange>(users_.scram, make_nonce(*random_));
}

}  // namespace mqttzoo::auth
