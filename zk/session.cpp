#include "zk/session.hpp"

#include <chrono>
#include <thread>
#include <utility>

#include "broker/common/ensure.hpp"
#include "zk/session_request.hpp"

namespace mqttzoo::zk {
namespace {

using cluster::CoordinatorStatus;

/// Lines of the C client that are passed on per second: it writes several for each attempt to connect.
constexpr int log_lines_per_second_max = 8;

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

void* watch_context(std::uint64_t number) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(number)); }

const ACL_vector* acl_of(bool creator_only) { return creator_only ? &ZOO_CREATOR_ALL_ACL : &ZOO_OPEN_ACL_UNSAFE; }

}  // namespace

Session::Session(Settings settings, std::shared_ptr<Mailbox> mailbox, SessionListener* listener)
    : settings_(std::move(settings)),
      mailbox_(std::move(mailbox)),
      listener_(listener),
      log_([this](bool is_error, std::string_view message) { log_line(is_error, message); }) {}

Session::~Session() { ensure(opened_ == nullptr, "a session's handle is closed before the session goes"); }

void Session::open() {
  const std::lock_guard life(handle_life_);
  if (closed_) return;
  zoo_set_debug_level(ZOO_LOG_LEVEL_WARN);
  opened_ = zookeeper_init2(settings_.hosts.c_str(), Callbacks::session_event, settings_.timeout_ms, nullptr, this,
                            ZOO_NO_LOG_CLIENTENV, log_.c_function());
  if (opened_ == nullptr) {
    // The names could not be resolved, or there are no file descriptors left.
    const char* why_not = errno == ENOENT || errno == EINVAL ? "no server name can be resolved" : std::strerror(errno);
    mailbox_->push([this, why_not = std::string(why_not)] {
      if (listener_ != nullptr) listener_->session_opened(false, why_not);
    });
    return;
  }
  // Names are resolved whenever there is no connection, not (as is the default) for every packet.
  zoo_set_servers_resolution_delay(opened_, -1);
  mailbox_->push([this] {
    if (listener_ != nullptr) listener_->session_opened(true, {});
  });
}

void Session::close() {
  const std::lock_guard life(handle_life_);
  closed_ = true;
  if (zhandle_t* handle = std::exchange(opened_, nullptr)) zookeeper_close(handle);
}

bool Session::add_digest_auth(const std::string& user_and_password) {
  return zoo_add_auth(handle_, "digest", user_and_password.data(), static_cast<int>(user_and_password.size()), nullptr,
                      nullptr) == ZOK;
}

void Session::get(const std::string& path, Watch watch, Finish finish) {
  if (watch) return watched_get(path, std::move(watch), std::move(finish));
  Request& request = add_request(std::move(finish));
  sent(request, zoo_awget(handle_, path.c_str(), nullptr, nullptr, Callbacks::done_data, &request));
}

struct Session::WatchedGet {
  std::uint64_t watch = 0;
  Finish finish;
  Reply found_no_node;
  bool settled = false;
};

/// ZooKeeper sets a watch by get only where there is a node, so exists is sent right behind the get, and sets it where
/// there is none. Sent together and not one after the answer of the other: the answer keeps its place in the order.
void Session::watched_get(const std::string& path, Watch watch, Finish finish) {
  auto state = std::make_shared<WatchedGet>();
  state->watch = add_watch(std::move(watch));
  state->finish = std::move(finish);

  Request& get = add_request([this, state](Reply& reply) {
    if (reply.status == CoordinatorStatus::no_node) {
      state->found_no_node = std::move(reply);
      return;
    }
    state->settled = true;
    if (reply.status != CoordinatorStatus::ok) watches_.erase(state->watch);
    state->finish(reply);
  });
  sent(get, zoo_awget(handle_, path.c_str(), Callbacks::watch_event, watch_context(state->watch), Callbacks::done_data,
                      &get));

  Request& exists = add_request([this, state](Reply& reply) {
    if (state->settled) return;
    if (reply.status == CoordinatorStatus::no_node) return state->finish(state->found_no_node);
    if (reply.status == CoordinatorStatus::ok) {
      // Created between the two. The watch was set too late to tell, so it is told now.
      mailbox_->push([this, id = state->watch] { fire_watch(id); });
      return state->finish(state->found_no_node);
    }
    watches_.erase(state->watch);
    state->finish(reply);
  });
  sent(exists, zoo_awexists(handle_, path.c_str(), Callbacks::watch_event, watch_context(state->watch),
                            Callbacks::done_stat, &exists));
}

void Session::exists(const std::string& path, Finish finish) {
  Request& request = add_request(std::move(finish));
  sent(request, zoo_awexists(handle_, path.c_str(), nullptr, nullptr, Callbacks::done_stat, &request));
}

void Session::children(const std::string& path, Watch watch, Finish finish) {
  const bool watching = static_cast<bool>(watch);
  const auto id = watching ? add_watch(std::move(watch)) : 0;
  if (watching) {
    // Where there is no node no watch is set either.
    finish = [this, id, finish = std::move(finish)](Reply& reply) {
      if (reply.status != CoordinatorStatus::ok) watches_.erase(id);
      finish(reply);
    };
  }
  Request& request = add_request(std::move(finish));
  sent(request, zoo_awget_children(handle_, path.c_str(), watching ? Callbacks::watch_event : nullptr,
                                   watch_context(id), Callbacks::done_strings, &request));
}

void Session::create(const std::string& path, std::string_view data, cluster::CreateMode mode, Finish finish) {
  Request& request = add_request(std::move(finish));
  sent(request, zoo_acreate(handle_, path.c_str(), data.data(), static_cast<int>(data.size()),
                            acl_of(settings_.creator_only), flags_of(mode), Callbacks::done_string, &request));
}

void Session::set(const std::string& path, std::string_view data, std::int32_t version, Finish finish) {
  Request& request = add_request(std::move(finish));
  sent(request, zoo_aset(handle_, path.c_str(), data.data(), static_cast<int>(data.size()), version,
                         Callbacks::done_stat, &request));
}

void Session::remove(const std::string& path, std::int32_t version, Finish finish) {
  Request& request = add_request(std::move(finish));
  sent(request, zoo_adelete(handle_, path.c_str(), version, Callbacks::done_void, &request));
}

void Session::multi(const std::vector<cluster::MultiOperation>& operations, Finish finish) {
  Request& request = add_request(std::move(finish));
  request.multi = std::make_unique<MultiCall>(operations, acl_of(settings_.creator_only));
  auto& call = *request.multi;
  sent(request, zoo_amulti(handle_, static_cast<int>(call.operations.size()), call.operations.data(),
                           call.results.data(), Callbacks::done_multi, &request));
}

Session::Request& Session::add_request(Finish finish) {
  auto& request = requests_.emplace_back();
  request.session = this;
  request.self = std::prev(requests_.end());
  request.finish = std::move(finish);
  return request;
}

void Session::sent(Request& request, int return_code) {
  // ZINVALIDSTATE: the session ended a moment ago; the event that says so answers this request with all others.
  if (return_code == ZOK || return_code == ZINVALIDSTATE) return;
  // Not queued, so the C client will not call back: out of memory, or a path that only it refuses.
  Callbacks::push(Callbacks::answered(&request, return_code));
}

void Session::deliver(Request& request) {
  const Finish finish = std::move(request.finish);
  Reply reply = std::move(request.reply);
  requests_.erase(request.self);
  if (listener_ != nullptr) listener_->reply_handled();
  if (finish) finish(reply);  // last: it may destroy whoever listens
}

void Session::answer_all(CoordinatorStatus status) {
  for (auto& request : requests_) {
    if (!request.finish) continue;
    mailbox_->push([finish = std::move(request.finish), status] {
      Reply reply;
      reply.status = status;
      finish(reply);
    });
    request.finish = nullptr;
  }
}

std::uint64_t Session::add_watch(Watch watch) {
  watches_.emplace(next_watch_, std::move(watch));
  return next_watch_++;
}

void Session::fire_watch(std::uint64_t id) {
  auto node = watches_.extract(id);
  if (!node.empty()) node.mapped()();
}

void Session::fire_watches() {
  for (auto& [id, watch] : watches_) mailbox_->push(std::move(watch));
  watches_.clear();
}

void Session::detach() {
  listener_ = nullptr;
  for (auto& request : requests_) request.finish = nullptr;
  watches_.clear();
}

void Session::log_line(bool is_error, std::string_view message) {
  const auto now_ms = steady_ms();
  if (now_ms - log_window_start_ms_ >= 1'000) {
    log_window_start_ms_ = now_ms;
    log_lines_in_window_ = 0;
  }
  if (++log_lines_in_window_ > log_lines_per_second_max) {
    // While no name at all can be resolved the C client tries again without a pause, and this is the only code of ours
    // on its thread.
    if (message.starts_with("getaddrinfo:")) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return;
  }
  mailbox_->push([this, is_error, text = std::string(message)] {
    if (listener_ != nullptr) listener_->session_log(is_error, text);
  });
}

}  // namespace mqttzoo::zk
