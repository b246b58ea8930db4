#include "broker/cluster/sessions/session_channels.hpp"

#include <utility>

namespace mqttzoo::cluster {

bool SessionChannels::begin_turn(core::Now now) {
  now_ = now;
  for (const ChannelId& channel : std::exchange(waiting_, {})) {
    const auto home = homes_.find(channel);
    if (home != homes_.end()) home->second->try_again();
  }
  const std::set<std::uint64_t> paused = std::exchange(paused_, {});
  for (const std::uint64_t serial : paused) {
    const auto frontend = frontends_.find(serial);
    if (frontend != frontends_.end()) frontend->second->try_again();
  }
  return !paused.empty();
}

bool SessionChannels::takes_more(const ChannelId& channel) {
  if (!port_.must_pause()) return true;
  waiting_.insert(channel);
  return false;
}

bool SessionChannels::has_room_to_home(const ChannelId& channel, const Incarnation& home) {
  if (port_.has_room_to_home(home)) return true;
  paused_.insert(channel.serial);
  return false;
}

bool SessionChannels::has_room(const ChannelId& channel) {
  if (port_.has_room_to_frontend(channel)) return true;
  waiting_.insert(channel);
  return false;
}

void SessionChannels::message_left_out(core::SendResult why) {
  const bool too_large = why == core::SendResult::too_large;
  (too_large ? counters_.dropped_client_too_large : counters_.dropped_client_full).add();
}

// ---------------------------------------------------------------- the home's ends

void SessionChannels::open(const ChannelId& channel, PartitionIndex partition, const RemoteClient& client,
                           core::SessionInlet& session) {
  auto& home = homes_[channel];
  ChannelOwner& owner = *this;
  home = std::make_unique<RemoteConnection>(owner, channel, partition, client, session, limits_.session_window_bytes);
  counters_.channels_now.set(homes_.size());
  session.attach(*home);
}

void SessionChannels::close(const ChannelId& channel) {
  const auto home = homes_.find(channel);
  if (home == homes_.end()) return;
  home->second->close();
  homes_.erase(home);
  counters_.channels_now.set(homes_.size());
}

void SessionChannels::close_all_of(const StreamId& frontend) {
  auto home = homes_.lower_bound(ChannelId{frontend, 0});
  while (home != homes_.end() && home->first.frontend == frontend) {
    home->second->close();
    home = homes_.erase(home);
  }
  counters_.channels_now.set(homes_.size());
}

void SessionChannels::close_all() {
  for (const auto& [channel, home] : homes_) home->close();
  homes_.clear();
  counters_.channels_now.set(0);
}

bool SessionChannels::receive_at_home(const SessionPackets& packets) {
  const auto home = homes_.find(packets.channel);
  return home == homes_.end() || home->second->receive(packets.packets, packets.taken_bytes, now_);
}

void SessionChannels::flush_to_frontends() {
  for (const ChannelId& channel : std::exchange(homes_with_output_, {})) {
    const auto home = homes_.find(channel);
    if (home != homes_.end()) port_.send_to_frontend(home->second->take_output());
  }
}

// ---------------------------------------------------------------- the frontend's ends

core::SessionInlet& SessionChannels::serve(const ChannelId& channel, const Incarnation& home,
                                           PartitionIndex partition) {
  auto& frontend = frontends_[channel.serial];
  ChannelOwner& owner = *this;
  frontend =
      std::make_unique<RemoteSession>(owner, channel, home, partition, encoder_, now_, limits_.session_window_bytes);
  return *frontend;
}

void SessionChannels::forget(std::uint64_t serial) {
  const auto frontend = frontends_.find(serial);
  if (frontend == frontends_.end()) return;
  RemoteSession& session = *frontend->second;
  if (session.has_output()) port_.send_to_home(session.home(), session.take_output());
  frontends_.erase(frontend);
}

bool SessionChannels::receive_at_frontend(const Incarnation& home, const SessionPackets& packets) {
  const auto frontend = frontends_.find(packets.channel.serial);
  if (frontend == frontends_.end() || frontend->second->home() != home) return true;
  return frontend->second->receive(packets.packets, packets.taken_bytes);
}

void SessionChannels::flush_to_homes() {
  for (const std::uint64_t serial : std::exchange(frontends_with_output_, {})) {
    const auto frontend = frontends_.find(serial);
    if (frontend == frontends_.end() || !frontend->second->has_output()) continue;
    port_.send_to_home(frontend->second->home(), frontend->second->take_output());
  }
}

}  // namespace mqttzoo::cluster
