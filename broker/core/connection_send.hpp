#pragma once

#include "broker/core/connection.hpp"
#include "broker/core/shard_context.hpp"
#include "broker/core/version_policy.hpp"
#include "proto/mqtt/encode.hpp"

namespace mqttzoo::core {

// How a Connection writes; for its own sources only.

inline mqtt::ByteBuffer& Connection::out() {
  shard_.buffers.lend(output_);
  shard_.dirty.add(*this);
  return output_;
}

template <class Packet>
void Connection::send(const Packet& packet) {
  if (client_packet_bytes_max_ != unlimited) [[unlikely]] {
    // v5 [MQTT-3.1.2-24]. A client that takes no acknowledgements gets none.
    if constexpr (requires { mqtt::encoded_size(packet, version_); }) {
      if (!fits(mqtt::encoded_size(packet, version_))) {
        shard_.counters.dropped(DropReason::larger_than_client_takes).add();
        return;
      }
    }
  }
  mqtt::encode(out(), packet, version_);
  ++traffic_.packets_sent;
  shard_.counters.packets_sent.add();
}

/// An acknowledgement, with a Reason String where it is of an error and the client wants it (v5 [MQTT-3.1.2-29], 4.13).
template <class Packet>
void Connection::send_reasoned(Packet packet, mqtt::ReasonCode reason) {
  if (mqtt::is_error(reason) && problem_information_ && policy_of(version_).has_properties) [[unlikely]] {
    shard_.properties.clear();
    shard_.properties.add_string(mqtt::PropertyId::reason_string, mqtt::to_string(reason));
    packet.properties = shard_.properties.view();
    if (!fits(mqtt::encoded_size(packet, version_))) packet.properties = {};
  }
  send(packet);
}

}  // namespace mqttzoo::core
