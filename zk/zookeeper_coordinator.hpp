#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "broker/cluster/coordinator.hpp"
#include "broker/common/backoff.hpp"
#include "zk/blocking_work.hpp"
#include "zk/mailbox.hpp"
#include "zk/options.hpp"
#include "zk/outage_notice.hpp"
#include "zk/packet_size.hpp"
#include "zk/session.hpp"
#include "zk/timer_thread.hpp"

namespace mqttzoo::zk {

/// The coordinator over a real ensemble: keeps one session open for ever. Lives on the control thread; a callback may
/// destroy it. Threads besides: two of the C client per session, one for timers, and short-lived ones that open and
/// close sessions; none of them runs a callback.
///
/// `connected` is told once the chroot exists. Requests are sent in that state only: while `connecting` they are
/// answered connection_loss, while `expired` session_expired, without being sent. When the connection drops, everything
/// in flight is answered connection_loss at once; it may still be carried out, but never after a request made later.
/// When the session ends, everything in flight is answered session_expired and every watch is called, in this order
/// after the change of state. A session that ended is followed by another, with back-off and jitter, for ever.
///
/// Bounds: requests in flight (Options), packets of 1,048,575 bytes (too_large). A multi that was lost or refused as a
/// whole carries that status in each part.
class ZooKeeperCoordinator final : public cluster::Coordinator, private SessionListener {
 public:
  /// Starts connecting. Throws std::invalid_argument where an option makes no sense.
  ZooKeeperCoordinator(Options options, Post post, Log log);
  /// Without a close() before, the session is ended in the background, and this waits for at most a second.
  ~ZooKeeperCoordinator() override;

  SessionState session_state() const override { return state_; }
  /// While `expired`: still the session that ended.
  std::int64_t session_id() const override { return session_id_; }
  std::int32_t session_timeout_ms() const override { return session_timeout_ms_; }
  void on_session_change(SessionCallback callback) override { on_session_change_ = std::move(callback); }

  void get(std::string_view path, WatchCallback watch, DataCallback done) override;
  void children(std::string_view path, WatchCallback watch, ChildrenCallback done) override;
  void create(std::string_view path, std::string_view data, cluster::CreateMode mode, CreateCallback done) override;
  void set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) override;
  void remove(std::string_view path, std::int32_t version, StatusCallback done) override;
  void multi(std::vector<cluster::MultiOperation> operations, MultiCallback done) override;

  /// First waits for what is in flight, for at most half of the deadline; what then still is gets connection_loss.
  /// Watches are forgotten without a call. Requests made after it are answered connection_loss.
  void close(std::int32_t deadline_ms, std::function<void()> done) override;

 private:
  using Status = cluster::CoordinatorStatus;
  enum class Closing : std::uint8_t { no, draining, ending, done };

  // Told by the session.
  void session_opened(bool usable, std::string_view why_not) override;
  void session_connected(const Connection& connection) override;
  void session_dropped() override;
  void session_ended(bool credentials_refused) override;
  void session_log(bool is_error, std::string message) override;
  void reply_handled() override;

  void open_session();
  void reopen_later();
  void retire_session();
  void prepare_session();
  void create_chroot(std::size_t element_end);
  void retry_chroot(const Reply& reply);
  void announce_connected();
  void change_state(SessionState state);
  void await_outage_notice();

  std::optional<Status> refusal(std::string_view path, std::size_t packet_bytes) const;
  void submit(std::optional<Status> refused, Session::Finish finish, const std::function<void(Session::Finish)>& send);
  Session::Finish finisher(const char* verb, std::string_view path, std::function<void(Reply&)> tell);
  Session::Watch watcher(WatchCallback watch);
  std::string server_path(std::string_view path) const;
  std::string client_path(std::string path) const;

  void end_session();
  void finish_close();

  const Options options_;
  const Log log_;
  const PacketSize packet_size_;
  const std::shared_ptr<Mailbox> mailbox_;
  TimerThread timers_;
  BlockingWork blocking_work_;
  std::mt19937_64 random_;

  std::shared_ptr<Session> session_;  ///< null while none is open
  std::uint64_t session_serial_ = 0;  ///< tells whether a timer still means the present session
  Connection connection_;
  bool prepared_ = false;  ///< this session's credentials are given and its chroot is there
  bool authenticated_ = false;
  Backoff reopen_backoff_;
  OutageNotice outage_;
  bool notice_timer_runs_ = false;
  std::string last_failure_;

  SessionState state_ = SessionState::connecting;
  std::int64_t session_id_ = 0;
  std::int32_t session_timeout_ms_ = 0;
  SessionCallback on_session_change_;

  Closing closing_ = Closing::no;
  std::function<void()> close_done_;
};

}  // namespace mqttzoo::zk
