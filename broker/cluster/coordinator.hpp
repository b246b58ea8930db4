#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mqttzoo::cluster {

/// What the ensemble said of one request.
enum class CoordinatorStatus : std::uint8_t {
  ok,
  /// The connection went away with the request in flight: it may or may not have been carried out. Never "failed".
  connection_loss,
  /// The session has ended; its ephemerals are gone or will be. Nothing of this session is carried out any more.
  session_expired,
  no_node,
  node_exists,
  bad_version,
  not_empty,
  /// Refused before it was sent: the request is over the packet limit of the ensemble (1 MiB with its overhead).
  too_large,
  /// Anything else, e.g. no authorisation; `detail` in the log says what.
  failed,
  /// A part of a multi that was not looked at, since an earlier part failed. Parts before the one that failed say ok
  /// and were undone. When the whole was lost or refused, every part says what the whole says.
  not_tried,
};

const char* to_string(CoordinatorStatus status);
/// The request may have been carried out or not; nothing comes back on this connection.
constexpr bool is_lost(CoordinatorStatus status) {
  return status == CoordinatorStatus::connection_loss || status == CoordinatorStatus::session_expired;
}

/// The fields of ZooKeeper's Stat that the cluster uses. Times are the ensemble's wall clock in milliseconds.
struct ZnodeStat {
  std::int64_t created_zxid = 0;
  std::int64_t modified_zxid = 0;
  std::int64_t modified_time_ms = 0;
  std::int64_t ephemeral_owner = 0;
  std::int32_t version = -1;
};

inline constexpr std::int32_t any_version = -1;

enum class CreateMode : std::uint8_t { persistent, ephemeral, persistent_sequential };

/// One part of a multi: all parts are carried out, or none.
struct MultiOperation {
  enum class Kind : std::uint8_t { create, set, remove, check };
  Kind kind = Kind::check;
  std::string path;
  std::string data;                    ///< create, set
  std::int32_t version = any_version;  ///< set, remove, check
  CreateMode mode = CreateMode::persistent;
};

struct MultiResult {
  CoordinatorStatus status = CoordinatorStatus::not_tried;
  std::string created_path;  ///< create: the path with its sequence number
  ZnodeStat stat;            ///< set, create (where the server tells)
};

/// One session with the ensemble, as the cluster layer needs it. Implemented over the C client in zk/, and on a virtual
/// clock for tests. Lives on the control thread: all calls are made there and all callbacks arrive there, in the order
/// in which the ensemble answered; no callback is made from inside a call. Callbacks of one session are FIFO, as
/// ZooKeeper promises. Paths are relative to the chroot of the connect string and absolute within it ("/view").
///
/// Requests are sent in state connected only: while connecting they are answered connection_loss, while expired
/// session_expired, without being sent, so wait for the change of state before trying again. When the connection drops,
/// all that is in flight is answered connection_loss; what was lost so may still be carried out, but not after a
/// request that was made later.
///
/// Bounds: at most `requests_in_flight_max` (implementation's option, default 10,000) requests wait for an answer;
/// further ones are answered `connection_loss` at once without being sent.
class Coordinator {
 public:
  enum class SessionState : std::uint8_t {
    connecting,  ///< no server yet, or none any more; the session may still live
    connected,
    expired,  ///< this session is over; a new one is being opened, `connected` with another id follows
  };

  using StatusCallback = std::function<void(CoordinatorStatus)>;
  using StatCallback = std::function<void(CoordinatorStatus, const ZnodeStat&)>;
  using DataCallback = std::function<void(CoordinatorStatus, std::string data, const ZnodeStat&)>;
  using CreateCallback = std::function<void(CoordinatorStatus, std::string created_path)>;
  using ChildrenCallback = std::function<void(CoordinatorStatus, std::vector<std::string> names)>;
  using MultiCallback = std::function<void(CoordinatorStatus, std::vector<MultiResult>)>;
  /// One-shot, as in ZooKeeper: something about the path changed; read again to learn what. Also called when the
  /// session ends, since the watch ends with it.
  using WatchCallback = std::function<void()>;
  /// Told on every change of state, with the id of the session (0 while there is none).
  using SessionCallback = std::function<void(SessionState, std::int64_t session_id)>;

  virtual ~Coordinator() = default;

  virtual SessionState session_state() const = 0;
  virtual std::int64_t session_id() const = 0;
  /// The timeout that the ensemble granted, in milliseconds; 0 before the first connection.
  virtual std::int32_t session_timeout_ms() const = 0;
  virtual void on_session_change(SessionCallback callback) = 0;

  /// `watch` may be empty: then none is set. A watch by get is also set when there is no node, where the implementation
  /// falls back to exists: it fires when the node is created. A watch on the children of no node is not set.
  virtual void get(std::string_view path, WatchCallback watch, DataCallback done) = 0;
  virtual void children(std::string_view path, WatchCallback watch, ChildrenCallback done) = 0;
  virtual void create(std::string_view path, std::string_view data, CreateMode mode, CreateCallback done) = 0;
  virtual void set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) = 0;
  virtual void remove(std::string_view path, std::int32_t version, StatusCallback done) = 0;
  virtual void multi(std::vector<MultiOperation> operations, MultiCallback done) = 0;

  /// Ends the session now: its ephemerals go at once. `done` is called when the server has confirmed, or after
  /// `deadline_ms`; what is in flight is answered before, watches are forgotten without a call. No other callback is
  /// made after `done`.
  virtual void close(std::int32_t deadline_ms, std::function<void()> done) = 0;
};

}  // namespace mqttzoo::cluster
