#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_coordinator.hpp"
#include "tests/support/fake_znode_tree.hpp"

namespace mqttzoo::support {

/// A ZooKeeper ensemble in memory on a virtual clock: the same calls and the same random numbers behind the latency
/// give the same run. Nothing happens but in advance_to and run_next; callbacks are made from there.
///
/// A leader puts all changes into one order; each server applies them in that order, after its apply delay, and answers
/// its sessions: so reads may be stale, and a watch may come late, exactly as far as ZooKeeper allows. What it promises
/// holds by construction: one FIFO pipe per session and direction; a session reads what it wrote; it is told of a
/// change that it watches before it reads that change; all parts of a multi or none.
///
/// Time is in milliseconds from 0. An ensemble outlives its coordinators.
class FakeEnsemble {
 public:
  struct Options {
    int servers = 1;
    /// How long a message is under way in one direction.
    std::function<std::int64_t()> latency_ms = [] { return std::int64_t{1}; };
    std::int64_t reconnect_delay_ms = 50;
    /// What its wall clock says at time 0.
    std::int64_t wall_clock_start_ms = 1'700'000'000'000;
  };

  struct SessionOptions {
    std::int32_t timeout_ms = 4'000;
    std::size_t requests_in_flight_max = 10'000;
    int server = 0;
  };

  FakeEnsemble() : FakeEnsemble(Options{}) {}
  explicit FakeEnsemble(Options options);

  std::unique_ptr<FakeCoordinator> open() { return open(SessionOptions{}); }
  std::unique_ptr<FakeCoordinator> open(SessionOptions options);

  // ---- Time ----
  std::int64_t now_ms() const { return now_ms_; }
  /// Runs all events up to and including this time.
  void advance_to(std::int64_t now_ms);
  /// Moves the clock to the next event and runs it. False when there is none.
  bool run_next();
  std::optional<std::int64_t> next_event_ms() const;
  std::int64_t wall_clock_ms() const { return options_.wall_clock_start_ms + now_ms_ + wall_clock_step_ms_; }
  /// Steps the ensemble's wall clock, as an operator might: time stamps of znodes follow it.
  void step_wall_clock(std::int64_t by_ms) { wall_clock_step_ms_ += by_ms; }

  // ---- Faults ----
  /// Ends the session now, as the leader does when it has not heard from a client for its timeout.
  void expire(FakeCoordinator& coordinator);
  /// Nothing gets through any more; `Loss` says what becomes of what the client sends until it notices. The ensemble
  /// ends the session after its timeout.
  void cut(FakeCoordinator& coordinator, Loss loss, std::int64_t noticed_after_ms = 0);
  /// The client may connect again.
  void heal(FakeCoordinator& coordinator);
  /// A connection that breaks once.
  void drop(FakeCoordinator& coordinator, Loss loss);
  /// The ensemble forgets what the session watches, and does not say so. (ZooKeeper promises not to.)
  void lose_watches(FakeCoordinator& coordinator);
  /// Without a quorum changes wait, connections are not taken and sessions do not end; reads are still answered.
  void set_quorum(bool present);
  /// No server does anything, but what was sent before arrives. A client gives up on its connection after two thirds of
  /// its timeout. After resume() all that waited goes on in its order.
  void pause();
  void resume();
  /// From now on this server applies changes, answers them and fires watches so much later than the leader.
  void set_apply_delay_ms(int server, std::int64_t delay_ms);

  // ---- What the leader has ----
  std::optional<std::string> data(const std::string& path) const;
  std::vector<std::string> children(const std::string& path) const;
  std::optional<cluster::ZnodeStat> stat(const std::string& path) const;
  std::size_t znodes() const { return leader_.size(); }
  bool session_alive(std::int64_t session_id) const { return find_session(session_id) != nullptr; }

 private:
  friend class FakeClient;
  using Client = std::shared_ptr<FakeClient>;

  /// A request at its server, waiting for its turn.
  struct Waiting {
    FakeRequest request;
    FakeReply reply;
    std::optional<std::uint64_t> agreed;  ///< a change: how many transactions a server has applied when it may answer
  };

  struct Session {
    std::int64_t id = 0;
    Client client;
    bool ended = false;
    std::set<std::string> data_watches;  ///< by get, for changes and for existence
    std::set<std::string> children_watches;
    std::deque<Waiting> queue;
  };
  using SessionRef = std::shared_ptr<Session>;

  struct Server {
    FakeZnodeTree tree;
    std::uint64_t applied = 0;
    std::int64_t apply_delay_ms = 0;
    std::int64_t last_apply_ms = 0;
  };

  // For FakeClient.
  void schedule(std::int64_t delay_ms, std::function<void()> event);
  void connect(const Client& client, std::int64_t delay_ms);
  void reconnect(const Client& client);
  void send(const Client& client, FakeRequest request);
  void vanished(const Client& client);

  // The network.
  void deliver(const Client& client, std::function<void(FakeClient&)> message);
  void cut_link(FakeLink& link, Loss loss);
  void connection_broken(const Client& client, std::uint64_t connection);
  void retry_connections();

  // Sessions on the servers' side.
  void take_connection(const Client& client);
  void resume_session(const SessionRef& session);
  void restore_watches(Session& session);
  void expire_when_silent(const SessionRef& session);
  void end_session(const SessionRef& session);
  SessionRef find_session(std::int64_t id) const;
  std::vector<FakeChange> removal_of_ephemerals(std::int64_t session_id) const;

  // Requests.
  void arrive(const Client& client, FakeRequest request);
  void propose(const SessionRef& session, std::uint64_t number);
  void apply_to_leader(const FakeTransaction& transaction, Waiting& waiting);
  void agree(FakeTransaction transaction);
  FakeTransaction transaction(std::vector<FakeChange> changes);
  void apply_next(std::size_t server);
  void fire_watches(std::size_t server, const FakeChange& change);
  void send_event(const SessionRef& session, FakeClient::Event event, const std::string& path);
  void answer_queue(const SessionRef& session);
  void read(Session& session, Waiting& waiting);

  Options options_;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_clock_step_ms_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t last_event_ = 0;

  FakeZnodeTree leader_;
  std::vector<Server> servers_;
  std::deque<FakeTransaction> log_;  ///< from the first that some server has not applied
  std::uint64_t log_start_ = 0;      ///< how many came before
  std::int64_t last_zxid_ = std::int64_t{1} << 32;

  std::map<std::int64_t, SessionRef> sessions_;
  std::int64_t last_session_id_ = 0x1000;
  std::vector<std::weak_ptr<FakeClient>> clients_;
  std::vector<Client> waiting_connections_;
  std::vector<std::pair<SessionRef, std::uint64_t>> waiting_for_quorum_;
  std::vector<std::function<void()>> waiting_for_resume_;
  bool quorum_ = true;
  bool paused_ = false;
  std::uint64_t pauses_ = 0;
};

}  // namespace mqttzoo::support
