#pragma once

#include <functional>
#include <memory>

#include "broker/auth/user_authenticator.hpp"
#include "broker/auth/worker_pool.hpp"
#include "broker/config/settings.hpp"
#include "broker/core/authenticator.hpp"
#include "broker/core/authorizer.hpp"

namespace mqttzoo {

/// Reads the files with users and rights as a start does. Throws auth::FileError.
void check_access_files(const config::Settings& settings);

/// Who may connect and who may do what: the files that the settings name, and the threads that hash passwords. Outlives
/// the shards.
class NodeAccess {
 public:
  /// Reads the files. Throws auth::FileError.
  explicit NodeAccess(const config::Settings& settings);

  /// For one shard; `wake` comes from other threads when it has answers.
  std::unique_ptr<core::Authenticator> make_authenticator(std::function<void()> wake);
  const core::Authorizer& authorizer() const { return *authorizer_; }

  /// What an operator should know: how many users there are, and what the settings leave open.
  void say_what_stands() const;

 private:
  const config::Settings& settings_;
  auth::Users users_;
  bool rights_name_users_ = false;
  std::unique_ptr<const core::Authorizer> authorizer_;
  auth::WorkerPool workers_;
};

}  // namespace mqttzoo
