#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/cluster/homes/home_messages.hpp"
#include "broker/cluster/lease_deadline.hpp"
#include "broker/cluster/router_counters.hpp"
#include "broker/cluster/router_limits.hpp"
#include "broker/cluster/view/view.hpp"
#include "broker/core/ids.hpp"
#include "broker/core/router.hpp"

namespace mqttzoo::cluster {

/// What a frontend does to others. The calls to the core may come back at once (a connection that is ended
/// unregisters).
class FrontendPort {
 public:
  virtual ~FrontendPort() = default;
  /// This broker, or one to which the link stands.
  virtual bool reaches(const Incarnation& home) const = 0;
  /// The link can take more now.
  virtual bool has_room(const Incarnation& home) const = 0;
  virtual void ask_home(const Incarnation& home, HomeRequest request) = 0;

  /// To a clean session.
  virtual void admit(core::ConnectionId connection) = 0;
  virtual void refuse(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) = 0;
  /// To the server that is named, where its session lives.
  virtual void redirect(core::ConnectionId connection, const std::string& server_reference) = 0;
  /// The home has opened the persistent session of the connection: what it sends waits until the connection attaches.
  virtual core::SessionInlet& session_of(core::ConnectionId connection, PartitionIndex partition,
                                         const RegisteredAnswer& answer) = 0;
  virtual void admit_to_session(core::ConnectionId connection, core::SessionInlet& session, bool session_present) = 0;
  virtual void end_connection(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) = 0;
  virtual void publish_will(const core::Will& will) = 0;
};

/// This shard's connections as their homes have to know them. Each one registers, and is kept here with all that
/// another home would need, until its home has answered Unregister. Requests are sent in views that act, one after the
/// other at the end of a turn, and again after a broken link and in each view that brings another home.
///
/// While no home can be reached for home_wait_ms (no view, or one that does not act yet; no link; a home that waits for
/// a fence or for its own lease) a clean session is admitted without one, and goes on registering; the newer connection
/// wins when they meet (P3, P8). A connection to a persistent session waits for session_wait_ms and is refused then;
/// one that stands ends when its session gets another home or is out of reach.
///
/// A grant of a persistent session waits for the end of the turn, and for the lease by the clock that was read there:
/// it may have been on its way for long, and whoever was removed meanwhile must not serve the session.
///
/// A broker without a lease does not know who else serves the same sessions by now. After coordination_grace_ms it ends
/// the connections to persistent sessions, and refuses new ones at once until it has a lease again (P8).
///
/// Who wants to be served where its session lives is sent there, if that is another broker that can be reached, and
/// told where it is. Whoever comes to the home of its session is served there: nobody is sent round in circles.
///
/// An Unregister goes to the next home too, until one has answered: homes hand on what they have decided. One that no
/// home can have seen is told together with the registration; one that was sent is not, since the will may have been
/// published (never twice, P5). One thread; bounded by connections_max.
class FrontendRegistrations {
 public:
  FrontendRegistrations(core::ShardIndex shard, const RouterLimits& limits, RouterCounters& counters,
                        FrontendPort& port);

  /// Who this broker is, told for the first time.
  void identify(const Incarnation& self) { self_ = self; }
  /// This broker was removed from the view and goes on as `self`: all connections end, and the wills that no other
  /// broker can know of are published.
  void reincarnate(const Incarnation& self);

  /// The clock of all calls that follow; admits, refuses and ends whoever has waited long enough.
  void begin_turn(core::Now now, const LeaseDeadline& lease);
  std::optional<core::Milliseconds> next_deadline(const LeaseDeadline& lease) const;

  void connect(core::ConnectionId connection, const core::Registration& registration);
  void disconnect(core::ConnectionId connection, core::ConnectionFate fate, std::uint32_t session_expiry_seconds);

  void enter_view(SharedView view);
  void act();
  /// The link to a broker stands (again): what it has not answered is repeated.
  void home_reached(const Incarnation& home);
  /// The link to a broker is gone, and with it what was on its way to and from sessions there: their connections end.
  void home_lost(const Incarnation& home);

  void receive(const RegisteredAnswer& answer);
  void receive(const UnregisteredAnswer& answer);
  void receive(const EvictRequest& request);

  /// Connections whose session has been opened are admitted to it: the lease holds by a clock that was read after the
  /// grants came. False: there were none.
  bool admit_granted();
  bool has_granted() const { return !granted_.empty(); }

  /// Sends what waits. True: some could not be sent for want of room.
  bool send_waiting();

  std::size_t size() const { return records_.size(); }

 private:
  enum class State : std::uint8_t { registering, registered, unregistering };
  struct Record {
    core::ConnectionId connection;
    core::ClusterMilliseconds connected_at_ms = 0;
    core::Milliseconds connected_steady = 0;
    core::Registration registration;
    Incarnation home;  ///< who was sent the Register; no name: nobody that counts
    State state = State::registering;
    core::ConnectionFate fate = core::ConnectionFate::lost;  ///< while unregistering
    bool admitted = false;                                   ///< the client has its CONNACK
    bool ending = false;                                     ///< the core was told to end the connection
    bool home_waits = false;                                 ///< the home answered that it cannot decide yet
    bool unregister_sent = false;                            ///< to `home`
    bool queued = false;
    bool timed = false;

    /// A connection to a persistent session that stands.
    bool serves_session() const { return registration.persistent() && admitted && state != State::unregistering; }
    bool has_home() const { return !home.name.empty(); }
  };
  using Records = std::unordered_map<std::uint64_t, Record>;  ///< by serial
  struct Grant {
    core::SessionInlet* session = nullptr;
    bool session_present = false;
  };
  struct Wait {
    core::Milliseconds until = 0;
    std::uint64_t serial = 0;
  };

  Record* find(const ConnectionEpoch& epoch);
  ConnectionEpoch epoch_of(const Record& record) const;
  const Member& home_of(const std::string& client_id) const;
  const Incarnation& home_of(const Record& record) const;
  const std::string* better_server(const core::Registration& registration) const;
  void enqueue(Record& record);
  void end(Record& record, mqtt::ReasonCode reason, const char* detail);
  void look_at_lease(const LeaseDeadline& lease);
  void end_sessions_service();
  void time(Record& record);
  void wait_is_over(Record& record);
  void refuse_without_home(Record& record);
  const char* why_no_home(const Record& record) const;
  const Incarnation* receiver(const Record& record) const;
  void send(Record& record, const Incarnation& home);
  void ask_register(const Record& record, bool established);
  void forget(Record& record);
  void refuse(Record& record, mqtt::ReasonCode reason, const char* detail);
  bool nobody_else_knows(const Record& record) const;

  const core::ShardIndex shard_;
  const RouterLimits& limits_;
  RouterCounters& counters_;
  FrontendPort& port_;

  core::Now now_;
  Incarnation self_;
  SharedView view_;
  SharedView acted_;  ///< the last one that acted
  bool acting_ = false;
  core::Milliseconds permitted_at_ = 0;  ///< when it was last seen that this broker may serve
  std::optional<core::Milliseconds> without_lease_since_;
  bool refuses_sessions_ = false;  ///< for longer than the grace

  /// Each connection is later than the one before, also within a millisecond.
  core::ClusterMilliseconds last_connected_at_ms_ = 0;
  Records records_;
  std::map<std::uint64_t, Grant> granted_;  ///< by serial: persistent sessions that wait for the lease
  std::deque<std::uint64_t> queue_;         ///< serials of records that have something to send
  std::deque<Wait> waits_;                  ///< all are equally long, so they stand in order
};

}  // namespace mqttzoo::cluster
