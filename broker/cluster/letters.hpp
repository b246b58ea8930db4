#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/message.hpp"
#include "broker/core/router.hpp"
#include "proto/mqtt/reason_code.hpp"

/// What the control thread and the shards of one broker say to each other. Letters travel through mailboxes, one per
/// pair and direction, FIFO, appended during a turn and handed over at its end. (What shards say among themselves is in
/// shard_letters.hpp.)
namespace mqttzoo::cluster {

/// A remote incarnation that this broker has links to: a small index, given by control, not reused while any shard may
/// still hold it. At most `peers_max` at a time.
using PeerSlot = std::uint16_t;
inline constexpr PeerSlot peers_max = 64;

/// Whose interest a filter is: another shard of this broker or another broker.
struct InterestOwner {
  enum class Kind : std::uint8_t { shard, peer } kind = Kind::shard;
  std::uint16_t index = 0;
  auto operator<=>(const InterestOwner&) const = default;
  friend std::size_t hash_value(const InterestOwner& owner) {
    return static_cast<std::size_t>(owner.index) << 1 | static_cast<std::size_t>(owner.kind);
  }
};

/// The members that a Shared Subscription has at an owner; none: it is gone there.
struct ShareInterest {
  std::string name;  ///< "$share/ShareName/filter"
  core::ShareMembers members;
};

// ---------------------------------------------------------------- control to shards

/// Who this process is and which cluster it belongs to, for the Hello of its links. Told once, before any other letter
/// that speaks of peers or views; with ZooKeeper not before that was reached for the first time.
struct Identified {
  Incarnation incarnation;
  std::string cluster;  ///< Hello.cluster
};

/// A peer is known: open the data link to it and keep it open (reconnecting) until PeerGone.
struct PeerKnown {
  PeerSlot slot = 0;
  Incarnation incarnation;
  std::string cluster_address;
  std::uint16_t shard_count = 1;
};
struct PeerGone {
  PeerSlot slot = 0;
};

/// Interest of others, in order. The shard answers InterestTaken{token} when it sends by it. `replace`: forget what the
/// owner wanted before (a snapshot after a broken link).
struct InterestOf {
  std::uint64_t token = 0;
  InterestOwner owner;
  bool replace = false;
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<ShareInterest> shares{};
};

/// Stop acting: from the answer ViewEntered on this shard acknowledges nothing and refuses Forwards of older views.
struct EnterView {
  SharedView view;
};

/// Every member is Ready in this view: match what is unfinished again, resend, act.
struct ActInView {
  ViewNumber number = 0;
};

/// The removed incarnation acts no more for certain (its lease is over, it said Left or its ephemeral is gone):
/// takeovers of its connections and its partitions may go on.
struct FenceOver {
  Incarnation incarnation;
};

/// Everybody knows this shard's interest up to `sequence` (InterestChanged).
struct InterestSettled {
  std::uint64_t sequence = 0;
};

/// This process was removed from the view and goes on under a new incarnation: end all connections, forget streams,
/// marks and registrations. All peers have gone before (PeerGone); those that are left come back in other slots.
struct Reincarnated {
  Incarnation incarnation;
};

/// What became of a StoreRetained.
struct RetainedStored {
  enum class Outcome : std::uint8_t {
    stored,     ///< committed; the message carries its retained_version
    refused,    ///< `reason` to the publisher; the message is not delivered
    live_only,  ///< delivered live, acknowledged, not stored; counted
  };
  std::uint64_t ticket = 0;
  Outcome outcome = Outcome::stored;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
};

struct RetainedRead {
  std::uint64_t ticket = 0;
  std::vector<core::RetainedMatch> matches;
};

/// For the sessions of this shard that match ($SYS).
struct DeliverHere {
  core::MessageRef message;
};

using ToShard = std::variant<Identified, PeerKnown, PeerGone, InterestOf, EnterView, ActInView, FenceOver,
                             InterestSettled, Reincarnated, RetainedStored, RetainedRead, DeliverHere>;

// ---------------------------------------------------------------- shards to control

/// First and last subscriptions of filters in this shard, numbered in order from 1. A filter stands in `added` or
/// `removed` when the shard's need for it began or ended, a Shared Subscription in `shares` with the members that it
/// has now.
struct InterestChanged {
  std::uint64_t sequence = 0;
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<ShareInterest> shares{};
};

struct InterestTaken {
  std::uint64_t token = 0;
};

struct ViewEntered {
  ViewNumber number = 0;
};

struct DataLinkState {
  PeerSlot slot = 0;
  bool up = false;
};

/// Store (or, with an empty payload, delete) the retained value of the topic; `refusable` as in PublishTicket.
struct StoreRetained {
  std::uint64_t ticket = 0;
  core::MessageRef message;
  bool refusable = false;
};

/// All retained values that match, no older than the newest one acknowledged anywhere before this letter was written.
struct ReadRetained {
  std::uint64_t ticket = 0;
  std::vector<std::string> filters;
};

/// A learner in the view with this number has all of a partition whose primary is this broker.
struct CopyComplete {
  ViewNumber view_number = 0;
  PartitionIndex partition = 0;
  Incarnation copy;
};

using ToControl =
    std::variant<CopyComplete, InterestChanged, InterestTaken, ViewEntered, DataLinkState, StoreRetained, ReadRetained>;

}  // namespace mqttzoo::cluster
