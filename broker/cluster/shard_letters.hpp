#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "broker/cluster/homes/home_messages.hpp"
#include "broker/cluster/interest/targets.hpp"
#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/sessions/session_packets.hpp"
#include "broker/core/message.hpp"
#include "proto/cluster/peer.pb.h"

/// What the shards of one broker say to each other, through the mailboxes of ShardPort. Only routers write and read
/// them.
namespace mqttzoo::cluster {

/// Where a message came from that shards hand to each other, and whether they wait for each other.
struct HandedOn {
  core::ShardIndex from = 0;  ///< who gets DeliveredLetter
  ViewNumber view = 0;
  StreamId stream;
  std::uint64_t number = 0;  ///< 0: of no stream, nobody waits
  bool repeated = false;     ///< only persistent sessions may not have it yet
  bool answered = false;     ///< by DeliveredLetter, when it is kept
};

/// For the sessions of the receiving shard that match. The sender has matched, so the receiver sends it to nobody else.
struct DeliverLetter {
  core::MessageRef message;
  HandedOn handed_on;
};

/// The receiver handed these messages on, and they are kept here.
struct DeliveredLetter {
  ViewNumber view = 0;
  std::vector<TakenMessage> messages;
};

/// For one member of a Shared Subscription in the receiving shard. If there is none by then the receiver sends it on.
struct DeliverSharedLetter {
  core::MessageRef message;
  std::string name;
  SharedAttempt attempt;
  HandedOn handed_on;
};

/// Register and Unregister go to the shard that is home, Evict to the shard of the connection.
struct HomeRequestLetter {
  HomeRequest request;
};

/// For a connection of this broker: goes to its shard. For another broker's: goes to the shard that holds the link
/// which that broker's shard opened, and is written there.
struct HomeAnswerLetter {
  HomeAnswer answer;
};

/// Packets of a channel on their way to the shard of the session.
struct PacketsToHomeLetter {
  SessionPackets packets;
};

/// And to the shard of the connection, or to the one that holds the link to it, as HomeAnswerLetter does.
struct PacketsToFrontendLetter {
  SessionPackets packets;
};

/// The link that another broker's shard opened is gone: the channels of its connections end.
struct FrontendLostLetter {
  StreamId frontend;
};

/// Records of a partition, from its primary's shard, on their way to the shard that keeps the copy.
struct RecordsLetter {
  StreamId from;
  proto::Replicate frame;
};

/// And the answer, to the shard that holds the link by which they came.
struct RecordsAnswerLetter {
  StreamId to;
  proto::Replicated answer;
};

struct ShardLetter {
  std::variant<DeliverLetter, DeliveredLetter, DeliverSharedLetter, HomeRequestLetter, HomeAnswerLetter,
               PacketsToHomeLetter, PacketsToFrontendLetter, FrontendLostLetter, RecordsLetter, RecordsAnswerLetter>
      content;
};

}  // namespace mqttzoo::cluster
