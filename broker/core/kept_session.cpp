#include "broker/core/kept_session.hpp"

#include <cstddef>
#include <utility>

namespace mqttzoo::core {

namespace {

using namespace session_change;

void apply_one(KeptSession&, Begun&&) {}
void apply_one(KeptSession&, Ended&&) {}

void apply_one(KeptSession& session, Served&& change) {
  session.user_name = std::move(change.user_name);
  session.ends_at = 0;
  session.sent_below = KeptSession::sent_unknown;
}

void apply_one(KeptSession& session, Left&& change) {
  session.ends_at = change.ends_at;
  session.sent_below = change.sent_below;
}

void apply_one(KeptSession& session, Subscribed&& change) {
  session.subscriptions[std::move(change.filter)] = change.options;
}

void apply_one(KeptSession& session, Unsubscribed&& change) { session.subscriptions.erase(change.filter); }

void apply_one(KeptSession& session, Accepted&& change) {
  KeptMessage message{std::move(change.message), change.qos, change.retain, std::move(change.identifiers),
                      std::move(change.share)};
  if (change.number == 0) {
    session.held.push_back(std::move(message));
  } else if (change.number >= session.next_number) {
    session.messages.emplace(change.number, std::move(message));
    session.next_number = change.number + 1;
  }
}

void apply_one(KeptSession& session, Overtaken&& change) {
  for (auto place = change.places.rbegin(); place != change.places.rend(); ++place) {
    if (*place < session.held.size()) session.held.erase(session.held.begin() + static_cast<std::ptrdiff_t>(*place));
  }
}

void apply_one(KeptSession& session, Released&&) {
  for (KeptMessage& message : session.held) session.messages.emplace(session.next_number++, std::move(message));
  session.held.clear();
}

void apply_one(KeptSession& session, Gone&& change) { session.messages.erase(change.number); }

void apply_one(KeptSession& session, Received&& change) {
  const auto found = session.messages.find(change.number);
  if (found != session.messages.end()) found->second.message = {};
}

void apply_one(KeptSession& session, Taken&& change) { session.taken.insert(change.packet_id); }

void apply_one(KeptSession& session, Freed&& change) { session.taken.erase(change.packet_id); }

}  // namespace

void KeptSession::apply(SessionChange&& change) {
  std::visit([this](auto&& one) { apply_one(*this, std::move(one)); }, std::move(change));
}

}  // namespace mqttzoo::core
