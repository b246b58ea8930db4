#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/coordinator.hpp"
#include "zk/packet_size.hpp"

namespace mqttzoo::support {

class FakeEnsemble;

/// What fails when a client is cut off with requests under way. It hears connection_loss either way.
enum class Loss : std::uint8_t {
  requests,  ///< they do not arrive
  replies,   ///< they are carried out, and nobody tells
};

struct FakeReply {
  cluster::CoordinatorStatus status = cluster::CoordinatorStatus::connection_loss;
  std::string data;
  cluster::ZnodeStat stat;
  std::vector<std::string> names;
  std::vector<cluster::MultiResult> parts;
  std::int64_t zxid = 0;
};

struct FakeRequest {
  enum class Kind : std::uint8_t { get, children, change, end_session };
  Kind kind = Kind::get;
  std::string path = {};
  std::vector<cluster::MultiOperation> operations = {};  ///< change: one, or the parts of a multi
  bool watch = false;
  std::uint64_t number = 0;      ///< the client's, counted up
  std::uint64_t connection = 0;  ///< the connection that it was sent on
  std::int64_t session_id = 0;
};

/// The network between a client and the ensemble, which is its owner.
struct FakeLink {
  int server = 0;
  bool cut = false;
  std::uint64_t cuts = 0;
  bool establishing = false;           ///< the ensemble has answered, the client has not heard yet
  std::uint64_t connection = 0;        ///< counts connections
  std::uint64_t requests_lost_to = 0;  ///< what was sent on connections up to this one does not arrive
  std::uint64_t replies_lost_to = 0;
  std::int64_t last_arrival_ms = 0;
  std::int64_t last_delivery_ms = 0;
};

/// The client's side of a session: the C client and the code over it in one, without threads. What the ensemble tells
/// it comes from events; each may call back several times, and a callback may end it.
class FakeClient : public std::enable_shared_from_this<FakeClient> {
 public:
  using State = cluster::Coordinator::SessionState;
  using SessionCallback = cluster::Coordinator::SessionCallback;
  using Watch = cluster::Coordinator::WatchCallback;
  using Answer = std::function<void(FakeReply&)>;
  using WatchTable = std::map<std::string, std::vector<Watch>>;
  enum class Event : std::uint8_t { created, changed, removed, children };

  /// As the C client keeps them: a get that found no node watches for its existence.
  struct Watches {
    WatchTable data;
    WatchTable existence;
    WatchTable children;
  };

  FakeClient(FakeEnsemble& ensemble, std::int32_t session_timeout_ms, std::size_t requests_in_flight_max)
      : timeout_ms(session_timeout_ms), ensemble_(ensemble), requests_in_flight_max_(requests_in_flight_max) {}

  // ---- For the coordinator ----
  State state() const { return state_; }
  std::int64_t session_id() const { return session_id_; }
  std::int32_t granted_timeout_ms() const { return session_id_ == 0 ? 0 : timeout_ms; }
  void on_session_change(SessionCallback callback) { on_session_change_ = std::move(callback); }
  void request(FakeRequest request, std::size_t packet_bytes, Watch watch, Answer answer);
  void close(std::int32_t deadline_ms, std::function<void()> done);
  /// As when the process is killed: nothing is told any more, and the ensemble finds out by itself.
  void vanish();

  // ---- For the ensemble ----
  FakeLink link;
  const std::int32_t timeout_ms;
  bool gone() const { return gone_; }
  /// The session to go on with on a new connection; 0: a new one.
  std::int64_t session_to_resume() const { return state_ == State::expired ? 0 : session_id_; }
  const Watches& watches() const { return watches_; }
  std::int64_t last_seen_zxid() const { return last_seen_zxid_; }
  void connected(std::int64_t session_id);
  void expired();
  void dropped();
  void replied(std::uint64_t number, FakeReply reply);
  void watch_event(Event event, const std::string& path);

 private:
  struct Pending {
    std::uint64_t number = 0;
    FakeRequest::Kind kind = FakeRequest::Kind::get;
    std::string path;
    Watch watch;
    Answer answer;
  };

  std::optional<cluster::CoordinatorStatus> refusal(const FakeRequest& request, std::size_t packet_bytes) const;
  void change_state(State state);
  void answer_all(cluster::CoordinatorStatus status);
  void keep_watch(Pending& pending, cluster::CoordinatorStatus status);
  void fire(WatchTable& table, const std::string& path);
  void fire_all();
  void finish_close();

  FakeEnsemble& ensemble_;
  std::size_t requests_in_flight_max_;
  State state_ = State::connecting;
  std::int64_t session_id_ = 0;
  SessionCallback on_session_change_;
  std::uint64_t last_number_ = 0;
  std::deque<Pending> pending_;
  Watches watches_;
  std::int64_t last_seen_zxid_ = 0;
  bool closing_ = false;
  bool gone_ = false;  ///< closed, or its process is: nothing is told any more
  std::function<void()> close_done_;
};

/// A coordinator of the fake ensemble, opened by FakeEnsemble::open. Behaves as zk::ZooKeeperCoordinator does (the
/// contract tests hold both to it), except that destroying it without a close() is a process that was killed: its
/// session lasts until its timeout.
class FakeCoordinator final : public cluster::Coordinator {
 public:
  explicit FakeCoordinator(std::shared_ptr<FakeClient> client) : client_(std::move(client)) {}
  ~FakeCoordinator() override { client_->vanish(); }

  SessionState session_state() const override { return client_->state(); }
  std::int64_t session_id() const override { return client_->session_id(); }
  std::int32_t session_timeout_ms() const override { return client_->granted_timeout_ms(); }
  void on_session_change(SessionCallback callback) override { client_->on_session_change(std::move(callback)); }

  void get(std::string_view path, WatchCallback watch, DataCallback done) override;
  void children(std::string_view path, WatchCallback watch, ChildrenCallback done) override;
  void create(std::string_view path, std::string_view data, cluster::CreateMode mode, CreateCallback done) override;
  void set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) override;
  void remove(std::string_view path, std::int32_t version, StatusCallback done) override;
  void multi(std::vector<cluster::MultiOperation> operations, MultiCallback done) override;
  void close(std::int32_t deadline_ms, std::function<void()> done) override {
    client_->close(deadline_ms, std::move(done));
  }

 private:
  friend class FakeEnsemble;
  void change(cluster::MultiOperation operation, FakeClient::Answer answer);

  std::shared_ptr<FakeClient> client_;
  zk::PacketSize packet_size_;
};

}  // namespace mqttzoo::support
