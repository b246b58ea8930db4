#include "tests/support/fake_coordinator.hpp"

#include <utility>

#include "broker/common/ensure.hpp"
#include "tests/support/fake_ensemble.hpp"
#include "zk/znode_path.hpp"

namespace mqttzoo::support {

using cluster::CoordinatorStatus;
using cluster::MultiOperation;
using Kind = FakeRequest::Kind;

// ---- The client ----

void FakeClient::request(FakeRequest request, std::size_t packet_bytes, Watch watch, Answer answer) {
  if (gone_) return;
  if (const auto status = refusal(request, packet_bytes)) {
    // A millisecond later: who tries again at once does not stop the virtual clock.
    ensemble_.schedule(1, [self = shared_from_this(), answer = std::move(answer), status = *status] {
      FakeReply reply;
      reply.status = status;
      if (!self->gone_) answer(reply);
    });
    return;
  }
  request.number = ++last_number_;
  request.connection = link.connection;
  request.session_id = session_id_;
  request.watch = static_cast<bool>(watch);
  pending_.push_back({request.number, request.kind, request.path, std::move(watch), std::move(answer)});
  ensemble_.send(shared_from_this(), std::move(request));
}

std::optional<CoordinatorStatus> FakeClient::refusal(const FakeRequest& request, std::size_t packet_bytes) const {
  if (request.kind == Kind::end_session) return std::nullopt;
  for (const auto& operation : request.operations)
    if (zk::path_error(operation.path) != nullptr) return CoordinatorStatus::failed;
  if (request.kind != Kind::change && zk::path_error(request.path) != nullptr) return CoordinatorStatus::failed;
  if (packet_bytes > zk::packet_bytes_max) return CoordinatorStatus::too_large;
  if (closing_) return CoordinatorStatus::connection_loss;
  if (state_ == State::expired) return CoordinatorStatus::session_expired;
  if (state_ != State::connected || pending_.size() >= requests_in_flight_max_)
    return CoordinatorStatus::connection_loss;
  return std::nullopt;
}

void FakeClient::close(std::int32_t deadline_ms, std::function<void()> done) {
  ensure(!closing_, "a coordinator is closed once");
  close_done_ = std::move(done);
  if (state_ == State::connected) {
    request({.kind = Kind::end_session}, 0, {}, [this](FakeReply&) { finish_close(); });
  } else {
    ensemble_.schedule(1, [self = shared_from_this()] { self->finish_close(); });
  }
  closing_ = true;
  ensemble_.schedule(deadline_ms, [self = shared_from_this()] {
    if (self->gone_) return;
    self->answer_all(CoordinatorStatus::connection_loss);
    self->finish_close();
  });
}

void FakeClient::finish_close() {
  if (gone_) return;
  vanish();
  state_ = State::expired;
  if (close_done_) std::exchange(close_done_, nullptr)();
}

void FakeClient::vanish() {
  if (gone_) return;
  gone_ = true;
  pending_.clear();
  watches_ = {};
  ensemble_.vanished(shared_from_this());
}

void FakeClient::change_state(State state) {
  state_ = state;
  if (!on_session_change_) return;
  const auto callback = on_session_change_;
  callback(state, session_id_);
}

void FakeClient::connected(std::int64_t session_id) {
  link.establishing = false;
  session_id_ = session_id;
  change_state(State::connected);
}

void FakeClient::expired() {
  link.establishing = false;
  last_seen_zxid_ = 0;
  change_state(State::expired);
  answer_all(CoordinatorStatus::session_expired);
  fire_all();
  if (!gone_) ensemble_.connect(shared_from_this(), 0);
}

void FakeClient::dropped() {
  link.replies_lost_to = link.connection;
  if (state_ != State::connected || gone_) return;
  change_state(State::connecting);
  const bool was_closing = closing_;
  answer_all(CoordinatorStatus::connection_loss);
  if (was_closing) return finish_close();
  if (!gone_) ensemble_.reconnect(shared_from_this());
}

void FakeClient::replied(std::uint64_t number, FakeReply reply) {
  ensure(!pending_.empty() && pending_.front().number == number, "answers come in the order of the requests");
  Pending pending = std::move(pending_.front());
  pending_.pop_front();
  last_seen_zxid_ = reply.zxid;
  if (pending.watch) keep_watch(pending, reply.status);
  pending.answer(reply);
}

void FakeClient::answer_all(CoordinatorStatus status) {
  for (auto& pending : std::exchange(pending_, {})) {
    if (gone_) return;
    if (pending.kind == Kind::end_session) continue;
    FakeReply reply;
    reply.status = status;
    pending.answer(reply);
  }
}

void FakeClient::keep_watch(Pending& pending, CoordinatorStatus status) {
  if (status == CoordinatorStatus::ok) {
    auto& table = pending.kind == Kind::children ? watches_.children : watches_.data;
    table[pending.path].push_back(std::move(pending.watch));
  } else if (status == CoordinatorStatus::no_node && pending.kind == Kind::get) {
    watches_.existence[pending.path].push_back(std::move(pending.watch));
  }
}

void FakeClient::watch_event(Event event, const std::string& path) {
  if (event != Event::children) {
    fire(watches_.data, path);
    fire(watches_.existence, path);
  }
  if (event == Event::children || event == Event::removed) fire(watches_.children, path);
}

void FakeClient::fire(WatchTable& table, const std::string& path) {
  const auto watches = table.extract(path);
  if (watches.empty()) return;
  for (const auto& watch : watches.mapped())
    if (!gone_) watch();
}

void FakeClient::fire_all() {
  for (auto* table : {&watches_.data, &watches_.existence, &watches_.children})
    for (const auto& [path, watches] : std::exchange(*table, {}))
      for (const auto& watch : watches)
        if (!gone_) watch();
}

// ---- The coordinator ----

void FakeCoordinator::get(std::string_view path, WatchCallback watch, DataCallback done) {
  client_->request(
      {.kind = Kind::get, .path = std::string(path)}, packet_size_.read(path.size()), std::move(watch),
      [done = std::move(done)](FakeReply& reply) { done(reply.status, std::move(reply.data), reply.stat); });
}

void FakeCoordinator::children(std::string_view path, WatchCallback watch, ChildrenCallback done) {
  client_->request({.kind = Kind::children, .path = std::string(path)}, packet_size_.read(path.size()),
                   std::move(watch),
                   [done = std::move(done)](FakeReply& reply) { done(reply.status, std::move(reply.names)); });
}

void FakeCoordinator::create(std::string_view path, std::string_view data, cluster::CreateMode mode,
                             CreateCallback done) {
  MultiOperation operation{.kind = MultiOperation::Kind::create, .path = std::string(path), .data = std::string(data)};
  operation.mode = mode;
  change(std::move(operation), [done = std::move(done)](FakeReply& reply) {
    done(reply.status, reply.parts.empty() ? std::string() : std::move(reply.parts[0].created_path));
  });
}

void FakeCoordinator::set(std::string_view path, std::string_view data, std::int32_t version, StatCallback done) {
  change({.kind = MultiOperation::Kind::set, .path = std::string(path), .data = std::string(data), .version = version},
         [done = std::move(done)](FakeReply& reply) {
           done(reply.status, reply.parts.empty() ? cluster::ZnodeStat{} : reply.parts[0].stat);
         });
}

void FakeCoordinator::remove(std::string_view path, std::int32_t version, StatusCallback done) {
  change({.kind = MultiOperation::Kind::remove, .path = std::string(path), .data = {}, .version = version},
         [done = std::move(done)](FakeReply& reply) { done(reply.status); });
}

void FakeCoordinator::change(MultiOperation operation, FakeClient::Answer answer) {
  const auto bytes = zk::PacketSize::request_header + packet_size_.part(operation);
  FakeRequest request{.kind = Kind::change};
  request.operations.push_back(std::move(operation));
  client_->request(std::move(request), bytes, {}, std::move(answer));
}

void FakeCoordinator::multi(std::vector<MultiOperation> operations, MultiCallback done) {
  const auto bytes = packet_size_.multi(operations);
  const auto count = operations.size();
  FakeRequest request{.kind = Kind::change};
  request.operations = std::move(operations);
  client_->request(std::move(request), bytes, {}, [done = std::move(done), count](FakeReply& reply) {
    if (reply.parts.size() != count) reply.parts.assign(count, {reply.status, {}, {}});
    done(reply.status, std::move(reply.parts));
  });
}

}  // namespace mqttzoo::support
