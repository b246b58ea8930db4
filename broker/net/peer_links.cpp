#include "broker/net/peer_links.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "broker/common/ensure.hpp"
#include "broker/net/clock.hpp"
#include "broker/net/event_loop.hpp"
#include "broker/net/peer_link.hpp"

namespace mqttzoo::net {

struct PeerLinks::State {
  PeerLinkContext context;
  std::unordered_map<cluster::LinkId, std::shared_ptr<PeerLink>> links{};
  cluster::LinkId next_accepted = cluster::accepted_links;
  mqtt::ByteBuffer nowhere{};  ///< output of a link that is not there
};

PeerLinks::PeerLinks(EventLoop& loop, NetEvents& events, NetCounters& counters, char* read_buffer)
    : state_(new State{.context = {.io = loop.context(),
                                   .events = events,
                                   .counters = counters,
                                   .read_buffer = read_buffer,
                                   .ready = {},
                                   .dirty = {}}}) {}

PeerLinks::~PeerLinks() {
  for (auto& [id, link] : state_->links) link->close();
}

void PeerLinks::attach(cluster::LinkOwner& owner) { state_->context.owner = &owner; }

void PeerLinks::open(cluster::LinkId link, std::string address, proto::Hello hello) {
  auto opened = std::make_shared<PeerLink>(state_->context, link, std::move(address), std::move(hello));
  ensure(link < cluster::accepted_links && state_->links.emplace(link, opened).second, "a link is opened once");
  opened->begin(steady_now());
}

void PeerLinks::close(cluster::LinkId link) {
  const auto found = state_->links.find(link);
  if (found == state_->links.end()) return;
  const auto closed = found->second;  // it may be the one that is just being read
  state_->links.erase(found);
  closed->flush(steady_now());  // what its owner said last
  closed->close();
}

mqtt::ByteBuffer& PeerLinks::output(cluster::LinkId link) {
  const auto found = state_->links.find(link);
  if (found == state_->links.end() || !found->second->is_up()) {
    state_->nowhere.clear();
    return state_->nowhere;
  }
  return found->second->output();
}

void PeerLinks::adopt(AcceptedPeer peer, core::Milliseconds now) {
  const cluster::LinkId id = state_->next_accepted++;
  if (state_->next_accepted < cluster::accepted_links) state_->next_accepted = cluster::accepted_links;
  auto link =
      std::make_shared<PeerLink>(state_->context, id, std::move(peer.address), std::move(peer.socket), peer.is_v6);
  state_->links.emplace(id, link);
  link->begin_accepted(peer.hello, peer.early, now);
}

void PeerLinks::turn(core::Milliseconds now) {
  const auto ready = std::exchange(state_->context.ready, {});
  for (const auto& link : ready) {
    if (!link->is_closed()) link->turn(now);
  }
  std::vector<std::shared_ptr<PeerLink>> due;
  for (const auto& [id, link] : state_->links) {
    if (link->deadline() <= now) due.push_back(link);
  }
  for (const auto& link : due) link->turn(now);
}

void PeerLinks::flush(core::Milliseconds now) {
  const auto dirty = std::exchange(state_->context.dirty, {});
  for (const auto& link : dirty) link->flush(now);
  std::erase_if(state_->links, [](const auto& entry) { return entry.second->is_closed(); });
}

bool PeerLinks::has_work() const { return !state_->context.ready.empty() || !state_->context.dirty.empty(); }

core::Milliseconds PeerLinks::next_deadline() const {
  core::Milliseconds next = never;
  for (const auto& [id, link] : state_->links) next = std::min(next, link->deadline());
  return next;
}

}  // namespace mqttzoo::net
