#include "broker/node/node_access.hpp"

#include <algorithm>

#include "broker/auth/acl_rights.hpp"
#include "broker/auth/limits.hpp"
#include "broker/node/node_process.hpp"
#include "broker/ops/log.hpp"

namespace mqttzoo {

namespace {

using ops::Level;

auth::Users read_users(const config::Settings& settings) {
  auth::Users users;
  users.allow_anonymous = settings.anonymous_allowed();
  const config::AccessSettings& access = settings.access;
  if (!access.password_file.empty()) {
    users.passwords = std::make_shared<auth::PasswordFile>(auth::PasswordFile::read(access.password_file));
  }
  if (!access.scram_file.empty()) {
    users.scram = std::make_shared<auth::ScramFile>(auth::ScramFile::read(access.scram_file));
  }
  return users;
}

auth::WorkerPool::Bounds bounds_of_workers(const auth::Users& users) {
  const unsigned threads = std::clamp(usable_cores() / 2, 1u, auth::password_threads_max);
  return {users.passwords ? threads : 0, auth::passwords_waiting_max, auth::passwords_waiting_bytes_max};
}

}  // namespace

void check_access_files(const config::Settings& settings) {
  (void)read_users(settings);
  if (!settings.access.acl_file.empty()) (void)auth::AclFile::read(settings.access.acl_file);
}

NodeAccess::NodeAccess(const config::Settings& settings)
    : settings_(settings), users_(read_users(settings)), workers_(bounds_of_workers(users_), [] {
        name_thread("passwords");
        yield_to_others();
      }) {
  const std::string& acl_file = settings.access.acl_file;
  if (acl_file.empty()) {
    authorizer_ = std::make_unique<core::OpenAuthorizer>();
    return;
  }
  auto rights = std::make_shared<auth::AclFile>(auth::AclFile::read(acl_file));
  rights_name_users_ = rights->names_users();
  authorizer_ = std::make_unique<auth::AclAuthorizer>(std::move(rights));
}

std::unique_ptr<core::Authenticator> NodeAccess::make_authenticator(std::function<void()> wake) {
  return std::make_unique<auth::UserAuthenticator>(users_, workers_, system_random(), std::move(wake));
}

void NodeAccess::say_what_stands() const {
  const config::AccessSettings& access = settings_.access;
  const auto say_users = [](const std::string& file, std::size_t users) {
    ops::log(Level::info, "users", {{"file", file}, {"users", static_cast<std::int64_t>(users)}});
  };
  if (users_.passwords) say_users(access.password_file, users_.passwords->size());
  if (users_.scram) say_users(access.scram_file, users_.scram->size());
  if (!access.acl_file.empty()) ops::log(Level::info, "rights", {{"file", access.acl_file}});
  const bool has_users = users_.passwords || users_.scram;
  if (rights_name_users_ && !has_users && users_.allow_anonymous) {
    ops::log(Level::warning, "rights depend on user names that nobody has to prove: there is no password_file");
  }
  if (!settings_.loopback_only() && !has_users && !users_.allow_anonymous) {
    ops::log(Level::warning, "no client can connect: allow_anonymous is not true, and there is no password_file");
  }
}

}  // namespace mqttzoo
