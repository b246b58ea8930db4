#include <utility>

#include "broker/cluster/homes/home_codec.hpp"
#include "broker/cluster/links/frames.hpp"
#include "broker/cluster/router/shard_router.hpp"
#include "broker/core/message_source.hpp"

namespace mqttzoo::cluster {

namespace {

const ConnectionEpoch& epoch_of(const HomeAnswer& answer) {
  return std::visit([](const auto& one) -> const ConnectionEpoch& { return one.epoch; }, answer);
}

}  // namespace

// ---------------------------------------------------------------- the core's connections

void ShardRouter::register_connection(core::ConnectionId connection, const core::Registration& registration) {
  frontends_.connect(connection, registration);
}

void ShardRouter::unregister_connection(core::ConnectionId connection, core::ConnectionFate fate,
                                        std::uint32_t session_expiry_seconds) {
  channels_.forget(connection.serial);
  frontends_.disconnect(connection, fate, session_expiry_seconds);
}

void ShardRouter::admit(core::ConnectionId connection) { client_->registered(connection, {}); }

void ShardRouter::refuse(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) {
  channels_.forget(connection.serial);
  client_->registered(connection, {.reason = reason, .detail = detail});
}

void ShardRouter::redirect(core::ConnectionId connection, const std::string& server_reference) {
  client_->registered(connection, {.reason = mqtt::ReasonCode::use_another_server,
                                   .detail = "its session lives at that server",
                                   .server_reference = server_reference});
}

void ShardRouter::end_connection(core::ConnectionId connection, mqtt::ReasonCode reason, const char* detail) {
  client_->evict(connection, reason, detail);
}

// ---------------------------------------------------------------- requests

bool ShardRouter::reaches(const Incarnation& home) const {
  if (home == self_) return true;
  const auto slot = peers_.slot_of(home);
  return slot && peers_.up().has(*slot);
}

bool ShardRouter::has_room(const Incarnation& home) const {
  const auto slot = peers_.slot_of(home);
  return !slot || transport_.output(*slot).size() < limits_.link_bytes_max;
}

void ShardRouter::ask_home(const Incarnation& home, HomeRequest request) { send_to(home, std::move(request)); }

void ShardRouter::ask_to_evict(EvictRequest request) {
  const Incarnation frontend = request.epoch.frontend;
  send_to(frontend, std::move(request));
}

void ShardRouter::send_to(const Incarnation& broker, HomeRequest request) {
  if (broker == self_) return pass_on(std::move(request));
  const auto slot = peers_.slot_of(broker);
  if (!slot || !peers_.up().has(*slot)) return;
  proto::DataFrame frame;
  to_proto(request, *frame.mutable_home_request());
  append_frame(transport_.output(*slot), frame);
}

/// To the shard of this broker that it concerns: the home's, or the connection's.
void ShardRouter::pass_on(HomeRequest&& request) {
  core::ShardIndex shard = 0;
  if (const auto* const evict = std::get_if<EvictRequest>(&request)) {
    shard = evict->epoch.shard;
  } else if (const auto* const asks = std::get_if<RegisterRequest>(&request)) {
    shard = static_cast<core::ShardIndex>(asks->partition % shard_count_);
  } else {
    shard = static_cast<core::ShardIndex>(std::get<UnregisterRequest>(request).partition % shard_count_);
  }
  if (shard == shard_ || shard >= shard_count_) {
    own_letters_.push_back(std::move(request));
  } else {
    port_.send_to_shard(shard, ShardLetter{HomeRequestLetter{std::move(request)}});
  }
}

void ShardRouter::handle(HomeRequest&& request) {
  if (auto* const asks = std::get_if<RegisterRequest>(&request)) {
    home_.receive(std::move(*asks));
  } else if (const auto* const leaves = std::get_if<UnregisterRequest>(&request)) {
    home_.receive(*leaves);
  } else {
    frontends_.receive(std::get<EvictRequest>(request));
  }
}

/// What one part of this shard has to say to the other, until there is no more. False: there was nothing.
bool ShardRouter::take_own_letters() {
  const bool any = !own_letters_.empty();
  while (!own_letters_.empty()) {
    OwnLetter letter = std::move(own_letters_.front());
    own_letters_.pop_front();
    if (auto* const request = std::get_if<HomeRequest>(&letter)) {
      handle(std::move(*request));
    } else {
      handle(std::get<HomeAnswer>(std::move(letter)));
    }
  }
  return any;
}

// ---------------------------------------------------------------- answers

/// To the shard of the connection, if that is one of this broker's; else to the shard that holds the link which the
/// connection's shard opened.
void ShardRouter::answer(HomeAnswer answer) {
  const ConnectionEpoch& epoch = epoch_of(answer);
  const auto shard = static_cast<core::ShardIndex>(epoch.shard % shard_count_);
  if (shard == shard_) {
    own_letters_.push_back(std::move(answer));
  } else {
    port_.send_to_shard(shard, ShardLetter{HomeAnswerLetter{std::move(answer)}});
  }
}

void ShardRouter::handle(HomeAnswer&& answer) {
  const ConnectionEpoch& epoch = epoch_of(answer);
  if (epoch.frontend == self_) {
    return std::visit([this](const auto& one) { frontends_.receive(one); }, answer);
  }
  AcceptedLink* const link = accepted_.find(StreamId{epoch.frontend, epoch.shard});
  if (!link) return;  // the frontend asks again when it has one
  proto::DataAnswer frame;
  to_proto(answer, *frame.mutable_home_answer());
  append_frame(transport_.output(link->id()), frame);
}

// ---------------------------------------------------------------- wills

/// Its Message Expiry Interval begins now: v5 3.1.3.2.4.
void ShardRouter::publish_will(const core::Will& will) {
  if (!client_->may_publish(will)) return counters_.wills_denied.add();
  counters_.wills_published.add();
  core::MessageView view = will.message->view();
  view.expires_at = 0;
  if (will.has_message_expiry) view.expires_at = core::expiry_time(will.message_expiry_seconds, now_.cluster);
  const std::string source = core::MessageSource::text_of(will.client_id, will.user_name ? &*will.user_name : nullptr);
  if (view.retain) view.source = source;
  core::RoutedMessage message(view);
  publish(message, {});
}

}  // namespace mqttzoo::cluster
