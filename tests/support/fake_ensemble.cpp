#include "tests/support/fake_ensemble.hpp"

#include <algorithm>

#include "broker/common/ensure.hpp"

namespace mqttzoo::support {

using cluster::CoordinatorStatus;
using Kind = FakeRequest::Kind;

FakeEnsemble::FakeEnsemble(Options options) : options_(std::move(options)) {
  ensure(options_.servers > 0, "an ensemble has a server");
  servers_.resize(static_cast<std::size_t>(options_.servers));
}

std::unique_ptr<FakeCoordinator> FakeEnsemble::open(SessionOptions options) {
  auto client = std::make_shared<FakeClient>(*this, options.timeout_ms, options.requests_in_flight_max);
  client->link.server = options.server;
  clients_.push_back(client);
  connect(client, 0);
  return std::make_unique<FakeCoordinator>(std::move(client));
}

// ---- Time ----

void FakeEnsemble::schedule(std::int64_t delay_ms, std::function<void()> event) {
  events_.emplace(std::pair(now_ms_ + delay_ms, ++last_event_), std::move(event));
}

void FakeEnsemble::advance_to(std::int64_t now_ms) {
  ensure(now_ms >= now_ms_, "time does not go back");
  while (!events_.empty() && events_.begin()->first.first <= now_ms) run_next();
  now_ms_ = now_ms;
}

bool FakeEnsemble::run_next() {
  if (events_.empty()) return false;
  auto event = events_.extract(events_.begin());
  now_ms_ = std::max(now_ms_, event.key().first);
  event.mapped()();
  return true;
}

std::optional<std::int64_t> FakeEnsemble::next_event_ms() const {
  if (events_.empty()) return std::nullopt;
  return events_.begin()->first.first;
}

// ---- The network ----

void FakeEnsemble::connect(const Client& client, std::int64_t delay_ms) {
  auto& link = client->link;
  // Behind everything sent before.
  link.last_arrival_ms = std::max(link.last_arrival_ms, now_ms_ + delay_ms + options_.latency_ms());
  schedule(link.last_arrival_ms - now_ms_, [this, client] { take_connection(client); });
}

void FakeEnsemble::reconnect(const Client& client) { connect(client, options_.reconnect_delay_ms); }

void FakeEnsemble::send(const Client& client, FakeRequest request) {
  auto& link = client->link;
  link.last_arrival_ms = std::max(link.last_arrival_ms, now_ms_ + options_.latency_ms());
  schedule(link.last_arrival_ms - now_ms_, [this, client, request = std::move(request)] { arrive(client, request); });
}

void FakeEnsemble::deliver(const Client& client, std::function<void(FakeClient&)> message) {
  auto& link = client->link;
  link.last_delivery_ms = std::max(link.last_delivery_ms, now_ms_ + options_.latency_ms());
  schedule(link.last_delivery_ms - now_ms_, [client, connection = link.connection, message = std::move(message)] {
    if (!client->gone() && connection > client->link.replies_lost_to) message(*client);
  });
}

void FakeEnsemble::cut_link(FakeLink& link, Loss loss) {
  link.cut = true;
  ++link.cuts;
  link.replies_lost_to = link.connection;
  if (loss == Loss::requests) link.requests_lost_to = link.connection;
}

void FakeEnsemble::connection_broken(const Client& client, std::uint64_t connection) {
  auto& link = client->link;
  if (client->gone() || link.connection != connection) return;
  if (link.establishing) {
    link.establishing = false;
    reconnect(client);
  } else {
    client->dropped();
  }
}

void FakeEnsemble::retry_connections() {
  for (const auto& client : std::exchange(waiting_connections_, {})) reconnect(client);
}

void FakeEnsemble::vanished(const Client& client) {
  cut_link(client->link, Loss::replies);
  if (const auto session = find_session(client->session_id())) expire_when_silent(session);
}

// ---- Faults ----

void FakeEnsemble::expire(FakeCoordinator& coordinator) {
  ensure(!paused_ && quorum_, "sessions do not end while the ensemble is stopped");
  const auto session = find_session(coordinator.client_->session_id());
  ensure(session != nullptr, "there is a session to expire");
  end_session(session);
}

void FakeEnsemble::cut(FakeCoordinator& coordinator, Loss loss, std::int64_t noticed_after_ms) {
  const auto client = coordinator.client_;
  cut_link(client->link, loss);
  schedule(noticed_after_ms,
           [this, client, connection = client->link.connection] { connection_broken(client, connection); });
  if (const auto session = find_session(client->session_to_resume())) expire_when_silent(session);
}

void FakeEnsemble::heal(FakeCoordinator& coordinator) {
  const auto client = coordinator.client_;
  client->link.cut = false;
  // What was lost stays lost: a client that has not noticed yet notices now.
  if (client->link.replies_lost_to == client->link.connection)
    schedule(0, [this, client, connection = client->link.connection] { connection_broken(client, connection); });
  retry_connections();
}

void FakeEnsemble::drop(FakeCoordinator& coordinator, Loss loss) {
  cut(coordinator, loss);
  heal(coordinator);
}

void FakeEnsemble::lose_watches(FakeCoordinator& coordinator) {
  const auto session = find_session(coordinator.client_->session_id());
  if (session == nullptr) return;
  session->data_watches.clear();
  session->children_watches.clear();
}

void FakeEnsemble::set_quorum(bool present) {
  quorum_ = present;
  if (!present) return;
  for (const auto& [session, number] : std::exchange(waiting_for_quorum_, {})) {
    propose(session, number);
    answer_queue(session);
  }
  retry_connections();
}

void FakeEnsemble::pause() {
  paused_ = true;
  ++pauses_;
  for (const auto& weak : clients_) {
    const auto client = weak.lock();
    if (!client) continue;
    schedule(client->timeout_ms * 2 / 3, [this, client, pause = pauses_, connection = client->link.connection] {
      if (paused_ && pauses_ == pause) connection_broken(client, connection);
    });
  }
}

void FakeEnsemble::resume() {
  paused_ = false;
  for (auto& event : std::exchange(waiting_for_resume_, {})) schedule(0, std::move(event));
  retry_connections();
}

void FakeEnsemble::set_apply_delay_ms(int server, std::int64_t delay_ms) {
  servers_.at(static_cast<std::size_t>(server)).apply_delay_ms = delay_ms;
}

// ---- What the leader has ----

std::optional<std::string> FakeEnsemble::data(const std::string& path) const {
  const auto* node = leader_.find(path);
  return node == nullptr ? std::nullopt : std::optional(node->data);
}

std::vector<std::string> FakeEnsemble::children(const std::string& path) const {
  const auto* node = leader_.find(path);
  if (node == nullptr) return {};
  return {node->children.begin(), node->children.end()};
}

std::optional<cluster::ZnodeStat> FakeEnsemble::stat(const std::string& path) const {
  const auto* node = leader_.find(path);
  return node == nullptr ? std::nullopt : std::optional(node->stat);
}

}  // namespace mqttzoo::support
