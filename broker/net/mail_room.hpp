#pragma once

#include <cstddef>
#include <memory>
#include <variant>
#include <vector>

#include "broker/cluster/letters.hpp"
#include "broker/cluster/shard_letters.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/listener_rules.hpp"
#include "broker/net/connection_count.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/mailbox.hpp"
#include "broker/net/peer_links.hpp"
#include "broker/net/socket_address.hpp"
#include "broker/net/unique_fd.hpp"

namespace mqttzoo::net {

/// An accepted client on its way to the shard that serves it.
struct AcceptedClient {
  UniqueFd socket;
  SocketAddress from;
  ConnectionPlace place;
  const core::ListenerRules* rules;  ///< of its listener
};

/// A clean stop: tell all clients, and say AllClientsGone when their sockets are closed.
struct EndClients {};
struct AllClientsGone {};

using MailToShard = std::variant<cluster::ToShard, AcceptedClient, AcceptedPeer, EndClients>;
using MailToControl = std::variant<cluster::ToControl, AllClientsGone>;

/// All loops of the process and the mailboxes between them. Made before the threads start and destroyed after they
/// ended.
class MailRoom {
 public:
  explicit MailRoom(core::ShardIndex shard_count);

  core::ShardIndex shard_count() const { return static_cast<core::ShardIndex>(shards_.size()); }
  EventLoop& control_loop() { return control_; }
  EventLoop& shard_loop(core::ShardIndex shard) { return shards_[shard]->loop; }

  Mailbox<MailToShard>& from_control(core::ShardIndex to) { return shards_[to]->from_control; }
  Mailbox<MailToControl>& to_control(core::ShardIndex from) { return shards_[from]->to_control; }
  Mailbox<cluster::ShardLetter>& between(core::ShardIndex from, core::ShardIndex to) {
    return shards_[to]->from_shards[from];
  }

 private:
  struct Shard {
    explicit Shard(core::ShardIndex shard_count) : from_shards(shard_count) {}
    EventLoop loop;
    Mailbox<MailToShard> from_control;
    Mailbox<MailToControl> to_control;
    std::vector<Mailbox<cluster::ShardLetter>> from_shards;
  };

  EventLoop control_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace mqttzoo::net
