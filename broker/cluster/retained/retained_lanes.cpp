#include "broker/cluster/retained/retained_lanes.hpp"

#include <utility>

#include "broker/common/ensure.hpp"

namespace mqttzoo::cluster {

std::uint64_t RetainedLanes::add_retained(core::MessageRef message, core::PublishTicket ticket) {
  const std::uint64_t store_ticket = ++last_ticket_;
  stores_.emplace(store_ticket, message);
  const std::string_view topic = message->view().topic;
  auto lane = lanes_.find(topic);
  if (lane == lanes_.end()) lane = lanes_.emplace(topic, Lane()).first;
  push(lane->second, std::move(message), ticket, store_ticket);
  return store_ticket;
}

void RetainedLanes::add_behind(core::MessageRef message, core::PublishTicket ticket) {
  const auto lane = lanes_.find(message->view().topic);
  ensure(lane != lanes_.end(), "there is a lane to wait in");
  push(lane->second, std::move(message), ticket, 0);
}

void RetainedLanes::push(Lane& lane, core::MessageRef message, core::PublishTicket ticket, std::uint64_t store_ticket) {
  bytes_ += message->footprint_bytes();
  ++size_;
  lane.push_back({{std::move(message), ticket, {}, {}}, store_ticket});
}

void RetainedLanes::answered(const RetainedStored& answer, std::vector<Released>& released) {
  const auto store = stores_.find(answer.ticket);
  if (store == stores_.end()) return;
  const auto found = lanes_.find(store->second->view().topic);
  ensure(found != lanes_.end(), "a publish that is stored has a lane");
  stores_.erase(store);
  Lane& lane = found->second;

  for (std::size_t i = 0; i < lane.size(); ++i) {
    if (lane[i].store_ticket != answer.ticket) continue;
    lane[i].store_ticket = 0;
    lane[i].publish.outcome = answer.outcome;
    lane[i].publish.reason = answer.reason;
    break;
  }
  while (!lane.empty() && lane.front().store_ticket == 0) {
    bytes_ -= lane.front().publish.message->footprint_bytes();
    --size_;
    released.push_back(std::move(lane.front().publish));
    lane.pop_front();
  }
  if (lane.empty()) lanes_.erase(found);
}

std::size_t RetainedLanes::clear() {
  const std::size_t forgotten = std::exchange(size_, 0);
  bytes_ = 0;
  lanes_.clear();
  stores_.clear();
  return forgotten;
}

}  // namespace mqttzoo::cluster
