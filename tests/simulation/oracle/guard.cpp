#include "tests/simulation/oracle/guard.hpp"

#include <algorithm>

#include "proto/mqtt/frame_splitter.hpp"

namespace mqttzoo::sim {

namespace {

// Who asked for so long before another connection of its client did stands, or is gone, or says itself that it stood
// before: whatever clocks say.
constexpr Milliseconds long_before_ms = 5'000;

}  // namespace

const ConnectionRecord* Guard::record_of(const Stream& stream) const {
  for (auto record = history_.connections.rbegin(); record != history_.connections.rend(); ++record) {
    if (record->stream == stream.number) return &*record;
  }
  return nullptr;
}

void Guard::written(BrokerProcess& broker, const Stream& stream, std::string_view bytes) {
  using mqtt::PacketType;
  std::string& unread = unread_[stream.number];
  unread += bytes;
  for (;;) {
    const mqtt::Split split = mqtt::split_frame(unread, mqtt::packet_bytes_max);
    if (split.status != mqtt::SplitStatus::complete) return;
    const PacketType type = split.frame.type();
    if (type == PacketType::connack && split.frame.body.size() >= 2 && split.frame.body[1] == 0) {
      accepted(broker, stream);
    } else if (type == PacketType::puback || type == PacketType::pubrec || type == PacketType::suback) {
      acknowledged(broker, stream, type);
    }
    unread.erase(0, split.frame.total_size);
  }
}

void Guard::accepted(BrokerProcess& broker, const Stream& stream) {
  const ConnectionRecord* const record = record_of(stream);
  if (!record) return;
  const ClientRecord& client = history_.clients[record->client];
  for (auto& [number, other] : served_) {
    if (other.client_id != client.id || !other.persistent || number == stream.number) continue;
    other.replaced = true;
    if (!runs(other)) continue;
    BrokerProcess& theirs = world_.broker(other.broker);
    if (theirs.is_paused() || !theirs.lease_holds()) continue;
    broken_.push_back("P3: " + client.id + " is accepted at " + broker.name() + " at " + std::to_string(world_.now()) +
                      ", and still served at " + other.broker);
  }
  served_[stream.number] = {client.id,
                            client.persistent,
                            broker.place(),
                            world_.process_number(broker.place()),
                            broker.control().retained().counters().reads_cut_off,
                            false};
}

void Guard::acknowledged(BrokerProcess& broker, const Stream& stream, mqtt::PacketType type) {
  const auto found = served_.find(stream.number);
  if (found == served_.end()) return;
  Served& served = found->second;
  if (type == mqtt::PacketType::suback &&
      broker.control().retained().counters().reads_cut_off != served.reads_cut_off) {
    answered_from_memory_.insert(stream.number);
  }
  // PUBREC and SUBACK are the session's: they may have been on their way from its home for a while.
  if (served.replaced && type == mqtt::PacketType::puback) {
    broken_.push_back("P3: " + served.client_id + " gets an acknowledgement at " + broker.name() + " at " +
                      std::to_string(world_.now()) + " on a connection that was replaced");
  }
}

void Guard::ended(BrokerProcess& broker, const Stream& stream, const core::ConnectionEnd& end) {
  broker.say("ends the connection of " + end.client_id + ": " + core::to_string(end.cause) + ", " + end.detail);
  const bool was_served = served_.erase(stream.number) != 0;
  unread_.erase(stream.number);
  over_[stream.number] = world_.now();
  const ConnectionRecord* const record = record_of(stream);
  if (!record || was_served || end.reason != mqtt::ReasonCode::session_taken_over || !must_win(*record)) return;
  broken_.push_back("P3: " + end.client_id + " is not let in at " + broker.name() + " at " +
                    std::to_string(world_.now()) + ", for the sake of an older connection");
}

/// No later one was dialled, and what was dialled before either stood by then or was over. (A CONNECT that its broker
/// read later, as it was paused, may win.)
bool Guard::must_win(const ConnectionRecord& newest) const {
  return std::all_of(history_.connections.begin(), history_.connections.end(), [&](const ConnectionRecord& other) {
    const bool same_client = history_.clients[other.client].id == history_.clients[newest.client].id;
    if (!same_client || &other == &newest) return true;
    if (other.dialled > newest.dialled - long_before_ms) return false;
    const bool stood = other.accepted != never_happened && other.accepted <= newest.dialled;
    const auto over = over_.find(other.stream);
    return stood || (over != over_.end() && over->second <= newest.dialled);
  });
}

void Guard::reported_error(BrokerProcess& broker, std::string_view text) {
  broken_.push_back(broker.name() + " says at " + std::to_string(world_.now()) + ": " + std::string(text));
}

void Guard::judge_end() {
  std::map<std::string, std::string> where;
  for (const auto& [number, served] : served_) {
    if (!runs(served)) continue;
    const auto [other, is_only] = where.try_emplace(served.client_id, served.broker);
    if (!is_only)
      broken_.push_back("P3: " + served.client_id + " is served at " + other->second + " and at " + served.broker +
                        " at the end");
  }
}

}  // namespace mqttzoo::sim
