#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker/cluster/retained/retained_cache.hpp"
#include "broker/core/message.hpp"

/// Retained values as they stand in znodes and in the change log (proto::RetainedValue).
namespace mqttzoo::cluster {

std::string encode_retained_value(const core::MessageView& message, core::ClusterMilliseconds expires_at,
                                  std::uint64_t credit_bytes);
std::string encode_deleted_value(std::string_view topic, std::uint64_t credit_bytes);

/// What the bytes say, without versions. Nothing for what no broker writes: strangers' and damaged values. Each part is
/// checked as if it came from a client, since it is sent to clients.
std::optional<RetainedEntry> decode_retained_value(std::string_view bytes);

/// The message itself, or a copy of it that lasts until `expires_at`.
core::MessageRef message_with_expiry(core::MessageRef message, core::ClusterMilliseconds expires_at);

}  // namespace mqttzoo::cluster
