#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/cluster/control/control_sender.hpp"
#include "broker/cluster/control/control_status.hpp"
#include "broker/cluster/control_limits.hpp"
#include "broker/cluster/control_reporter.hpp"
#include "broker/cluster/interest/interest_board.hpp"
#include "broker/cluster/interest/interest_receiver.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/links/links.hpp"
#include "broker/cluster/links/peer_slots.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/cluster/view/incarnation.hpp"
#include "broker/cluster/view/view.hpp"

namespace mqttzoo::cluster {

/// What the peers say that concerns others than ControlLinks. Called from link_frame.
class PeerWords {
 public:
  virtual ~PeerWords() = default;
  virtual void peer_enters(const SharedView& view) = 0;
  virtual void peer_is_ready(const Incarnation& peer, ViewNumber number) = 0;
  virtual void peer_left(const Incarnation& peer) = 0;
};

/// The peers of this broker and the control links with them: to each peer it opens one, on which it sends, and from
/// each it accepts one, on which it receives. The shards are told of each peer, so that they open their data links.
///
/// A peer is *linked* when both control links are up, a frame came within link_silence_max_ms (a stalled broker sends
/// none), its interest is in force at all our shards since the link from it came up, and the data links of all our
/// shards to it are up.
///
/// Lives on the control thread. Bounds: peers_max peers; output per link (ControlSender); a peer's interest
/// (InterestReceiver).
class ControlLinks {
 public:
  ControlLinks(std::uint16_t shard_count, const ControlLimits& limits, LinkTransport& transport, ControlPort& shards,
               InterestBoard& board, PeerWords& words, ControlReporter& reporter);

  /// Who we are from now on. There are no peers at that time.
  void identify(Incarnation self, std::string cluster);
  /// Peers from now on; those that are known already stay as they are. Beyond peers_max: one log line, tried again.
  void know(const std::vector<Member>& peers);
  std::vector<Incarnation> peers_except(const std::set<Incarnation>& peers) const;
  /// Forgets all others.
  void keep_only(const std::set<Incarnation>& peers);
  bool knows(const Incarnation& peer) const { return peers_.contains(peer); }

  void data_link(core::ShardIndex shard, DataLinkState state);
  void link_up(LinkId link, const proto::HelloAnswer& answer);
  void link_accepted(LinkId link, const proto::Hello& hello);
  bool link_frame(LinkId link, std::string_view frame);
  void link_down(LinkId link);

  /// Dates what was heard, notices silence.
  void step(core::Milliseconds now);
  /// Tells every peer what it has not been told yet. `view` is what members are to enter, nullptr if we are none.
  void send(const SharedView& view, bool ready, bool alive, core::Milliseconds now);
  /// Tells all peers that this broker acts no more.
  void send_left();
  /// True: a link was full at the last send.
  bool has_backlog() const { return backlog_; }

  /// Sorted.
  const std::vector<Incarnation>& linked() const { return linked_; }
  std::vector<PeerStatus> status() const;
  void forgive(core::Milliseconds gap);

 private:
  struct Peer {
    Member member;
    PeerSlot slot = 0;
    LinkId out = 0;
    bool out_up = false;
    std::optional<LinkId> in;
    ControlSender sender;
    InterestReceiver receiver;
    std::optional<std::uint64_t> applied;  ///< its interest is in force up to here, by the present link from it
    std::set<core::ShardIndex> data_links;
    bool heard = false;
    core::Milliseconds last_heard = 0;
    std::string why_not_linked = "not linked yet";  ///< empty: linked
  };

  void add(const Member& member);
  void forget(Peer& peer);
  Peer* by_link(LinkId link);
  Peer* by_slot(PeerSlot slot);
  const char* receive(Peer& peer, proto::ControlFrame&& frame);
  const char* take_interest(Peer& peer, InterestReceiver::Outcome outcome);
  const char* take_applied(const Peer& peer, std::uint64_t sequence);
  std::string why_not_linked(const Peer& peer, core::Milliseconds now) const;
  void release_log();

  const std::uint16_t shard_count_;
  const ControlLimits& limits_;
  LinkTransport& transport_;
  ControlPort& shards_;
  InterestBoard& board_;
  PeerWords& words_;
  ControlReporter& reporter_;
  Incarnation self_;
  std::string cluster_;
  PeerSlots slots_;
  std::map<Incarnation, Peer> peers_;
  LinkId last_link_ = 0;
  std::vector<Incarnation> linked_;
  bool backlog_ = false;
  bool said_too_many_ = false;
};

}  // namespace mqttzoo::cluster
