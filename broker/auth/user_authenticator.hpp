#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "broker/auth/password_file.hpp"
#include "broker/auth/scram_file.hpp"
#include "broker/auth/worker_pool.hpp"
#include "broker/core/authenticator.hpp"
#include "broker/core/random_source.hpp"

namespace mqttzoo::auth {

/// Who may connect: the same for all shards.
struct Users {
  bool allow_anonymous = false;
  std::shared_ptr<const PasswordFile> passwords;  ///< null: there are none
  std::shared_ptr<const ScramFile> scram;         ///< the same
};

/// core::Authenticator of one shard:
///
///     without a user name           as allow_anonymous says
///     with user name and password   as the password file says; the WorkerPool hashes. At its limits: server_busy
///     with SCRAM-SHA-256            as the SCRAM file says
///
/// As soon as there is a file with users, a user name has to be proved; without one it is taken as it comes, where
/// anonymous clients are allowed.
class UserAuthenticator final : public core::Authenticator {
 public:
  /// `workers` must outlive all jobs of this object; `wake` is called from its threads when there is an answer.
  UserAuthenticator(Users users, WorkerPool& workers, std::unique_ptr<core::RandomSource> random,
                    std::function<void()> wake);
  ~UserAuthenticator() override;

  std::optional<mqtt::ReasonCode> check(core::ConnectionId connection, const core::Credentials& credentials) override;
  void forget(core::ConnectionId connection) override;
  bool has_answers() const override;
  std::vector<core::AuthenticationAnswer> take_answers() override;
  std::unique_ptr<core::AuthenticationExchange> begin_exchange(std::string_view method) override;

 private:
  /// A password on its way through a worker.
  struct Question;
  /// Where workers leave their answers. Outlives the authenticator as long as a worker holds it.
  struct Answers {
    std::function<void()> wake;
    std::atomic<bool> any{false};
    std::mutex mutex;
    std::vector<core::AuthenticationAnswer> list;  ///< under the mutex

    void put(const core::AuthenticationAnswer& answer);
  };

  std::optional<mqtt::ReasonCode> ask_workers(core::ConnectionId connection, std::string_view user_name,
                                              std::string_view password);

  const Users users_;
  WorkerPool& workers_;
  std::unique_ptr<core::RandomSource> random_;
  std::shared_ptr<Answers> answers_;
  boost::unordered_flat_map<std::uint64_t, std::shared_ptr<Question>> asked_;  ///< by the serial of the connection
};

}  // namespace mqttzoo::auth
