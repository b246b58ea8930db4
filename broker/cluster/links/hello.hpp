#pragma once

#include <string>

#include "broker/cluster/view/incarnation.hpp"
#include "proto/cluster/peer.pb.h"

namespace mqttzoo::cluster {

/// The first frame on a link that `from` opens to `to`. (Data links add the shard.)
proto::Hello make_hello(proto::LinkKind kind, const Incarnation& from, const Incarnation& to, std::uint16_t shard_count,
                        const std::string& cluster);

/// Whom a Hello may reach here.
struct HelloExpectation {
  Incarnation self;              ///< epoch 0: not registered yet
  std::string cluster;           ///< empty: not known yet
  bool sender_is_known = false;  ///< the sender is registered or a member, and not removed
};

/// Why the link is refused, in plain words for the other broker's log; empty: it is accepted. The text of the Hello is
/// not repeated beyond 64 characters of each field: it may be anything.
std::string why_refused(const proto::Hello& hello, const HelloExpectation& expected);

}  // namespace mqttzoo::cluster
