#pragma once

#include <string>
#include <string_view>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "proto/cluster/znodes.pb.h"

namespace mqttzoo::cluster {

void to_proto(const Incarnation& incarnation, proto::Incarnation& out);
/// Within their bounds.
ClientAddresses client_addresses_from(const google::protobuf::RepeatedPtrField<std::string>& addresses);
Incarnation from_proto(const proto::Incarnation& incarnation);

proto::View to_proto(const View& view);
/// Nothing if the view breaks what View promises: a number that cannot be counted on from; no member, or too many;
/// members not sorted or twice; a shard count of 0; no partition, or a primary that is no member; a removed incarnation
/// that is a member.
SharedView from_proto(const proto::View& view);

/// As it stands in /view and in Enter.
std::string serialize(const View& view);
SharedView parse_view(std::string_view bytes);

}  // namespace mqttzoo::cluster
