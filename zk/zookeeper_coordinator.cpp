#include "zk/zookeeper_coordinator.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "broker/common/ensure.hpp"
#include "zk/znode_path.hpp"

namespace mqttzoo::zk {
namespace {

using std::chrono::milliseconds;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string hexadecimal(std::int64_t id) {
  char text[24];
  std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(id));
  return text;
}

/// The C client wakes its I/O thread with a byte in a pipe for each packet, and a full pipe (64 KiB) makes it drop the
/// connection. A get with a watch is two packets.
constexpr std::size_t requests_in_flight_limit = 30'000;

Options checked(Options options) {
  if (options.ensemble.servers.empty()) throw std::invalid_argument("zookeeper: no server given");
  if (!options.auth.empty() && options.auth.find(':') == std::string::npos)
    throw std::invalid_argument("zookeeper_auth: expected user:password");
  if (options.session_timeout_ms < 100) throw std::invalid_argument("zookeeper: a session timeout below 100 ms");
  if (options.requests_in_flight_max == 0 || options.requests_in_flight_max > requests_in_flight_limit)
    throw std::invalid_argument("zookeeper: requests in flight must be from 1 to 30000");
  return options;
}

}  // namespace

ZooKeeperCoordinator::ZooKeeperCoordinator(Options options, Post post, Log log)
    : options_(checked(std::move(options))),
      log_(std::move(log)),
      packet_size_{.chroot_bytes = options_.ensemble.chroot.size(),
                   .acl_bytes = options_.auth.empty() ? acl_bytes_anyone : acl_bytes_creator},
      mailbox_(std::make_shared<Mailbox>(std::move(post))),
      timers_(mailbox_),
      random_(std::random_device{}()),
      reopen_backoff_(options_.reopen),
      outage_(options_.outage_notice_after_ms, options_.outage_notice_every_ms) {
  open_session();
}

ZooKeeperCoordinator::~ZooKeeperCoordinator() {
  mailbox_->shut();
  if (session_) {
    session_->detach();
    blocking_work_.run([session = std::move(session_)] { session->close(); });
  }
  blocking_work_.wait(milliseconds(1'000));
}

// ---- Opening, preparing and following sessions ----

void ZooKeeperCoordinator::open_session() {
  ++session_serial_;
  prepared_ = false;
  authenticated_ = false;
  session_ = std::make_shared<Session>(Session::Settings{.hosts = options_.ensemble.hosts_for_c_client(),
                                                         .timeout_ms = options_.session_timeout_ms,
                                                         .creator_only = !options_.auth.empty()},
                                       mailbox_, static_cast<SessionListener*>(this));
  blocking_work_.run([session = session_] { session->open(); });
  await_outage_notice();
}

void ZooKeeperCoordinator::reopen_later() {
  const milliseconds delay(reopen_backoff_.next_delay_ms(random_));
  timers_.after(delay, [this] {
    if (closing_ == Closing::no && !session_) open_session();
  });
}

void ZooKeeperCoordinator::retire_session() {
  session_->detach();
  blocking_work_.run([session = std::move(session_), mailbox = mailbox_] {
    session->close();
    mailbox->push([session] {});  // behind all of its events
  });
  session_ = nullptr;
}

void ZooKeeperCoordinator::session_opened(bool usable, std::string_view why_not) {
  if (usable || closing_ != Closing::no) return;
  if (last_failure_.empty()) last_failure_ = why_not;
  retire_session();
  reopen_later();
}

void ZooKeeperCoordinator::session_connected(const Connection& connection) {
  connection_ = connection;
  if (prepared_) return announce_connected();
  prepare_session();
}

/// Called on each connection until it succeeds once: a request that is lost to a dropped connection is repeated on the
/// next one.
void ZooKeeperCoordinator::prepare_session() {
  if (!options_.auth.empty() && !authenticated_) {
    authenticated_ = session_->add_digest_auth(options_.auth);
    if (!authenticated_) return;
  }
  const auto& chroot = options_.ensemble.chroot;
  if (chroot.empty()) return announce_connected();
  session_->exists(chroot, [this](Reply& reply) {
    if (reply.status == Status::ok) return announce_connected();
    if (reply.status == Status::no_node) return create_chroot(options_.ensemble.chroot.find('/', 1));
    retry_chroot(reply);
  });
}

void ZooKeeperCoordinator::create_chroot(std::size_t element_end) {
  const auto& chroot = options_.ensemble.chroot;
  const auto path = chroot.substr(0, element_end);
  session_->create(path, {}, cluster::CreateMode::persistent, [this, element_end](Reply& reply) {
    const bool last = element_end == std::string::npos;
    const bool there = reply.status == Status::ok || reply.status == Status::node_exists;
    if (there && last) return announce_connected();
    // An upper element that we may not create can exist all the same.
    if (there || (reply.status == Status::failed && !last))
      return create_chroot(options_.ensemble.chroot.find('/', element_end + 1));
    retry_chroot(reply);
  });
}

void ZooKeeperCoordinator::retry_chroot(const Reply& reply) {
  if (cluster::is_lost(reply.status)) return;
  log_(LogLevel::error, "cannot create " + options_.ensemble.chroot + " in ZooKeeper: " + reply.detail);
  timers_.after(milliseconds(reopen_backoff_.next_delay_ms(random_)), [this, serial = session_serial_] {
    if (session_ && serial == session_serial_ && !prepared_ && closing_ == Closing::no) prepare_session();
  });
}

void ZooKeeperCoordinator::announce_connected() {
  prepared_ = true;
  session_id_ = connection_.session_id;
  session_timeout_ms_ = connection_.timeout_ms;
  reopen_backoff_.reset();
  outage_.end();
  last_failure_.clear();
  log_(LogLevel::info, "connected to ZooKeeper at " + connection_.server + ", session " + hexadecimal(session_id_) +
                           ", timeout " + std::to_string(session_timeout_ms_) + " ms");
  change_state(SessionState::connected);
}

void ZooKeeperCoordinator::session_dropped() {
  if (state_ != SessionState::connected) return;
  log_(LogLevel::warning, "lost the connection to ZooKeeper at " + connection_.server +
                              (last_failure_.empty() ? "" : " (" + last_failure_ + ")"));
  session_->answer_all(Status::connection_loss);
  await_outage_notice();
  change_state(SessionState::connecting);
}

void ZooKeeperCoordinator::session_ended(bool credentials_refused) {
  if (credentials_refused) {
    log_(LogLevel::error, "ZooKeeper refused the credentials of zookeeper_auth");
  } else {
    log_(LogLevel::warning, "the ZooKeeper session " + hexadecimal(connection_.session_id) + " has expired");
  }
  session_->answer_all(Status::session_expired);
  session_->fire_watches();
  if (closing_ == Closing::draining) return end_session();
  const bool was_announced = prepared_;
  retire_session();
  reopen_later();
  await_outage_notice();
  if (was_announced) change_state(SessionState::expired);
}

/// The last act of an event, since the callback may destroy this; what else is to be told has been pushed and follows.
void ZooKeeperCoordinator::change_state(SessionState state) {
  state_ = state;
  if (!on_session_change_) return;
  const auto callback = on_session_change_;  // it may set another
  callback(state, session_id_);
}

void ZooKeeperCoordinator::session_log(bool is_error, std::string message) {
  if (is_error) last_failure_ = failure_in(message);
  log_(LogLevel::debug, "ZooKeeper client: " + message);
}

void ZooKeeperCoordinator::await_outage_notice() {
  outage_.begin(steady_ms());
  if (notice_timer_runs_) return;
  notice_timer_runs_ = true;
  timers_.after(milliseconds(*outage_.due_in_ms(steady_ms())), [this] {
    notice_timer_runs_ = false;
    if (closing_ != Closing::no) return;
    if (const auto lasted_ms = outage_.take(steady_ms()))
      log_(LogLevel::warning, "cannot reach ZooKeeper at " + options_.ensemble.to_string() + " for " +
                                  std::to_string(*lasted_ms / 1'000) + " s" +
                                  (last_failure_.empty() ? "" : " (" + last_failure_ + ")") + "; trying on");
    if (outage_.due_in_ms(steady_ms())) await_outage_notice();
  });
}

// ---- Requests ----

void ZooKeeperCoordinator::get(std::string_view path, WatchCallback watch, DataCallback done) {
  submit(
      refusal(path, packet_size_.read(path.size())),
      finisher("read", path,
               [done = std::move(done)](Reply& reply) { done(reply.status, std::move(reply.data), reply.stat); }),
      [&](Session::Finish finish) { session_->get(server_path(path), watcher(std::move(watch)), std::move(finish)); });
}

void ZooKeeperCoordinator::children(std::string_view path, WatchCallback watch, ChildrenCallback done) {
  submit(refusal(path, packet_size_.read(path.size())),
         finisher("list", path, [done = std::move(done)](Reply& reply) { done(reply.status, std::move(reply.names)); }),
         [&](Session::Finish finish) {
           session_->children(server_path(path), watcher(std::move(watch)), std::move(finish));
         });
}

void ZooKeeperCoordinator::create(std::string_view path, std::string_view data, cluster::CreateMode mode,
                                  CreateCallback done) {
  submit(refusal(path, packet_size_.create(path.size(), data.size())),
         finisher("create", path,
                  [this, done = std::move(done)](Reply& reply) { done(reply.status, client_path(reply.data)); }),
         [&](Session::Finish finish) { session_->create(server_path(path), data, mode, std::move(finish)); });
}

void ZooKeeperCoordinator::set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) {
  submit(refusal(path, packet_size_.set(path.size(), data.size())),
         finisher("set", path, [done = std::move(done)](Reply& reply) { done(reply.status, reply.stat); }),
         [&](Session::Finish finish) { session_->set(server_path(path), data, version, std::move(finish)); });
}

void ZooKeeperCoordinator::remove(std::string_view path, std::int32_t version, StatusCallback done) {
  submit(refusal(path, packet_size_.remove(path.size())),
         finisher("remove", path, [done = std::move(done)](Reply& reply) { done(reply.status); }),
         [&](Session::Finish finish) { session_->remove(server_path(path), version, std::move(finish)); });
}

void ZooKeeperCoordinator::multi(std::vector<cluster::MultiOperation> operations, MultiCallback done) {
  auto refused = refusal("/", packet_size_.multi(operations));
  for (const auto& operation : operations)
    if (path_error(operation.path) != nullptr) refused = Status::failed;
  auto tell = [this, done = std::move(done), count = operations.size()](Reply& reply) {
    if (reply.parts.size() != count)
      reply.parts.assign(count, {.status = reply.status, .created_path = {}, .stat = {}});
    for (auto& part : reply.parts) part.created_path = client_path(std::move(part.created_path));
    done(reply.status, std::move(reply.parts));
  };
  submit(refused, finisher("change", operations.empty() ? "/" : operations.front().path, std::move(tell)),
         [&](Session::Finish finish) {
           for (auto& operation : operations) operation.path = server_path(operation.path);
           session_->multi(operations, std::move(finish));
         });
}

std::optional<cluster::CoordinatorStatus> ZooKeeperCoordinator::refusal(std::string_view path,
                                                                        std::size_t packet_bytes) const {
  if (path_error(path) != nullptr) return Status::failed;
  if (packet_bytes > packet_bytes_max) return Status::too_large;
  if (closing_ != Closing::no) return Status::connection_loss;
  if (state_ == SessionState::expired) return Status::session_expired;
  if (state_ != SessionState::connected) return Status::connection_loss;
  if (session_->requests_in_flight() >= options_.requests_in_flight_max) return Status::connection_loss;
  return std::nullopt;
}

void ZooKeeperCoordinator::submit(std::optional<Status> refused, Session::Finish finish,
                                  const std::function<void(Session::Finish)>& send) {
  if (!refused) return send(std::move(finish));
  mailbox_->push([finish = std::move(finish), status = *refused] {
    Reply reply;
    reply.status = status;
    reply.detail = "not sent";
    finish(reply);
  });
}

Session::Finish ZooKeeperCoordinator::finisher(const char* verb, std::string_view path,
                                               std::function<void(Reply&)> tell) {
  return [this, verb, path = std::string(path), tell = std::move(tell)](Reply& reply) {
    if (closing_ == Closing::done) return;
    if (reply.status == Status::failed)
      log_(LogLevel::warning, "ZooKeeper: cannot " + std::string(verb) + ' ' + path + ": " + reply.detail);
    tell(reply);
  };
}

Session::Watch ZooKeeperCoordinator::watcher(WatchCallback watch) {
  if (!watch) return {};
  return [this, watch = std::move(watch)] {
    if (closing_ != Closing::done) watch();
  };
}

std::string ZooKeeperCoordinator::server_path(std::string_view path) const {
  const auto& chroot = options_.ensemble.chroot;
  if (path == "/" && !chroot.empty()) return chroot;
  return chroot + std::string(path);
}

std::string ZooKeeperCoordinator::client_path(std::string path) const {
  if (!path.empty()) path.erase(0, options_.ensemble.chroot.size());
  return path;
}

// ---- The end ----

void ZooKeeperCoordinator::close(std::int32_t deadline_ms, std::function<void()> done) {
  ensure(closing_ == Closing::no, "a coordinator is closed once");
  closing_ = Closing::draining;
  close_done_ = std::move(done);
  if (state_ != SessionState::connected || session_->requests_in_flight() == 0) {
    end_session();
  } else {
    timers_.after(milliseconds(deadline_ms / 2), [this] { end_session(); });
  }
  timers_.after(milliseconds(deadline_ms), [this] { finish_close(); });
}

void ZooKeeperCoordinator::reply_handled() {
  if (closing_ == Closing::draining && session_->requests_in_flight() == 0) end_session();
}

/// The C client hangs up as soon as anything arrives after its request to close; with answers still on their way the
/// server could meet a reset connection before that request, and keep the session. Hence the draining before.
void ZooKeeperCoordinator::end_session() {
  if (closing_ != Closing::draining) return;
  closing_ = Closing::ending;
  state_ = SessionState::expired;
  if (!session_) {
    mailbox_->push([this] { finish_close(); });
    return;
  }
  session_->answer_all(Status::connection_loss);
  session_->detach();
  blocking_work_.run([this, session = std::move(session_), mailbox = mailbox_] {
    session->close();
    mailbox->push([this, session] { finish_close(); });
  });
  session_ = nullptr;
}

void ZooKeeperCoordinator::finish_close() {
  if (closing_ == Closing::done) return;
  end_session();
  closing_ = Closing::done;
  if (close_done_) std::exchange(close_done_, nullptr)();
}

}  // namespace mqttzoo::zk
