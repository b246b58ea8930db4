#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace mqttzoo::core {

/// What one client may do. Topics and filters are valid; of a shared subscription it is the inner filter that counts.
/// Belongs to the shard of the session.
class Rights {
 public:
  virtual ~Rights() = default;

  virtual bool may_publish(std::string_view topic) const = 0;
  /// False if there is no topic that the filter matches and the client may receive.
  virtual bool may_subscribe(std::string_view filter) const = 0;
  virtual bool may_receive(std::string_view topic) const = 0;
};

/// Who may do what. Asked once per client; any thread.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  /// Null: everything. `user_name` is nothing for a client that did not name itself.
  virtual std::shared_ptr<const Rights> rights_of(std::string_view client_id,
                                                  std::optional<std::string_view> user_name) const = 0;
};

/// Without an acl_file everything is allowed.
class OpenAuthorizer final : public Authorizer {
 public:
  std::shared_ptr<const Rights> rights_of(std::string_view, std::optional<std::string_view>) const override {
    return {};
  }
};

}  // namespace mqttzoo::core
