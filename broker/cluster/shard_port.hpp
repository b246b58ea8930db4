#pragma once

#include "broker/cluster/letters.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

struct ShardLetter;

/// The mailboxes of one shard, as its router sees them. Appending is cheap; everything is handed over at the end of the
/// turn. A router never sends to its own shard.
class ShardPort {
 public:
  virtual ~ShardPort() = default;
  virtual void send_to_control(ToControl letter) = 0;
  virtual void send_to_shard(core::ShardIndex to, ShardLetter letter) = 0;
};

/// The mailboxes of control.
class ControlPort {
 public:
  virtual ~ControlPort() = default;
  virtual void send_to_shard(core::ShardIndex to, ToShard letter) = 0;
};

}  // namespace mqttzoo::cluster
