#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/auth/acl_file.hpp"
#include "broker/core/authorizer.hpp"

namespace mqttzoo::auth {

/// What an acl_file lets one client do, as mosquitto decides it: first the lines of its user (or those before any
/// `user`, without a user name), then the patterns; in each of the two `deny` comes first. What nothing grants is
/// denied. The patterns are filled in once, when the client connects.
///
/// A client with '+' or '#' in its Client Identifier or user name is granted nothing by patterns: they would let it in
/// where others live.
class AclRights final : public core::Rights {
 public:
  AclRights(std::shared_ptr<const AclFile> file, std::string_view client_id, std::optional<std::string_view> user_name);

  bool may_publish(std::string_view topic) const override { return may(topic, access_write); }
  bool may_subscribe(std::string_view filter) const override;
  bool may_receive(std::string_view topic) const override { return may(topic, access_read); }

 private:
  bool may(std::string_view topic, Access wanted) const;

  std::shared_ptr<const AclFile> file_;
  const AclRules* own_;        ///< in *file_; null: there are none
  const AclRules* of_all_;     ///< the same
  std::vector<AclRule> mine_;  ///< patterns with this client's names in them
};

/// core::Authorizer on an acl_file.
class AclAuthorizer final : public core::Authorizer {
 public:
  explicit AclAuthorizer(std::shared_ptr<const AclFile> file) : file_(std::move(file)) {}

  std::shared_ptr<const core::Rights> rights_of(std::string_view client_id,
                                                std::optional<std::string_view> user_name) const override {
    return std::make_shared<AclRights>(file_, client_id, user_name);
  }

 private:
  std::shared_ptr<const AclFile> file_;
};

}  // namespace mqttzoo::auth
