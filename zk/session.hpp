#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/cluster/coordinator.hpp"
#include "zk/client_log.hpp"
#include "zk/mailbox.hpp"

struct _zhandle;  // zookeeper.h stays inside zk/*.cpp

namespace mqttzoo::zk {

/// What a server answered, whatever the request: each kind of request fills its part.
struct Reply {
  cluster::CoordinatorStatus status = cluster::CoordinatorStatus::connection_loss;
  const char* detail = "";  ///< the C client's words for what went wrong
  std::string data;         ///< get: the value; create: the path
  cluster::ZnodeStat stat;
  std::vector<std::string> names;
  std::vector<cluster::MultiResult> parts;
};

/// Told of a session's life on the control thread.
class SessionListener {
 public:
  struct Connection {
    std::int64_t session_id = 0;
    std::int32_t timeout_ms = 0;
    std::string server;
  };
  virtual void session_opened(bool usable, std::string_view why_not) = 0;
  virtual void session_connected(const Connection& connection) = 0;
  virtual void session_dropped() = 0;
  /// Expired, or the ensemble refused our credentials: this session does nothing any more.
  virtual void session_ended(bool credentials_refused) = 0;
  virtual void session_log(bool is_error, std::string message) = 0;
  virtual void reply_handled() = 0;

 protected:
  ~SessionListener() = default;
};

/// One session with the ensemble: one handle of the C client from zookeeper_init to zookeeper_close, its requests in
/// flight and its watches. Paths are the server's, with the chroot.
///
/// Threads: open() and close() block and belong to a thread of their own; all else is the control thread's. The C
/// client's completion thread only copies what arrived into the request's Reply and pushes an event; its I/O thread
/// only logs. The events hold plain pointers to the session: whoever closes it pushes one last event that owns it.
///
/// Ownership: a Request belongs to the session until its reply was delivered or the handle is closed, because the C
/// client writes into it until then. Watches are known to the C client by number only, so none can dangle: it may name
/// a watch several times, or never again.
class Session {
 public:
  using Finish = std::function<void(Reply&)>;
  using Watch = std::function<void()>;

  struct Settings {
    std::string hosts;
    std::int32_t timeout_ms = 0;
    bool creator_only = false;  ///< access control of what is created
  };

  Session(Settings settings, std::shared_ptr<Mailbox> mailbox, SessionListener* listener);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Blocks as long as name resolution does. Its end is told by session_opened.
  void open();
  /// Blocks while open() runs, then until the C client is done with the network (some seconds at most). Ends the
  /// session on the server where there is a connection. Nothing is delivered afterwards; open() does nothing
  /// afterwards.
  void close();

  /// Credentials for this connection and, by the C client, for every later one. False: not connected any more.
  bool add_digest_auth(const std::string& user_and_password);

  /// With a watch, also watches for the creation of a node that does not exist.
  void get(const std::string& path, Watch watch, Finish finish);
  void exists(const std::string& path, Finish finish);
  void children(const std::string& path, Watch watch, Finish finish);
  void create(const std::string& path, std::string_view data, cluster::CreateMode mode, Finish finish);
  void set(const std::string& path, std::string_view data, std::int32_t version, Finish finish);
  void remove(const std::string& path, std::int32_t version, Finish finish);
  /// The paths of the operations are complete already. Every part of the reply is filled, whatever the status.
  void multi(const std::vector<cluster::MultiOperation>& operations, Finish finish);

  std::size_t requests_in_flight() const { return requests_.size(); }
  /// Every request in flight is answered so, in order, from events of their own; replies that still arrive are dropped.
  void answer_all(cluster::CoordinatorStatus status);
  /// Every watch is called, from events of their own, and forgotten.
  void fire_watches();
  /// From here on nobody is told anything; requests and watches are forgotten.
  void detach();

 private:
  struct Request;
  struct MultiCall;
  struct Callbacks;  // what the C client calls
  struct WatchedGet;

  Request& add_request(Finish finish);
  void sent(Request& request, int return_code);
  void deliver(Request& request);
  std::uint64_t add_watch(Watch watch);
  void fire_watch(std::uint64_t id);
  void watched_get(const std::string& path, Watch watch, Finish finish);
  void log_line(bool is_error, std::string_view message);

  const Settings settings_;
  const std::shared_ptr<Mailbox> mailbox_;
  SessionListener* listener_;

  ClientLog log_;
  std::int64_t log_window_start_ms_ = 0;
  int log_lines_in_window_ = 0;

  std::mutex handle_life_;      ///< held while the handle is opened or closed
  bool closed_ = false;         ///< under handle_life_
  _zhandle* opened_ = nullptr;  ///< under handle_life_
  _zhandle* handle_ = nullptr;  ///< the control thread's: set before the listener hears of a connection

  std::list<Request> requests_;  ///< in the order of sending, which is the order of the replies
  std::map<std::uint64_t, Watch> watches_;
  std::uint64_t next_watch_ = 1;
};

}  // namespace mqttzoo::zk
