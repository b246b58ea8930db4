#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker/cluster/homes/frontend_registrations.hpp"
#include "broker/cluster/homes/home_registry.hpp"
#include "broker/cluster/interest/interest_tree.hpp"
#include "broker/cluster/interest/own_interest.hpp"
#include "broker/cluster/interest/share_table.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/letters.hpp"
#include "broker/cluster/links/accepted_links.hpp"
#include "broker/cluster/links/forward_reader.hpp"
#include "broker/cluster/links/links.hpp"
#include "broker/cluster/links/peer_table.hpp"
#include "broker/cluster/links/stream_marks.hpp"
#include "broker/cluster/links/unfinished_window.hpp"
#include "broker/cluster/partitions/commit_waits.hpp"
#include "broker/cluster/partitions/partition_logs.hpp"
#include "broker/cluster/partitions/session_records.hpp"
#include "broker/cluster/retained/retained_lanes.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/sessions/session_channels.hpp"
#include "broker/cluster/shard_letters.hpp"
#include "broker/cluster/shard_port.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/ring.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// The part of the cluster layer that lives on one shard's thread: carries publishes to whoever is interested,
/// registers the shard's connections at their homes, and is the home of some Client Identifiers itself.
///
/// A turn of the shard: begin_turn with a clock read after the wait; then letters, frames and calls of the core in any
/// order; then end_of_turn with a clock read anew; then the transport flushes and the mailboxes are handed over.
/// Nothing is acknowledged but in end_of_turn, after that second read has shown that the lease holds.
///
/// Data links: LinkId = PeerSlot for those it opens; accepted ones as the transport names them.
///
/// The way of a publish: at QoS 0 it is delivered and sent, and that is all. At QoS 1 and 2 it is held while this
/// broker may not act; then matched, delivered to this broker's sessions, and kept in the unfinished window until every
/// interested member has answered in the present view, and the persistent sessions of this broker have it in logs that
/// are committed. Retained ones pass the retained store before all that.
///
/// A message from another broker goes to the sessions of this shard and, through the mailboxes, of its siblings. It is
/// answered when all of them have it in their logs. In a new view everything comes again: then only the partitions that
/// do not have it take it.
class ShardRouter final : public core::Router,
                          public LinkOwner,
                          private HomePort,
                          private FrontendPort,
                          private ChannelPort,
                          private PartitionPort {
 public:
  static constexpr core::Milliseconds no_deadline = std::numeric_limits<core::Milliseconds>::max();

  ShardRouter(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
              RouterCounters& counters, ShardPort& port, LinkTransport& transport, const LeaseDeadline& lease);
  ~ShardRouter() override;
  ShardRouter(const ShardRouter&) = delete;
  ShardRouter& operator=(const ShardRouter&) = delete;

  /// Once, before anything else: the two know each other.
  void attach(core::RouterClient& client);

  void begin_turn(core::Now now);
  void receive(ToShard&& letter);
  void receive(ShardLetter&& letter);
  void end_of_turn(core::Now fresh);
  /// When the next turn is wanted at the latest; no_deadline: when something happens.
  core::Milliseconds next_deadline() const;

  // core::Router
  void publish(core::RoutedMessage& message, core::PublishTicket ticket) override;
  bool must_pause() const override;
  core::SessionJournal* journal() override { return &records_; }
  void interest_added(std::string_view filter) override;
  void interest_removed(std::string_view filter) override;
  void share_changed(std::string_view name, core::ShareMembers members) override;
  void publish_to_share(const std::string& name, core::MessageRef message) override;
  void settle_subscription(core::SubscribeTicket ticket, std::vector<std::string> retained_filters) override;
  void register_connection(core::ConnectionId connection, const core::Registration& registration) override;
  void unregister_connection(core::ConnectionId connection, core::ConnectionFate fate,
                             std::uint32_t session_expiry_seconds) override;

  // LinkOwner: the data links
  void link_up(LinkId link, const proto::HelloAnswer& answer) override;
  void link_accepted(LinkId link, const proto::Hello& hello) override;
  bool link_frame(LinkId link, std::string_view frame) override;
  void link_down(LinkId link) override;

 private:
  struct Held {
    core::MessageRef message;
    core::PublishTicket ticket;
    SharedInterestRef share;  ///< null: for all who match
  };
  /// A message for a Shared Subscription and whose turn it is.
  struct SharedTurn {
    SharedInterestRef share;
    InterestOwner owner;
    SharedAttempt attempt;
  };
  /// All that comes of a PUBLISH in the window finishes together.
  struct OnePublish {
    OnePublish(UnfinishedWindow& to, core::PublishTicket of, std::uint64_t whole_of_it, std::uint64_t number_of_it)
        : window(to), ticket(of), whole(whole_of_it), number(number_of_it) {}
    explicit OnePublish(UnfinishedWindow& to) : OnePublish(to, {}, 0, 0) {}
    OnePublish(const OnePublish&) = delete;
    ~OnePublish() {
      if (held) window.kept_here(whole);
    }

    UnfinishedWindow& window;
    const core::PublishTicket ticket;
    std::uint64_t whole;         ///< what stands in the window for all of it; 0: nothing yet
    const std::uint64_t number;  ///< that would be the number; 0: a new one
    bool held = false;           ///< `whole` is open for one part more until all choices have been made
  };
  struct Acknowledgement {
    core::PublishTicket ticket;
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  };
  /// What the frontend and the home of this same shard say to each other, so that neither is called from inside its own
  /// call.
  using OwnLetter = std::variant<HomeRequest, HomeAnswer>;

  // shard_router.cpp: turns
  bool may_act(core::Now now) const { return acting_ && lease_.permits(now.steady); }
  void acknowledge();
  void settle_homes(bool permitted);
  void resume_if_emptier();
  void update_gauges();

  // shard_router_publish.cpp: the way of a publish
  void route(core::RoutedMessage& message, core::PublishTicket ticket, bool counted);
  void route_at_most_once(core::RoutedMessage& message);
  void route_acknowledged(core::RoutedMessage& message, core::PublishTicket ticket, bool counted);
  void route_with_shares(core::RoutedMessage& message, core::PublishTicket ticket, bool counted, const Targets& targets,
                         const std::vector<SharedTurn>& turns);
  void finish_locally(core::PublishTicket ticket, bool matched);
  void hold(core::MessageRef message, core::PublishTicket ticket, SharedInterestRef share);
  void publish_in_lane(core::RoutedMessage& message, core::PublishTicket ticket);
  void release_held();
  bool deliver_from_peer(const ForwardFrame::Message& message, const HandedOn& handed_on, std::size_t& open);
  std::uint64_t take_number();
  void append_numbered(std::uint64_t number, core::MessageRef message, core::PublishTicket ticket, IndexSet remote,
                       std::size_t open);
  StreamId own_stream() const { return {self_, shard_}; }
  void hand_to_shards(IndexSet shards, core::RoutedMessage& message, const HandedOn& handed_on);
  bool take_room(core::PublishTicket ticket);
  void note_growth();
  std::size_t waiting_messages() const { return window_.size() + held_.size() + lanes_.size(); }
  std::size_t waiting_bytes() const { return window_.bytes() + held_bytes_ + lanes_.bytes(); }
  bool window_full() const;
  void take(RetainedStored&& letter);
  void take(DeliverHere&& letter);

  // shard_router_records.cpp: what persistent sessions keep of messages
  HandedOn handed_on(const StreamId& stream, std::uint64_t number, bool repeated) const;
  bool has_to_keep() const { return view_ && !view_->copies.empty() && view_->members.size() > 1; }
  std::size_t deliver(core::RoutedMessage& message, const HandedOn& handed_on, std::size_t& open);
  core::SharedDelivery deliver_to_share(const std::string& name, core::RoutedMessage& message, bool able_only,
                                        const HandedOn& handed_on, std::size_t& open);
  std::size_t end_message(const HandedOn& handed_on);
  void deliver_again(std::uint64_t number);
  void run_due();
  void kept(const TakenMessage& message);
  HandedOn as_of_this_view(HandedOn handed_on);
  void answer_sibling(const HandedOn& from, std::size_t open);
  void tell_sibling(const TakenMessage& message, std::size_t letters);
  void tell_siblings();
  void take(DeliverLetter&& letter);
  void take(const DeliveredLetter& letter);
  void take(DeliverSharedLetter&& letter);

  // shard_router_shares.cpp: one member of each Shared Subscription that matches
  InterestOwner own_sessions() const { return {InterestOwner::Kind::shard, shard_}; }
  void choose_members(std::string_view topic, IndexSet peers, std::vector<SharedTurn>& turns);
  void share_at_most_once(core::RoutedMessage& message, IndexSet peers);
  void share_acknowledged(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish);
  void share_in_this_broker(core::RoutedMessage& message, const SharedTurn& turn);
  void hand_to_shard(core::RoutedMessage& message, const SharedTurn& turn, const HandedOn& handed_on);
  void share_here_acknowledged(core::RoutedMessage& message, const SharedTurn& turn, OnePublish& publish);
  HandedOn open_whole(core::RoutedMessage& message, OnePublish& publish);
  void share_again(core::RoutedMessage& message, const SharedInterestRef& share, const SharedAttempt& attempt,
                   const std::optional<InterestOwner>& just_declined, OnePublish& publish);
  SharedAttempt after(SharedAttempt attempt, InterestOwner declined) const;
  bool share_from_peer(core::RoutedMessage& message, const ForwardFrame::Message& from, const HandedOn& handed_on,
                       std::size_t& open);
  void choose_again(std::uint64_t number, const std::optional<InterestOwner>& just_declined);
  void choose_those_left();
  void tell_own_interest();

  // shard_router_peers.cpp: links and frames
  void take(PeerKnown&& letter);
  void take(PeerGone&& letter);
  void forward_at_most_once(IndexSet peers, const core::RoutedMessage& message);
  void forward_at_most_once(PeerSlot slot, const core::RoutedMessage& message, const SharedTurn* turn);
  void add_to_batch(PeerSlot slot, Peer& peer, const core::MessageView& message, const ForwardBatch::Item& item);
  void send_unfinished();
  void close_batches();
  void write_answers();
  bool take_data_frame(AcceptedLink& link, std::string_view frame);
  void take_forward(AcceptedLink& link);
  enum class Numbered : std::uint8_t { kept, open, declined };
  Numbered take_numbered(AcceptedLink& link, const ForwardFrame::Message& message);
  bool take_data_answer(PeerSlot slot, Peer& peer, std::string_view frame);
  bool fail_link();
  std::size_t unsent_bytes(PeerSlot slot, const Peer& peer) {
    return transport_.output(slot).size() + peer.batch.bytes();
  }
  void forget_gone_streams();

  // shard_router_view.cpp: who this broker is, views, interest
  void take(Identified&& letter);
  void take(Reincarnated&& letter);
  void take(EnterView&& letter);
  void take(ActInView&& letter);
  void take(FenceOver&& letter);
  void take(InterestOf&& letter);
  void take(InterestSettled&& letter);
  void take(RetainedRead&& letter);
  void forget_publishes();
  void forget_logs();
  void forget_shared_qos2();
  void confirm(OwnInterest::Settling&& subscribe);

  // shard_router_alone.cpp: served without ZooKeeper
  void look_who_is_missing();
  void do_without(IndexSet missing);
  core::Milliseconds look_at_members_at() const;

  // shard_router_homes.cpp: between frontends and homes
  void answer(HomeAnswer answer) override;
  void ask_to_evict(EvictRequest request) override;
  void publish_will(const core::Will& will) override;
  bool reaches(const Incarnation& home) const override;
  bool has_room(const Incarnation& home) const override;
  void ask_home(const Incarnation& home, HomeRequest request) override;
  void admit(core::ConnectionId connection) override;
  void refuse(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) override;
  void redirect(core::ConnectionId connection, const std::string& server_reference) override;
  core::SessionInlet& session_of(core::ConnectionId connection, PartitionIndex partition,
                                 const RegisteredAnswer& answer) override;
  void admit_to_session(core::ConnectionId connection, core::SessionInlet& session, bool session_present) override;
  void end_connection(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) override;
  void pass_on(HomeRequest&& request);
  void handle(HomeRequest&& request);
  void handle(HomeAnswer&& answer);
  void send_to(const Incarnation& broker, HomeRequest request);
  bool take_own_letters();

  // shard_router_sessions.cpp: persistent sessions and their channels
  static ChannelId channel_of(const ConnectionEpoch& connection) {
    return {{connection.frontend, connection.shard}, connection.serial};
  }
  core::SessionOpened open_session(const ConnectionEpoch& connection, PartitionIndex partition,
                                   const OpenSession& request) override;
  void leave_session(const ConnectionEpoch& connection, const std::string& client_id,
                     std::uint32_t expiry_seconds) override;
  void discard_session(const std::string& client_id) override;
  void discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) override;
  void send_to_home(const Incarnation& home, SessionPackets packets) override;
  void send_to_frontend(SessionPackets packets) override;
  bool has_room_to_frontend(const ChannelId& channel) override;
  bool has_room_to_home(const Incarnation& home) override;
  bool take_from_frontend(const AcceptedLink& link, proto::SessionPackets& packets);

  // shard_router_partitions.cpp: the logs of partitions
  void append(PartitionIndex partition, const proto::LogRecord& record) override { logs_.append(partition, record); }
  LogIndex end_of_log(PartitionIndex partition) const override { return logs_.end_of(partition); }
  bool is_committed(PartitionIndex partition, LogIndex index) const override {
    return logs_.is_committed(partition, index);
  }
  void part_from_session(const ConnectionEpoch& connection) override;
  bool restore_session(const std::string& client_id, core::KeptSession&& session) override;
  bool log_is_full() const override { return logs_.full(); }
  std::optional<PeerSlot> slot_of(const Incarnation& broker) const override { return peers_.slot_of(broker); }
  Room room_for_records(PeerSlot slot) const override;
  void send_records(PeerSlot slot, const proto::Replicate& frame) override;
  void answer_records(const StreamId& from, const proto::Replicated& answer) override;
  void copy_is_complete(const CopyComplete& letter) override { port_.send_to_control(letter); }
  std::vector<std::string> clients_of(PartitionIndex partition) const override;
  std::string image_of(const std::string& client_id) const override { return home_.image_of(client_id); }
  std::string session_image_of(const std::string& client_id, std::uint64_t& from, std::size_t bytes_max) const override;
  void want_before(PartitionIndex partition, std::vector<std::string> filters) override;
  void want(const std::string& filter);
  void want_no_more(const std::string& filter);
  void tell_share(const std::string& name);
  void begin_partition(PartitionIndex partition, ClientCopies clients, ViewNumber begun_without) override;
  ClientCopies end_partition(PartitionIndex partition, bool handed_over) override;
  bool take_records(const StreamId& from, proto::Replicate& frame);
  bool take_records_answer(PeerSlot slot, const proto::Replicated& answer);
  void tell_view_entered();
  void pass_to_frontend(SessionPackets packets);
  void lose_frontend(const StreamId& frontend);

  const core::ShardIndex shard_;
  const core::ShardIndex shard_count_;
  const RouterLimits limits_;
  RouterCounters& counters_;
  ShardPort& port_;
  LinkTransport& transport_;
  const LeaseDeadline& lease_;
  core::RouterClient* client_ = nullptr;

  core::Now now_;
  Incarnation self_;
  std::string cluster_;
  SharedView view_;
  bool acting_ = false;     ///< all members are Ready in `view_`
  bool may_match_ = false;  ///< acting, and the lease held when the turn began
  IndexSet members_;        ///< the slots of the other members, while acting; those that count
  /// All of them; more than members_ while the lease is waived and some are out of reach.
  IndexSet members_of_view_;
  std::map<PeerSlot, core::Milliseconds> missing_since_;  ///< while the lease is waived

  InterestTree interest_;
  ShareTable shares_;
  OwnInterest own_interest_;
  /// What sessions want that will live here, by filter, and whose sessions.
  std::map<std::string, std::size_t, std::less<>> wanted_before_;
  std::map<PartitionIndex, std::vector<std::string>> wanted_by_;
  core::Milliseconds members_told_at_ = 0;
  std::unordered_map<std::uint64_t, core::SubscribeTicket> reads_;  ///< by the ticket of ReadRetained
  std::uint64_t last_read_ = 0;

  UnfinishedWindow window_;
  RetainedLanes lanes_;
  core::Ring<Held> held_;
  std::size_t held_bytes_ = 0;
  bool pausing_ = false;
  std::vector<Acknowledgement> acknowledgements_;  ///< matched and finished, to be told when the lease is seen to hold
  std::vector<Acknowledgement> acknowledging_;     ///< kept for its memory
  std::vector<core::PublishTicket> finished_;      ///< kept for its memory
  std::vector<RetainedLanes::Released> released_;  ///< kept for its memory
  std::vector<SharedTurn> turns_;                  ///< kept for its memory
  std::vector<std::uint64_t> to_choose_again_;     ///< in window_, when this broker may act again

  PeerTable peers_;
  AcceptedLinks accepted_;
  StreamMarks marks_;
  ForwardFrame incoming_;  ///< kept for its memory

  PartitionLogs logs_;
  CommitWaits waits_;
  SessionRecords records_;
  std::vector<SessionRecords::Commitment> commitments_;  ///< kept for its memory
  std::map<core::ShardIndex, std::vector<TakenMessage>> to_tell_siblings_;
  /// What siblings handed on, by stream and number.
  struct HandedOpen {
    std::size_t letters = 0;  ///< to be answered
    std::size_t parts = 0;    ///< not kept yet
  };
  std::map<std::pair<StreamId, std::uint64_t>, HandedOpen> handed_open_;
  HomeRegistry home_;
  FrontendRegistrations frontends_;
  SessionChannels channels_;
  core::Ring<OwnLetter> own_letters_;

  bool turn_wanted_ = false;    ///< something was left for the next turn
  bool wait_for_room_ = false;  ///< a link was full
  bool entering_ = false;       ///< control has not been told that the view is entered
  bool wait_for_lease_ = false;
};

}  // namespace mqttzoo::cluster
