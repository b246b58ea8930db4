#pragma once

#include <optional>

#include "broker/cluster/homes/home_messages.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

void to_proto(const ConnectionEpoch& epoch, proto::ConnectionEpoch& out);
void to_proto(const core::Will& will, proto::WillRecord& out);
/// False if a field is missing or out of its bounds.
bool from_proto(const proto::ConnectionEpoch& from, ConnectionEpoch& out);
/// The same; whose will it is has to be said by the caller.
bool from_proto(const proto::WillRecord& from, core::Will& out);

/// Requests and answers between frontend and home as they travel between brokers. The home that asks or
/// answers is not written: it is who the link says.
void to_proto(const HomeRequest& request, proto::HomeRequest& out);
void to_proto(const HomeAnswer& answer, proto::HomeAnswer& out);

/// Nothing if a field is missing or out of its bounds. `sender` becomes the `home` of Evict and of answers.
std::optional<HomeRequest> from_proto(const proto::HomeRequest& request, const Incarnation& sender);
std::optional<HomeAnswer> from_proto(const proto::HomeAnswer& answer, const Incarnation& sender);

}  // namespace mqttzoo::cluster
