#pragma once

#include <cstdint>

#include "proto/mqtt/payload_lists.hpp"

namespace mqttzoo::mqtt {

/// The byte behind a Topic Filter in SUBSCRIBE (v5 3.8.3.1; v3 has the two bits of the QoS only).
/// Internal to the codec.
struct SubscriptionOptions {
  static constexpr std::uint8_t qos_mask = 0x03;

  std::uint8_t bits = 0;

  std::uint8_t qos() const { return bits & qos_mask; }
  bool no_local() const { return (bits & 0x04) != 0; }
  bool retain_as_published() const { return (bits & 0x08) != 0; }
  std::uint8_t retain_handling() const { return bits >> 4 & 0x03; }
  std::uint8_t reserved() const { return bits & 0xC0; }

  Subscription with(std::string_view topic_filter) const {
    return {topic_filter, static_cast<QoS>(qos()), no_local(), retain_as_published(),
            static_cast<RetainHandling>(retain_handling())};
  }

  static SubscriptionOptions of(const Subscription& subscription) {
    const unsigned bits = static_cast<unsigned>(subscription.qos) | (subscription.no_local ? 0x04U : 0U) |
                          (subscription.retain_as_published ? 0x08U : 0U) |
                          static_cast<unsigned>(subscription.retain_handling) << 4;
    return {static_cast<std::uint8_t>(bits)};
  }
};

}  // namespace mqttzoo::mqtt
