#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "proto/mqtt/types.hpp"

namespace mqttzoo::core {

/// What a subscription asks for besides its Topic Filter (v5 3.8.3.1; v3 has the QoS only).
struct SubscriptionOptions {
  std::uint32_t identifier = 0;  ///< v5 Subscription Identifier; 0: none
  mqtt::QoS qos = mqtt::QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
};

/// The members that a Shared Subscription has somewhere (v5 4.8.2).
struct ShareMembers {
  std::uint32_t all = 0;   ///< 0: there is no such subscription
  std::uint32_t able = 0;  ///< of those: would be sent a message now, and not kept waiting for it
  bool operator==(const ShareMembers&) const = default;
};

/// The Subscription Identifiers of a message that waits (v5 3.3.2.3.8). Nearly always none or one: those cost no
/// memory.
class SubscriptionIdentifiers {
 public:
  SubscriptionIdentifiers() = default;
  explicit SubscriptionIdentifiers(std::span<const std::uint32_t> identifiers) {
    if (identifiers.size() == 1) one_ = identifiers[0];
    if (identifiers.size() > 1) {
      many_ = std::make_unique<std::vector<std::uint32_t>>(identifiers.begin(), identifiers.end());
    }
  }

  std::span<const std::uint32_t> view() const {
    if (many_) return *many_;
    if (one_ != 0) return {&one_, 1};
    return {};
  }

 private:
  std::unique_ptr<std::vector<std::uint32_t>> many_;
  std::uint32_t one_ = 0;
};

}  // namespace mqttzoo::core
