#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/homes/claim.hpp"
#include "broker/core/router.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// What the home of a Client Identifier knows of it, apart from its session: what stands in the log of the partition.
struct ClientState {
  std::string client_id;
  std::vector<Claim> claims;  ///< the last one is the newest
  std::optional<core::Will> delayed_will;
  core::ClusterMilliseconds delayed_will_at = 0;
};

/// Not written: what follows from a session that lives here.
proto::LogRecord record_of(const std::string& client_id, const std::vector<Claim>& claims,
                           const core::Will* delayed_will, core::ClusterMilliseconds delayed_will_at);

/// Nothing if a field is missing or out of its bounds.
std::optional<ClientState> state_of(std::string_view serialized_client_image);

}  // namespace mqttzoo::cluster
