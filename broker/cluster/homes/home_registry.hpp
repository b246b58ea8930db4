#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "broker/cluster/homes/claim.hpp"
#include "broker/cluster/homes/home_messages.hpp"
#include "broker/cluster/partitions/partition_replica.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/deadline_queue.hpp"
#include "broker/core/ids.hpp"

namespace mqttzoo::cluster {

/// What a granted connection brings to its persistent session.
struct OpenSession {
  const std::string& client_id;
  bool clean_start = true;
  std::uint16_t receive_maximum = 65'535;
  bool refusable = true;
  std::optional<std::string_view> user_name;  ///< whose rights count
};

/// What a home does to others. None of it comes back to the registry before the call that caused it has returned.
class HomePort {
 public:
  virtual ~HomePort() = default;
  /// This broker, or one to which the link stands.
  virtual bool reaches(const Incarnation& frontend) const = 0;
  /// To the frontend of the connection.
  virtual void answer(HomeAnswer answer) = 0;
  /// To the frontend of the connection, if it can be reached; else it is asked for again by `frontend_reached`.
  virtual void ask_to_evict(EvictRequest request) = 0;
  virtual void publish_will(const core::Will& will) = 0;

  // The log of each partition.

  virtual void append(PartitionIndex partition, const proto::LogRecord& record) = 0;
  /// The last record that was appended.
  virtual LogIndex end_of_log(PartitionIndex partition) const = 0;
  virtual bool is_committed(PartitionIndex partition, LogIndex index) const = 0;
  /// Copies lack so much that nothing new is to be let in.
  virtual bool log_is_full() const = 0;

  // Persistent sessions live in the shard of their home.

  /// Resumes the session or begins one, and lets the connection serve it. Again for the same connection: lets it serve
  /// the session if it does not.
  virtual core::SessionOpened open_session(const ConnectionEpoch& connection, PartitionIndex partition,
                                           const OpenSession& request) = 0;
  /// The connection is gone.
  virtual void leave_session(const ConnectionEpoch& connection, const std::string& client_id,
                             std::uint32_t expiry_seconds) = 0;
  /// The connection serves the session no longer, which goes somewhere else.
  virtual void part_from_session(const ConnectionEpoch& connection) = 0;
  /// A session comes from another home. False: there is no room for it.
  virtual bool restore_session(const std::string& client_id, core::KeptSession&& session) = 0;
  virtual void discard_session(const std::string& client_id) = 0;
  /// Sessions whose Client Identifiers `keeps` refuses have another home now.
  virtual void discard_sessions(const std::function<bool(std::string_view client_id)>& keeps) = 0;
};

/// The home of the Client Identifiers whose partitions this shard owns: decides takeovers (P3) and keeps the wills
/// (P5).
///
/// Each connection that registers has a claim on its Client Identifier. The newest claim wins; it is granted when all
/// older ones have ended, by an Unregister of their frontends or because a frontend was removed from the view and its
/// fence is over. Nothing is granted but in a view that acts. A home that has the log of the one before it knows by the
/// claims whose fences matter. One that began without does not: it waits for the fences of all that had been removed by
/// then (members have ended the connections of persistent sessions whose home changed before they were Ready).
/// What happens to a will when its claim ends: DISCONNECT drops it, everything else publishes
/// it; after the Will Delay Interval where the session outlives the connection so long, at once where it does not
/// (v5 3.1.2.5, [MQTT-3.1.2-8] to [MQTT-3.1.2-10], [MQTT-3.1.3-9]; v3.1.1 3.1.2.5).
///
/// A granted claim that is not clean resumes or begins the session in this shard; a clean one ends it.
///
/// All claims and wills are in the log of their partition. What follows from a change (a grant, the answer to an
/// Unregister, a will) is done when the change is committed; so the next home goes on where this one was. A will is
/// published after that by this broker's own stream: it can be lost, but not come twice, if the home dies in between.
///
/// Bounded by registrations_max, registration_bytes_max and by how much copies lack: beyond them 0x89.
class HomeRegistry {
 public:
  HomeRegistry(core::ShardIndex shard, core::ShardIndex shard_count, const RouterLimits& limits,
               RouterCounters& counters, HomePort& port);

  /// Who this broker is. Forgets all claims: they were another incarnation's.
  void identify(const Incarnation& self);

  /// The clock of all calls that follow.
  void begin_turn(core::Now now);
  /// The end of the earliest Will Delay Interval, if any runs.
  bool has_deadline() const { return acting_ && !delays_.empty(); }
  core::Milliseconds next_deadline() const { return delays_.next(); }

  void receive(RegisterRequest&& request);
  void receive(const UnregisterRequest& request);

  /// Writes what has changed to the logs.
  void write_changes();
  /// Does what follows from changes that are committed. Grants wait until `permitted`: the lease holds by a clock read
  /// after they were decided.
  void tell(bool permitted);
  /// `tell` has something to do.
  bool has_to_tell() const;

  /// Nothing is granted until `act`; what is asked before then waits.
  void enter_view(SharedView view);
  /// All members have entered this view too, so all of them register by it.
  void act();

  // The partitions whose home this shard is.

  std::vector<std::string> clients_of(PartitionIndex partition) const;
  /// A serialized LogRecord; empty: there is no such client.
  std::string image_of(const std::string& client_id) const;
  /// This shard is their home from now on. Connections of before view `begun_without` may be missing.
  void adopt(PartitionIndex partition, ClientCopies clients, ViewNumber begun_without);
  /// It is not any more: everything of the partition goes. `committed`: and what follows from it is done first. What is
  /// returned has no sessions.
  ClientCopies release(PartitionIndex partition, bool committed);

  /// A removed incarnation acts no more: its connections are lost, its partitions are free.
  void fence_over(const Incarnation& incarnation);
  /// A link to this broker stands (again): what it was asked to end, and did not, it is asked again.
  void frontend_reached(const Incarnation& frontend);

  /// Served without ZooKeeper: connections at these frontends are not waited for any more where a newer one came. They
  /// are asked to end when their frontend is reached.
  void give_up_on(const std::function<bool(const Incarnation& frontend)>& unreachable);
  bool is_settled() const { return unsettled_.empty(); }

  std::size_t claims() const { return claims_; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Client {
    const std::string* client_id = nullptr;  ///< its key
    PartitionIndex partition = 0;
    std::vector<Claim> claims;  ///< the last one is the newest; only it waits or is granted
    core::Will delayed_will;    ///< while the deadline is scheduled
    core::ClusterMilliseconds delayed_will_at = 0;
    core::DeadlineSlot delay;
    bool changed = false;  ///< since the log has it
  };
  using Clients = std::unordered_map<std::string, Client>;

  void answer(const ConnectionEpoch& epoch, mqtt::ReasonCode reason);
  void answer_not_home(const ConnectionEpoch& epoch);
  void tell_grant(const ConnectionEpoch& epoch, Client& client);
  void tell_to_wait();
  void note_change(Client& client);
  void follow_up(PartitionIndex partition, std::variant<UnregisteredAnswer, core::Will> what);
  void stamp();
  void run(const std::variant<UnregisteredAnswer, core::Will>& what);
  void adopt(const std::string& image, bool has_session);
  void forget(Client& client);
  core::SessionOpened open_session(Client& client, Claim& claim);
  void grant(Client& client, const Claim& claim);
  bool waits_for_unreachable(const Client& client) const;
  void repeat_answer(Client& client, Claim& claim, bool established);
  static bool is_newer(const RegisterRequest& request, const Claim& last);
  void add_older(Client& client, RegisterRequest&& request);
  void add_newest(Client& client, RegisterRequest&& request);
  void send_evict(const Client& client, const Claim& claim);
  void drop_will(const Client& client, Claim& claim);

  bool may_grant(PartitionIndex partition) const;
  Claim make_claim(RegisterRequest&& request) const;
  void insert_claim(Client& client, std::vector<Claim>::iterator place, Claim claim);
  /// Takes the claim out and deals with its will. The caller reviews the client afterwards.
  void end_claim(Client& client, std::size_t place, core::ConnectionFate fate);
  void settle_will(Client& client, const Claim& claim);
  void publish(const Client& client, const core::Will& will) { follow_up(client.partition, will); }
  void end_delay(Client& client, bool publish_it);
  /// Grants the newest claim if nothing is in its way; forgets a client of whom nothing is left.
  void review(Client& client);
  void forget_if_empty(Client& client);

  bool is_home_of(PartitionIndex partition) const;
  bool fenced(PartitionIndex partition) const;
  /// The frontend is out of the view and its fence, if there was one, is over.
  bool departed(const Incarnation& frontend) const;
  void end_departed();
  void take_early();

  static std::size_t footprint_bytes(const std::string& client_id, const Claim& claim);

  const core::ShardIndex shard_;
  const core::ShardIndex shard_count_;
  const RouterLimits& limits_;
  RouterCounters& counters_;
  HomePort& port_;

  core::Now now_;
  Incarnation self_;
  SharedView view_;
  bool acting_ = false;
  std::set<Incarnation> fences_over_;
  /// Of partitions that this or an earlier home began without all claims: in which view.
  std::map<PartitionIndex, ViewNumber> begun_without_;

  Clients clients_;
  std::unordered_set<Client*> unsettled_;  ///< clients with a claim that waits or ends
  core::DeadlineQueue<Client, &Client::delay> delays_;
  struct Grant {
    Client* client = nullptr;
    bool told_to_wait = false;
  };
  std::map<ConnectionEpoch, Grant> grants_;  ///< decided, not told
  /// Changed, and not in the log yet.
  std::vector<std::pair<PartitionIndex, std::string>> changed_;
  /// What waits for the log of a partition to be committed up to `after`: its end as of the next write_changes.
  template <class What>
  struct FollowUp {
    std::optional<LogIndex> after;
    What what;
  };
  template <class What>
  using FollowUps = std::map<PartitionIndex, std::deque<FollowUp<What>>>;
  FollowUps<ConnectionEpoch> grants_to_tell_;
  FollowUps<std::variant<UnregisteredAnswer, core::Will>> follow_ups_;
  /// Asked before this broker acted in its view.
  struct Early {
    std::optional<RegisterRequest> asks;
    std::optional<UnregisterRequest> leaves;
  };
  std::map<ConnectionEpoch, Early> early_;
  std::size_t claims_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace mqttzoo::cluster
