#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "broker/core/kept_session.hpp"
#include "proto/cluster/peer.pb.h"

/// Persistent sessions as they stand in records and snapshots. What is read may be anything: nothing or false, if it
/// has a field that is missing or out of its bounds.
namespace mqttzoo::cluster {

void to_proto(const core::MessageView& message, proto::ForwardedMessage& out);
std::optional<core::MessageRef> from_proto(const proto::ForwardedMessage& message);

/// `change` is not Accepted, which has a record of its own.
void to_proto(const std::string& client_id, const core::SessionChange& change, proto::SessionChange& out);
std::optional<core::SessionChange> from_proto(const proto::SessionChange& change);

/// Without the message itself.
void to_proto(const core::session_change::Accepted& accepted, proto::KeptMessage& out);
std::optional<core::session_change::Accepted> from_proto(const proto::KeptMessage& kept, core::MessageRef message);

/// Messages of `kept` only, unless it is the first part.
void to_proto(const std::string& client_id, const core::KeptSession& kept, bool first, proto::SessionImage& out);
/// Adds to what `session` has. The first part replaces all but the messages that came before it.
bool add_image(const proto::SessionImage& image, core::KeptSession& session);

}  // namespace mqttzoo::cluster
