#include "broker/core/connection.hpp"

#include <algorithm>
#include <utility>

#include "broker/core/connection_send.hpp"
#include "broker/core/shard_context.hpp"
#include "broker/core/version_policy.hpp"

namespace mqttzoo::core {

Connection::Connection(ShardContext& shard, ConnectionId id, void* edge, std::string_view remote_address,
                       const ListenerRules& rules)
    : shard_(shard),
      id_(id),
      edge_(edge),
      rules_(rules),
      opened_at_(shard.now.steady),
      last_activity_(shard.now.steady),
      remote_address_(remote_address) {
  shard_.deadlines.schedule(*this, opened_at_ + shard_.limits.connect_timeout_milliseconds);
}

Connection::~Connection() {
  shard_.dirty.remove(*this);
  shard_.pause_changes.remove(*this);
  shard_.continuing.remove(*this);
  shard_.paused_by_router.remove(*this);
  shard_.deadlines.cancel(*this);
}

// Bytes in.

void Connection::receive(std::string_view bytes) {
  if (state_ == State::ended) return;
  last_activity_ = shard_.now.steady;
  traffic_.bytes_received += bytes.size();
  shard_.counters.bytes_received.add(bytes.size());
  if (!reads_on()) {
    if (input_.size() + bytes.size() > packet_bytes_max() + shard_.limits.pipelined_bytes_max) {
      end(EndCause::limit, mqtt::ReasonCode::quota_exceeded, "sent on while it was to wait");
      return;
    }
  } else {
    if (!input_.empty()) bytes = finish_partial_packet(bytes);
    bytes = handle_packets(bytes);
  }
  if (state_ == State::ended) return;
  keep(bytes);
  // Whoever sends that much before CONNACK has to wait with the rest.
  if (state_ == State::authenticating && input_.size() >= shard_.limits.pipelined_bytes_max && !reads_on()) {
    pause(Pause::registering);
  }
}

std::size_t Connection::packet_bytes_max() const {
  return state_ == State::connected ? shard_.limits.packet_bytes_max : shard_.limits.connect_packet_bytes_max;
}

/// Copies only what the unfinished packet needs, so that a stream of reads is not copied as a whole. Returns the rest.
std::string_view Connection::finish_partial_packet(std::string_view bytes) {
  while (!bytes.empty()) {
    const mqtt::Split split = mqtt::split_frame(input_.view(), packet_bytes_max());
    if (split.status == mqtt::SplitStatus::complete) break;
    if (split.status != mqtt::SplitStatus::incomplete) {
      refuse_frame(split);
      return {};
    }
    const bool length_known = split.frame.total_size != 0;
    const std::size_t missing = length_known ? split.frame.total_size - input_.size() : 1;
    const std::size_t taken = std::min(missing, bytes.size());
    input_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
  }
  continue_reading();
  return bytes;
}

void Connection::continue_reading() {
  if (reads_on() && publishes_qos12_ && shard_.router.must_pause()) pause(Pause::router);
  if (!reads_on() || input_.empty()) return;
  mqtt::ByteBuffer kept = std::move(input_);
  const std::string_view rest = handle_packets(kept.view());
  if (state_ != State::ended) {
    if (rest.size() == kept.size()) {
      input_ = std::move(kept);
    } else {
      keep(rest);
    }
  }
  shard_.buffers.take_back(kept);
}

/// Handles whole packets until one is unfinished, reading has to pause, or the connection ends. Returns the rest.
std::string_view Connection::handle_packets(std::string_view bytes) {
  while (!bytes.empty() && reads_on()) {
    if (state_ != State::connected && !begins_as_expected(bytes)) [[unlikely]]
      break;
    const mqtt::Split split = mqtt::split_frame(bytes, packet_bytes_max());
    if (split.status != mqtt::SplitStatus::complete) {
      if (split.status != mqtt::SplitStatus::incomplete) refuse_frame(split);
      break;
    }
    ++traffic_.packets_received;
    shard_.counters.packets_received.add();
    on_packet(split.frame);
    bytes.remove_prefix(split.frame.total_size);
    if (output_.size() >= shard_.limits.output_bytes_max) [[unlikely]]
      pause(Pause::output);
  }
  return bytes;
}

/// Looked at before the packet is whole: what speaks another protocol is not waited for.
bool Connection::begins_as_expected(std::string_view bytes) {
  const auto type = static_cast<mqtt::PacketType>(static_cast<std::uint8_t>(bytes[0]) >> 4);
  if (state_ == State::awaiting_connect) {
    if (type == mqtt::PacketType::connect) return true;
    fail(mqtt::ReasonCode::protocol_error, "the first packet is not CONNECT");  // v5 and v3.1.1 [MQTT-3.1.0-1]
    return false;
  }
  if (type == mqtt::PacketType::auth || type == mqtt::PacketType::disconnect) return true;
  fail(mqtt::ReasonCode::protocol_error, "neither AUTH nor DISCONNECT before CONNACK");  // v5 [MQTT-3.1.2-30]
  return false;
}

void Connection::keep(std::string_view bytes) {
  if (bytes.empty()) return;
  shard_.buffers.lend(input_);
  input_.append(bytes);
}

void Connection::refuse_frame(const mqtt::Split& split) {
  if (split.status == mqtt::SplitStatus::too_large) {
    fail(mqtt::ReasonCode::packet_too_large, "packet larger than the maximum");
  } else {
    fail(mqtt::ReasonCode::malformed_packet, "no MQTT packet begins like this");
  }
}

void Connection::on_packet(const mqtt::Frame& frame) {
  using mqtt::PacketType;
  if (frame.type() == PacketType::publish) [[likely]]
    return on_publish(frame);
  switch (frame.type()) {
    case PacketType::connect:
      return on_connect(frame);
    case PacketType::puback:
      return on_puback(frame);
    case PacketType::pubrec:
      return on_pubrec(frame);
    case PacketType::pubrel:
      return on_pubrel(frame);
    case PacketType::pubcomp:
      return on_pubcomp(frame);
    case PacketType::subscribe:
      return on_subscribe(frame);
    case PacketType::unsubscribe:
      return on_unsubscribe(frame);
    case PacketType::pingreq:
      return on_pingreq(frame);
    case PacketType::disconnect:
      return on_disconnect(frame);
    case PacketType::auth:
      return on_auth(frame);
    case PacketType::connack:
    case PacketType::suback:
    case PacketType::unsuback:
    case PacketType::pingresp:
    case PacketType::publish:
      return fail(mqtt::ReasonCode::protocol_error, "a packet that only servers send");
  }
}

void Connection::pause(Pause pause) {
  const bool was_paused = reading_paused();
  pauses_ |= static_cast<std::uint8_t>(pause);
  if (reading_paused() != was_paused) shard_.pause_changes.add(*this);
  if (pause == Pause::router) shard_.paused_by_router.add(*this);
}

void Connection::unpause(Pause pause) {
  const auto bit = static_cast<std::uint8_t>(pause);
  if (state_ == State::ended || (pauses_ & bit) == 0) return;
  pauses_ = static_cast<std::uint8_t>(pauses_ & ~bit);
  if (pauses_ != 0) return;
  last_activity_ = shard_.now.steady;
  shard_.pause_changes.add(*this);
  shard_.continuing.add(*this);
}

// Bytes out.

void Connection::output_sent(std::size_t bytes) {
  ensure(bytes <= output_.size(), "more output sent than there was");
  output_.consume(bytes);
  traffic_.bytes_sent += bytes;
  shard_.counters.bytes_sent.add(bytes);
  if (state_ == State::ended) return;
  if ((pauses_ & static_cast<std::uint8_t>(Pause::output)) != 0) last_activity_ = shard_.now.steady;
  if (output_.empty()) shard_.buffers.take_back(output_);
  if (output_.size() > shard_.limits.output_bytes_max / 2) return;
  unpause(Pause::output);
  if (session_) session_->send_waiting();
}

SendResult Connection::send_publish(PublishEncoder& encoder, PublishForm& form) {
  if (output_.size() >= shard_.limits.output_bytes_max) [[unlikely]]
    return SendResult::no_room;
  form.version = version_;
  if (sent_aliases_) [[unlikely]]
    choose_alias(encoder, form);
  if (client_packet_bytes_max_ != unlimited && !fits(encoder.size(form))) [[unlikely]]
    return SendResult::too_large;
  encoder.append(out(), form);
  if (form.topic_alias != 0 && !form.topic_known) sent_aliases_->set_next(encoder.message().topic);
  ++traffic_.packets_sent;
  Counters& counters = shard_.counters;
  counters.packets_sent.add();
  counters.publishes_sent[static_cast<std::size_t>(form.qos)].add();
  counters.publish_bytes_sent.add(encoder.message().payload.size());
  return SendResult::sent;
}

/// A Topic Alias where the topic has one, or can get one (v5 [MQTT-3.1.2-26]) without making the packet too large.
void Connection::choose_alias(PublishEncoder& encoder, PublishForm& form) const {
  form.topic_alias = sent_aliases_->find(encoder.message().topic);
  form.topic_known = form.topic_alias != 0;
  if (!form.topic_known) form.topic_alias = sent_aliases_->next();
  if (form.topic_alias == 0 || fits(encoder.size(form))) return;
  form.topic_alias = 0;  // also a known one may be longer than its topic
  form.topic_known = false;
}

void Connection::send_pubrel(std::uint16_t packet_id, mqtt::ReasonCode reason) {
  send(mqtt::Pubrel{.packet_id = packet_id, .reason = reason, .properties = {}});
}

void Connection::give_up(mqtt::ReasonCode reason, const char* detail) { fail(reason, detail); }

// Deadlines.

void Connection::on_deadline() {
  if (state_ == State::awaiting_connect) {
    end(EndCause::connect_timeout, mqtt::ReasonCode::keep_alive_timeout, "no CONNECT in time");
  } else if (state_ == State::authenticating) {
    const bool ours = login_->exchange == nullptr;
    end(EndCause::connect_timeout, ours ? mqtt::ReasonCode::server_busy : mqtt::ReasonCode::not_authorized,
        ours ? "its password was not checked in time" : "it did not authenticate in time");
  } else if (state_ == State::connected) {
    // Silence that the broker asked for is not the client's. A client that does not take its output has to show by
    // taking some of it that it is alive.
    const auto output_bit = static_cast<std::uint8_t>(Pause::output);
    if ((pauses_ & ~output_bit) != 0) last_activity_ = shard_.now.steady;
    if (shard_.now.steady < last_activity_ + keep_alive_seconds_ * 1500) {
      schedule_keep_alive();
    } else {
      end(EndCause::keep_alive_timeout, mqtt::ReasonCode::keep_alive_timeout, "silent for 1.5 times its Keep Alive");
    }
  }
}

/// v5 [MQTT-3.1.2-22], v3.1.1 [MQTT-3.1.2-24]: one and a half times the Keep Alive.
void Connection::schedule_keep_alive() {
  if (keep_alive_seconds_ == 0) {
    shard_.deadlines.cancel(*this);
  } else {
    shard_.deadlines.schedule(*this, last_activity_ + keep_alive_seconds_ * 1500);
  }
}

// The end.

namespace {

EndCause cause_of(mqtt::ReasonCode reason) {
  switch (reason) {
    case mqtt::ReasonCode::receive_maximum_exceeded:
    case mqtt::ReasonCode::packet_too_large:
    case mqtt::ReasonCode::quota_exceeded:
    case mqtt::ReasonCode::topic_name_invalid:
      return EndCause::limit;
    case mqtt::ReasonCode::server_busy:  // its session ended or moved: no fault of the client's
      return EndCause::evicted;
    default:
      return EndCause::protocol_error;
  }
}

}  // namespace

void Connection::fail(const mqtt::DecodeError& error) {
  const EndCause cause = cause_of(error.reason);
  if (cause == EndCause::protocol_error && state_ != State::ended) shard_.counters.protocol_errors.add();
  end(cause, error.reason, error.detail);
}

void Connection::end(EndCause cause, mqtt::ReasonCode reason, std::string_view detail) {
  if (state_ == State::ended) return;
  if (cause != EndCause::disconnected && cause != EndCause::lost) send_farewell(reason, detail);
  if (cause == EndCause::lost) output_.release();
  if (cause == EndCause::taken_over) fate_ = ConnectionFate::taken_over;
  if (state_ == State::connected) shard_.counters.connections_accepted.subtract();
  if (state_ == State::authenticating) shard_.authenticator.forget(id_);
  state_ = State::ended;
  pauses_ = 0;
  if (session_) std::exchange(session_, nullptr)->detach();
  shard_.dirty.remove(*this);
  shard_.pause_changes.remove(*this);
  shard_.continuing.remove(*this);
  shard_.paused_by_router.remove(*this);
  shard_.deadlines.cancel(*this);
  shard_.counters.ended(cause).add();
  end_ = std::make_unique<ConnectionEnd>();
  end_->cause = cause;
  end_->reason = reason;
  end_->detail = detail;
  shard_.ending.push_back(this);
}

/// v5 4.13.2: DISCONNECT says why. Before CONNACK a CONNACK does. v3 just closes.
void Connection::send_farewell(mqtt::ReasonCode reason, std::string_view detail) {
  if (state_ == State::awaiting_connect) return;
  const std::string_view reference = policy_of(version_).has_properties ? server_reference(reason) : std::string_view();
  if (state_ != State::connected) {
    if (!connack_tells(version_, reason)) return;
    send_last(mqtt::Connack{.session_present = false, .reason = connack_reason(reason), .properties = {}}, reference,
              detail);
  } else if (policy_of(version_).server_disconnects) {
    send_last(mqtt::Disconnect{.reason = reason, .properties = {}}, reference, detail);
  }
}

/// With as much of the explanation as the client takes: rather the Server Reference than the Reason String.
template <class Packet>
void Connection::send_last(Packet packet, std::string_view reference, std::string_view detail) {
  const auto fits_with = [&](std::string_view server_reference, std::string_view reason_string) {
    mqtt::PropertyWriter& properties = shard_.properties;
    properties.clear();
    if (!server_reference.empty()) properties.add_string(mqtt::PropertyId::server_reference, server_reference);
    if (!reason_string.empty()) properties.add_string(mqtt::PropertyId::reason_string, reason_string);
    packet.properties = properties.view();
    return fits(mqtt::encoded_size(packet, version_));
  };
  if (policy_of(version_).has_properties && !fits_with(reference, detail) && !fits_with(reference, {})) {
    packet.properties = {};
  }
  send(packet);
}

/// Where the client should go instead (v5 4.11), which may change the reason.
std::string_view Connection::server_reference(mqtt::ReasonCode& reason) const {
  if (reason == mqtt::ReasonCode::use_another_server || reason == mqtt::ReasonCode::server_moved) {
    return login_ && !login_->server_reference.empty() ? login_->server_reference : rules_.server_reference;
  }
  if (reason != mqtt::ReasonCode::server_shutting_down || rules_.shutdown_server_reference.empty()) return {};
  reason = mqtt::ReasonCode::use_another_server;
  return rules_.shutdown_server_reference;
}

void Connection::close() {
  if (Session* const session = shard_.sessions.find(own_session_)) shard_.sessions.end(*session);
  if (registered_at_home_) shard_.router.unregister_connection(id_, fate_, session_expiry_seconds_);
  registered_at_home_ = false;
  shard_.closed.push_back(this);
}

EndedConnection Connection::take_remains() {
  end_->connection = id_;
  end_->client_id = std::move(client_id_);
  if (login_ && login_->user_name) end_->user_name = std::move(*login_->user_name);
  end_->remote_address = std::move(remote_address_);
  end_->traffic = traffic_;
  end_->duration_milliseconds = shard_.now.steady - opened_at_;
  shard_.buffers.take_back(input_);
  return {edge_, std::move(*end_), std::move(output_)};
}

}  // namespace mqttzoo::core
